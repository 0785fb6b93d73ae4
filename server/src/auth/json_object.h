// A JSON object from outside, in which no member stands twice: what two readers could read in two ways is refused.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobwire/result.h"
#include "json_tape.h"

namespace jobwire::auth {

class JsonObject {
 public:
  // The text is kept. Errors are bad_json.
  static Result<JsonObject> parse(std::string text, std::size_t most_bytes);
  // Of a value whose tape the caller keeps; nullopt: no object, or a member stands twice.
  static std::optional<JsonObject> of(json::Value value);

  JsonObject(JsonObject&&) = default;
  JsonObject& operator=(JsonObject&&) = default;

  std::optional<json::Value> find(std::string_view name) const;       // null is not there
  std::optional<std::string_view> text(std::string_view name) const;  // nullopt: not there, or no string
  bool has(std::string_view name) const { return find(name).has_value(); }

 private:
  struct Owned {
    std::string text;
    std::optional<json::Tape> tape;
  };
  JsonObject() = default;
  bool read(json::Value value);

  std::unique_ptr<Owned> owned_;  // the tape refers to the text, and the members to the tape
  std::vector<std::pair<std::string_view, json::Value>> members_;
};

}  // namespace jobwire::auth
