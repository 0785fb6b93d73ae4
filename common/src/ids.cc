#include "jobwire/ids.h"

#include <cstdint>
#include <cstring>

namespace jobwire {
namespace {

// Bytes of the UTF-8 sequence that begins here, or 0 where none does (RFC 3629: no overlong forms, no surrogates).
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
  const auto continues = [&](std::size_t i) { return i < left && (at[i] & 0xc0) == 0x80; };
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!continues(1) || !continues(2)) return 0;
    if (lead == 0xe0 && at[1] < 0xa0) return 0;
    if (lead == 0xed && at[1] > 0x9f) return 0;
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xf0 && at[1] < 0x90) return 0;
    if (lead == 0xf4 && at[1] > 0x8f) return 0;
    return 4;
  }
  return 0;
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
