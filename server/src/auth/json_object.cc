#include "auth/json_object.h"

#include <algorithm>

namespace jobwire::auth {
namespace {

constexpr std::size_t kMostDepth = 16;
constexpr std::size_t kMostMembers = 256;  // each is compared with those before it

}  // namespace

Result<JsonObject> JsonObject::parse(std::string text, std::size_t most_bytes) {
  JsonObject object;
  object.owned_ = std::make_unique<Owned>();
  object.owned_->text = std::move(text);
  auto tape = json::Tape::parse(object.owned_->text, most_bytes, kMostDepth);
  if (!tape) return tape.error();
  object.owned_->tape = std::move(*tape);
  if (!object.read(object.owned_->tape->root())) {
    return Error{ErrorCode::bad_json, "it must be a JSON object in which no member stands twice", {}, 0};
  }
  return object;
}

std::optional<JsonObject> JsonObject::of(json::Value value) {
  JsonObject object;
  if (!object.read(value)) return std::nullopt;
  return object;
}

bool JsonObject::read(json::Value value) {
  if (!value.is(json::Kind::object)) return false;
  for (auto [at, end] = value.children(); at != end; at = at.value().next()) {
    const std::string_view name = at.text();
    const auto same = [&](const auto& member) { return member.first == name; };
    if (members_.size() == kMostMembers || std::any_of(members_.begin(), members_.end(), same)) return false;
    members_.emplace_back(name, at.value());
  }
  return true;
}

std::optional<json::Value> JsonObject::find(std::string_view name) const {
  for (const auto& [key, value] : members_) {
    if (key == name && !value.is(json::Kind::null)) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> JsonObject::text(std::string_view name) const {
  const auto value = find(name);
  if (!value || !value->is(json::Kind::string)) return std::nullopt;
  return value->text();
}

}  // namespace jobwire::auth
