#include "jobwire/json_object.h"

#include "json_tape.h"

namespace jobwire {

Result<JsonObject> JsonObject::parse(std::string_view text, const CodecLimits& limits, std::string_view field) {
  const Result<json::Tape> tape = json::Tape::parse(text, limits.message_bytes, limits.depth);
  if (!tape) return tape.error();
  const json::Value root = tape->root();
  if (!root.is(json::Kind::object)) {
    return Error{ErrorCode::bad_request, std::string(field) + " must be an object", std::string(field), 0};
  }
  JsonObject object;
  for (auto [key, end] = root.children(); key != end; key = key.value().next()) {
    const json::Value value = key.value();
    const std::string_view as_text = value.is(json::Kind::string) ? value.text() : value.raw();
    object.members_.push_back({std::string(key.text()), static_cast<Kind>(value.kind()), std::string(as_text),
                               RawJson{std::string(value.raw())}});
  }
  return object;
}

const JsonObject::Member* JsonObject::find(std::string_view name) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->name == name) return &*member;
  }
  return nullptr;
}

Result<std::string> JsonObject::text(std::string_view name, bool numbers) const {
  const Member* member = find(name);
  if (member == nullptr || member->kind == Kind::null) return std::string();
  if (member->kind == Kind::string || (numbers && member->kind == Kind::number)) return member->text;
  return Error{ErrorCode::bad_request, std::string(name) + " must be a string", std::string(name), 0};
}

}  // namespace jobwire
