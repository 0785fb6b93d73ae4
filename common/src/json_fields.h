// Reads known fields and checks their rules. The first broken rule is kept as the error; later reads change nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/codec.h"
#include "json_tape.h"

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

// One member of an object: its name, the rule that it is read by, and where it goes. One loop reads all objects by such
// lists, where a comparison and a call for each name would be code that every page downloads.
struct Member {
  enum class Rule : std::uint8_t { id, id_or_empty, text, raw, count, maybe_count, boolean, percent, metadata };
  std::string_view name;
  Rule rule;
  void* into;
};
inline Member id(std::string_view name, std::string& into) { return {name, Member::Rule::id, &into}; }
inline Member id_or_empty(std::string_view name, std::string& into) { return {name, Member::Rule::id_or_empty, &into}; }
inline Member text(std::string_view name, std::string& into) { return {name, Member::Rule::text, &into}; }
inline Member raw(std::string_view name, RawJson& into) { return {name, Member::Rule::raw, &into}; }
inline Member count(std::string_view name, std::int64_t& into) { return {name, Member::Rule::count, &into}; }
inline Member maybe_count(std::string_view name, std::optional<std::int64_t>& into) {
  return {name, Member::Rule::maybe_count, &into};  // null: none
}
inline Member boolean(std::string_view name, bool& into) { return {name, Member::Rule::boolean, &into}; }
inline Member percent(std::string_view name, Percent& into) { return {name, Member::Rule::percent, &into}; }
inline Member metadata(std::string_view name, Metadata& into) { return {name, Member::Rule::metadata, &into}; }

// Reads the member that `key` names; false: none does. `object` stands before the name in errors ("job.").
bool read_member(Fields& fields, std::span<const Member> members, std::string_view key, Value value,
                 std::string_view object = {});
// The same for all members of an object that is no more than its list.
void read_members(Fields& fields, Value object, std::string_view name, std::span<const Member> members,
                  std::string_view prefix = {});

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

inline constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

}  // namespace jobwire::json
