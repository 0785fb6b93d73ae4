#include "jobwire/cursor.h"

namespace jobwire {
namespace {

constexpr std::size_t kEpochDigits = 16;
constexpr std::int64_t kMaxOffset = (std::int64_t{1} << 53) - 1;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Result<Cursor> refuse() {
  return Error{ErrorCode::bad_request, "cursor must be one that this server gave: epoch:offset", "cursor"};
}

}  // namespace

std::string to_string(const Cursor& cursor) {
  std::string text(kEpochDigits + 1, ':');
  for (std::size_t i = 0; i < kEpochDigits; ++i) {
    text[i] = "0123456789abcdef"[(cursor.epoch >> (60 - 4 * i)) & 15];
  }
  return text + std::to_string(cursor.offset);
}

Result<Cursor> parse_cursor(std::string_view text) {
  if (text.size() < kEpochDigits + 2 || text.size() > kEpochDigits + 17 || text[kEpochDigits] != ':') return refuse();
  Cursor cursor;
  for (std::size_t i = 0; i < kEpochDigits; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return refuse();
    cursor.epoch = cursor.epoch << 4 | static_cast<std::uint64_t>(digit);
  }
  for (const char c : text.substr(kEpochDigits + 1)) {
    if (c < '0' || c > '9') return refuse();
    cursor.offset = cursor.offset * 10 + (c - '0');
  }
  if (cursor.offset > kMaxOffset) return refuse();
  return cursor;
}

}  // namespace jobwire
