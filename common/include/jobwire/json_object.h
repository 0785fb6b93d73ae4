// The members of one JSON object that somebody sent: for small ones with a few known members, such as a client's
// request. What a page downloads reads its objects by json_fields instead.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/codec.h"
#include "jobwire/job_state.h"
#include "jobwire/result.h"

namespace jobwire {

class JsonObject {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, object, array };
  struct Member {
    std::string name;
    Kind kind;
    std::string text;  // of a string; of any other value its JSON
    RawJson json;
  };

  // Errors are bad_json, or bad_request where it is no object; `field` names it in the latter.
  static Result<JsonObject> parse(std::string_view text, const CodecLimits& limits = {}, std::string_view field = {});

  // Null where it is absent; of a repeated name the last one.
  const Member* find(std::string_view name) const;
  // Absent and null are empty; a number is taken as its digits where `numbers` says so; else bad_request.
  Result<std::string> text(std::string_view name, bool numbers = false) const;
  const std::vector<Member>& members() const { return members_; }

 private:
  std::vector<Member> members_;
};

}  // namespace jobwire
