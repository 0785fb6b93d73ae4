#include "jobwire/ids.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace jobwire {
namespace {

// Bytes of the UTF-8 sequence that begins here, or 0 where none does (RFC 3629: no overlong forms, no surrogates).
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // of so many bytes
  const auto length = static_cast<std::size_t>(std::countl_one(at[0]));
  if (length == 0) return 1;
  if (length == 1 || length > 4 || length > left) return 0;
  std::uint32_t point = at[0] & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((at[i] & 0xc0) != 0x80) return 0;
    point = point << 6 | (at[i] & 0x3fu);
  }
  const bool is_good = point >= kLeast[length] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return is_good ? length : 0;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t word = 0;
    if (text.size() - at >= sizeof word) {
      std::memcpy(&word, bytes + at, sizeof word);
      if ((word & kHighBits) == 0) {
        at += sizeof word;
        continue;
      }
    }
    const std::size_t length = sequence_length(bytes + at, text.size() - at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

bool is_valid_utf8(std::string_view text) { return utf8_prefix(text) == text.size(); }

const char* broken_id_rule(std::string_view id) {
  if (id.empty()) return " must not be empty";
  if (id.size() > kMaxIdBytes) return " must be at most 128 bytes";
  if (id == "." || id == "..") return " must not be '.' or '..'";
  for (const unsigned char c : id) {
    if (c < 0x20 || c == 0x7f) return " must not hold control characters";
  }
  return is_valid_utf8(id) ? nullptr : " must be UTF-8";
}

Status check_id(std::string_view id, std::string_view field) {
  const char* const rule = broken_id_rule(id);
  if (rule == nullptr) return Done{};
  return Error{ErrorCode::bad_request, std::string(field) + rule, std::string(field)};
}

}  // namespace jobwire
