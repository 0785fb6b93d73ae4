// Any text as JSON: the tape reads it as RapidJSON does, and every span lies in its text.
#include "fuzz.h"
#include "support/json_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string told = jobwire::json_oracle::tape_tells(text);
  const auto expected = jobwire::json_oracle::rapidjson_tells(text);
  jobwire::fuzz::promise(!expected || *expected == told, "both read the same");
  return 0;
}
