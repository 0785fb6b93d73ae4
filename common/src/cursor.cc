#include "jobwire/cursor.h"

#include "jobwire/json_writer.h"

namespace jobwire {
namespace {

constexpr std::size_t kEpochDigits = 16;
constexpr std::int64_t kMaxOffset = (std::int64_t{1} << 53) - 1;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string to_string(const Cursor& cursor) {
  std::string text(kEpochDigits + 1, ':');
  for (std::size_t i = 0; i < kEpochDigits; ++i) {
    text[i] = "0123456789abcdef"[(cursor.epoch >> (60 - 4 * i)) & 15];
  }
  append_integer(text, cursor.offset);
  return text;
}

bool read_cursor(std::string_view text, Cursor& into) {
  if (text.size() < kEpochDigits + 2 || text.size() > kEpochDigits + 17 || text[kEpochDigits] != ':') return false;
  Cursor cursor;
  for (std::size_t i = 0; i < kEpochDigits; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return false;
    cursor.epoch = cursor.epoch << 4 | static_cast<std::uint64_t>(digit);
  }
  for (const char c : text.substr(kEpochDigits + 1)) {
    if (c < '0' || c > '9') return false;
    cursor.offset = cursor.offset * 10 + (c - '0');
  }
  into = cursor;
  return cursor.offset <= kMaxOffset;
}

Result<Cursor> parse_cursor(std::string_view text) {
  Cursor cursor;
  if (read_cursor(text, cursor)) return cursor;
  return Error{ErrorCode::bad_request, "cursor must be one that this server gave: epoch:offset", "cursor"};
}

}  // namespace jobwire
