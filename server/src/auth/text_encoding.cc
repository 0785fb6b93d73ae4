#include "auth/text_encoding.h"

#include <cstdint>

namespace jobwire::auth {
namespace {

constexpr std::string_view kBase64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";

template <int kBits>  // of a character
std::string encode(std::string_view alphabet, std::string_view bytes) {
  constexpr std::uint32_t kMask = (1u << kBits) - 1;
  std::string text;
  text.reserve((bytes.size() * 8 + kBits - 1) / kBits);
  std::uint32_t held = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    held = (held << 8 | byte) & ((1u << (kBits + 8)) - 1);  // less than a character is left over before each byte
    bits += 8;
    while (bits >= kBits) text += alphabet[held >> (bits -= kBits) & kMask];
  }
  if (bits > 0) text += alphabet[held << (kBits - bits) & kMask];
  return text;
}

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

}  // namespace

std::string base64url(std::string_view bytes) { return encode<6>(kBase64url, bytes); }

std::string base32(std::string_view bytes) { return encode<5>(kBase32, bytes); }

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    held = (held << 6 | static_cast<std::uint32_t>(value)) & 0x3fff;
    bits += 6;
    if (bits >= 8) bytes += static_cast<char>(held >> (bits -= 8) & 0xff);
  }
  if ((held & ((1u << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace jobwire::auth
