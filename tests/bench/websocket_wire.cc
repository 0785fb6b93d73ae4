#include "websocket_wire.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <strings.h>

#include <array>

namespace jobwire::bench {
namespace {

std::uint64_t big_endian(const unsigned char* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

std::string head(std::size_t size, Opcode opcode, bool masked) {
  std::string out(1, static_cast<char>(0x80 | static_cast<int>(opcode)));
  const int mask_bit = masked ? 0x80 : 0;
  const int extra = size < 126 ? 0 : size < 65536 ? 2 : 8;
  out.push_back(static_cast<char>(mask_bit | (extra == 0 ? static_cast<int>(size) : extra == 2 ? 126 : 127)));
  for (int shift = (extra - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
  if (masked) out.append(4, '\0');
  return out;
}

void unmask(char* payload, std::size_t size, const unsigned char* key) {
  for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
}

}  // namespace

std::optional<FrameView> parse_frame(char* buffer, std::size_t size) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(buffer);
  if (size < 2) return std::nullopt;
  const bool masked = (bytes[1] & 0x80) != 0;
  const int length = bytes[1] & 0x7f;
  const int extra = length < 126 ? 0 : length == 126 ? 2 : 8;
  const std::size_t head_size = 2 + static_cast<std::size_t>(extra) + (masked ? 4 : 0);
  if (size < head_size) return std::nullopt;
  const std::uint64_t payload = extra == 0 ? static_cast<std::uint64_t>(length) : big_endian(bytes + 2, extra);
  if (size - head_size < payload) return std::nullopt;
  if (masked) unmask(buffer + head_size, payload, bytes + head_size - 4);
  return FrameView{static_cast<Opcode>(bytes[0] & 0x0f), {buffer + head_size, payload}, head_size + payload};
}

std::string server_frame(std::string_view payload, Opcode opcode) {
  return head(payload.size(), opcode, false).append(payload);
}

std::string client_frame(std::string_view payload, Opcode opcode) {
  return head(payload.size(), opcode, true).append(payload);
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 32> encoded;
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

std::string upgrade_request(std::string_view target, std::string_view protocol) {
  std::string out = "GET " + std::string(target) +
                    " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (!protocol.empty()) out.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
  return out + "\r\n";
}

std::string upgrade_response(std::string_view key) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         accept_key(key) + "\r\n\r\n";
}

std::string_view head_field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    if (head.size() - at <= name.size() || head[at + name.size()] != ':') continue;
    if (strncasecmp(head.data() + at, name.data(), name.size()) != 0) continue;
    std::size_t begin = at + name.size() + 1;
    while (begin < head.size() && head[begin] == ' ') ++begin;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  return {};
}

}  // namespace jobwire::bench
