// Cursor: how far a client has seen the log. On the wire "epoch:offset", opaque to clients.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobwire/result.h"

namespace jobwire {

struct Cursor {
  std::uint64_t epoch = 0;  // 16 hexadecimal digits on the wire
  std::int64_t offset = 0;  // 0 .. 2^53-1
  auto operator<=>(const Cursor&) const = default;
};

std::string to_string(const Cursor& cursor);
Result<Cursor> parse_cursor(std::string_view text);
bool read_cursor(std::string_view text, Cursor& into);  // the same, for who needs no words

}  // namespace jobwire
