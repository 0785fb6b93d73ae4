// Identifiers: UTF-8, 1 to 128 bytes, no control characters, not "." or ".." (PROTOCOL.md, "Identifiers").
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "jobwire/result.h"

namespace jobwire {

template <class Tag>
struct Id {
  std::string value;
  bool empty() const { return value.empty(); }
  bool operator==(const Id&) const = default;
  // Written out: Emscripten's libc++ has no operator<=> for std::string.
  std::strong_ordering operator<=>(const Id& other) const { return value.compare(other.value) <=> 0; }
};

using JobId = Id<struct JobIdTag>;
using UserId = Id<struct UserIdTag>;

inline constexpr std::size_t kMaxIdBytes = 128;

// The rule above; `field` is named in the error.
Status check_id(std::string_view id, std::string_view field);
// The rule that an id breaks (" must not be empty"), or null.
const char* broken_id_rule(std::string_view id);
bool is_valid_utf8(std::string_view text);
std::size_t utf8_prefix(std::string_view text);  // bytes before the first that is not UTF-8

}  // namespace jobwire

template <class Tag>
struct std::hash<jobwire::Id<Tag>> {
  std::size_t operator()(const jobwire::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
