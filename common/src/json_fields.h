// Reads known fields and checks their rules. The first broken rule is kept as the error; later reads change nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/codec.h"
#include "json_tape.h"
#include "json_values.h"

namespace jobwire::json {

class Fields {
 public:
  explicit Fields(const CodecLimits& limits) : limits_(limits) {}

  bool ok() const { return !error_; }
  const Error& error() const { return *error_; }
  void refuse(std::string_view field, const char* rule, ErrorCode code = ErrorCode::bad_request);
  void refuse(Error error);

  bool object(Value value, std::string_view field);
  bool array(Value value, std::string_view field);
  std::string text(Value value, std::string_view field);  // at most text_bytes
  std::string text_of(Value value, std::string_view field, std::size_t most);
  std::string id(Value value, std::string_view field);
  std::string id_or_empty(Value value, std::string_view field);  // null and "" are empty
  std::int64_t integer(Value value, std::string_view field, std::int64_t least, std::int64_t most);
  bool boolean(Value value, std::string_view field);
  Percent percent(Value value, std::string_view field);
  RawJson raw(Value value, std::string_view field);  // at most result_bytes
  Metadata metadata(Value value, std::string_view field);
  JobError job_error(Value value, std::string_view field);
  std::optional<Cursor> cursor(Value value);
  std::vector<Channel> channels(Value value, std::string_view field);
  std::vector<JobId> job_ids(Value value, std::string_view field);

  const CodecLimits& limits() const { return limits_; }

 private:
  const CodecLimits& limits_;
  std::optional<Error> error_;
};

// A borrowed callable for each member of an object: one loop for all readers, instead of one in each.
class MemberReader {
 public:
  template <class Read>
  MemberReader(const Read& read)
      : read_(&read), call_([](const void* borrowed, std::string_view key, Value value) {
          (*static_cast<const Read*>(borrowed))(key, value);
        }) {}
  void operator()(std::string_view key, Value value) const { call_(read_, key, value); }

 private:
  const void* read_;
  void (*call_)(const void*, std::string_view, Value);
};

// Calls `read(key, value)` for each member of an object; `name` is the object's in errors.
void each_member(Fields& fields, Value object, std::string_view name, MemberReader read);

}  // namespace jobwire::json
