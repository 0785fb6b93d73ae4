#include "jobwire/json_object.h"

#include <algorithm>

#include "json_tape.h"

namespace jobwire {
namespace {

constexpr std::size_t kMostUnrepeated = 256;  // each is compared with those before it

static_assert(static_cast<int>(JsonValue::Kind::array) == static_cast<int>(json::Kind::array));

JsonValue value_of(json::Value value) {
  const std::string_view text = value.is(json::Kind::string) ? value.text() : value.raw();
  return {static_cast<JsonValue::Kind>(value.kind()), std::string(text), RawJson{std::string(value.raw())}};
}

Error bad(std::string_view field, const char* rule) {
  return {ErrorCode::bad_request, std::string(field) + rule, std::string(field), 0};
}

}  // namespace

Result<JsonObject> JsonObject::parse(std::string_view text, const CodecLimits& limits, std::string_view field,
                                     Repeats repeats) {
  const Result<json::Tape> tape = json::Tape::parse(text, limits.message_bytes, limits.depth);
  if (!tape) return tape.error();
  const json::Value root = tape->root();
  if (!root.is(json::Kind::object)) return bad(field, " must be an object");
  JsonObject object;
  for (auto [key, end] = root.children(); key != end; key = key.value().next()) {
    if (repeats == Repeats::refused && object.members_.size() == kMostUnrepeated) {
      return bad(field, " must have at most 256 members");
    }
    if (repeats == Repeats::refused && object.find(key.text()) != nullptr) {
      return bad(field, " must have no member twice");
    }
    object.members_.push_back({value_of(key.value()), std::string(key.text())});
  }
  return object;
}

const JsonObject::Member* JsonObject::find(std::string_view name) const {
  const auto is_it = [&](const Member& member) { return member.name == name; };
  const auto at = std::find_if(members_.rbegin(), members_.rend(), is_it);
  return at == members_.rend() ? nullptr : &*at;
}

const JsonObject::Member* JsonObject::find_value(std::string_view name) const {
  const Member* member = find(name);
  return member == nullptr || member->is(Kind::null) ? nullptr : member;
}

Result<std::string> JsonObject::text(std::string_view name) const {
  const Member* member = find_value(name);
  if (member == nullptr) return std::string();
  if (member->is(Kind::string)) return member->text;
  return bad(name, " must be a string");
}

std::optional<std::string_view> JsonObject::string(std::string_view name) const {
  const Member* member = find(name);
  if (member == nullptr || !member->is(Kind::string)) return std::nullopt;
  return member->text;
}

Result<std::vector<JsonValue>> json_elements(std::string_view text, std::size_t most, const CodecLimits& limits) {
  const Result<json::Tape> tape = json::Tape::parse(text, limits.message_bytes, limits.depth);
  if (!tape) return tape.error();
  if (!tape->root().is(json::Kind::array)) return bad({}, "it must be an array");
  std::vector<JsonValue> elements;
  for (auto [at, end] = tape->root().children(); at != end; at = at.next()) {
    if (elements.size() == most) return bad({}, "it holds too many elements");
    elements.push_back(value_of(at));
  }
  return elements;
}

}  // namespace jobwire
