#include "json_text.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace jobwire::json {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

}  // namespace

const char* end_of_plain(const char* at, const char* end, std::uint64_t& seen) {
  static_assert(std::endian::native == std::endian::little);
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    // A borrow can mark bytes above the first that counts, never below it.
    const std::uint64_t found =
        (((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash) | ((word - kOnes * 0x20) & ~word)) & kHighs;
    if (found == 0) {
      seen |= word & kHighs;
      at += sizeof word;
      continue;
    }
    const int before = std::countr_zero(found) & ~7;
    seen |= word & kHighs & ((std::uint64_t{1} << before) - 1);
    return at + before / 8;
  }
  for (; at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20; ++at) {
    seen |= static_cast<unsigned char>(*at) & kHighs;
  }
  return at;
}

}  // namespace jobwire::json
