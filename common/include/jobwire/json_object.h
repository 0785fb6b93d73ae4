// JSON that somebody sent, as values: the members of one object, the elements of one array. For small ones with a few
// known members, such as a client's request or a token's claims. What a page downloads is read by json_fields instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/codec.h"
#include "jobwire/job_state.h"
#include "jobwire/result.h"

namespace jobwire {

struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, object, array };
  Kind kind = Kind::null;
  std::string text;  // of a string; of any other value its JSON
  RawJson json;

  bool is(Kind wanted) const { return kind == wanted; }
  bool is_true() const { return kind == Kind::boolean && text == "true"; }
};

class JsonObject {
 public:
  using Kind = JsonValue::Kind;
  struct Member : JsonValue {
    std::string name;
  };
  // Of a member that stands twice the last one counts, as in JSON.parse; or the object is refused, where two readers
  // must not read it in two ways (it has at most 256 members then).
  enum class Repeats : std::uint8_t { last_counts, refused };

  // Errors are bad_json, or bad_request where it is no object; `field` names it in the latter.
  static Result<JsonObject> parse(std::string_view text, const CodecLimits& limits = {}, std::string_view field = {},
                                  Repeats repeats = Repeats::last_counts);

  // Null where it is absent.
  const Member* find(std::string_view name) const;
  const Member* find_value(std::string_view name) const;  // neither where it is null
  bool has(std::string_view name) const { return find_value(name) != nullptr; }
  // Absent and null are empty; what is no string is bad_request and names the member.
  Result<std::string> text(std::string_view name) const;
  // nullopt: absent, or no string.
  std::optional<std::string_view> string(std::string_view name) const;
  const std::vector<Member>& members() const { return members_; }

 private:
  std::vector<Member> members_;
};

// bad_json, or bad_request where it is no array, or more than `most`.
Result<std::vector<JsonValue>> json_elements(std::string_view text, std::size_t most, const CodecLimits& limits = {});

}  // namespace jobwire
