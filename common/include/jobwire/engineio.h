// Engine.IO protocol v4 on the wire: packets, and the payloads that carry several of them over HTTP.
// https://github.com/socketio/engine.io-protocol
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::engineio {

// On the wire: '0' to '6'.
enum class PacketType : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

struct Packet {
  PacketType type = PacketType::noop;
  std::string body;
  bool binary = false;  // a message of bytes; never with another type
  bool operator==(const Packet&) const = default;
};

// As text: the type's digit and the body; a binary message is 'b' and base64 (RFC 4648 section 4, padded).
std::string encode(const Packet& packet);
Result<Packet> decode(std::string_view text);

// Packets of one HTTP body, separated by U+001E. Empty: no packet, an error; more than `most`: too_large.
std::string encode_payload(const std::vector<std::string>& packets);  // encoded ones
Result<std::vector<Packet>> decode_payload(std::string_view body, std::size_t most = 1000);

// What the open packet says.
struct Handshake {
  std::string sid;
  bool upgrade_to_websocket = false;
  DurationMs ping_interval = 0;
  DurationMs ping_timeout = 0;
  std::size_t max_payload = 0;  // bytes of one HTTP body
};
std::string encode_handshake(const Handshake& handshake);  // the open packet

std::string encode_base64(std::string_view bytes);
Result<std::string> decode_base64(std::string_view text);  // padding may be left out; nothing else may

}  // namespace jobwire::engineio
