#include "jobwire/engineio.h"

#include <array>

#include "jobwire/json_writer.h"

namespace jobwire::engineio {
namespace {

constexpr char kSeparator = '\x1e';
constexpr char kBinary = 'b';
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Error bad(const char* rule) { return {ErrorCode::bad_request, rule, "packet", 0}; }

constexpr std::array<std::int8_t, 256> sextets() {
  std::array<std::int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}
constexpr std::array<std::int8_t, 256> kSextets = sextets();

}  // namespace

std::string encode(const Packet& packet) {
  if (packet.binary) return kBinary + encode_base64(packet.body);
  std::string text(1, static_cast<char>('0' + static_cast<int>(packet.type)));
  return text += packet.body;
}

Result<Packet> decode(std::string_view text) {
  if (text.empty()) return bad("a packet has a type");
  if (text.front() == kBinary) {
    Result<std::string> bytes = decode_base64(text.substr(1));
    if (!bytes) return bytes.error();
    return Packet{PacketType::message, std::move(*bytes), true};
  }
  if (text.front() < '0' || text.front() > '6') return bad("a packet's type is 0 to 6, or b");
  return Packet{static_cast<PacketType>(text.front() - '0'), std::string(text.substr(1)), false};
}

std::string encode_payload(const std::vector<std::string>& packets) {
  std::string body;
  for (const std::string& packet : packets) {
    if (!body.empty()) body += kSeparator;
    body += packet;
  }
  return body;
}

Result<std::vector<Packet>> decode_payload(std::string_view body, std::size_t most) {
  std::vector<Packet> packets;
  while (true) {
    const std::size_t end = body.find(kSeparator);
    Result<Packet> packet = decode(body.substr(0, end));
    if (!packet) return packet.error();
    if (packets.size() == most) return Error{ErrorCode::too_large, "too many packets in one body", "packet", 0};
    packets.push_back(std::move(*packet));
    if (end == std::string_view::npos) return packets;
    body.remove_prefix(end + 1);
  }
}

std::string encode_handshake(const Handshake& handshake) {
  std::string text = "0";
  JsonWriter json(text);
  json.begin_object().field("sid", handshake.sid).key("upgrades").begin_array();
  if (handshake.upgrade_to_websocket) json.string("websocket");
  json.end_array().field("pingInterval", handshake.ping_interval).field("pingTimeout", handshake.ping_timeout);
  json.field("maxPayload", handshake.max_payload).end_object();
  return text;
}

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) text += j <= left ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

Result<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return bad("base64 never has this length");
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::int8_t sextet = kSextets[static_cast<unsigned char>(c)];
    if (sextet < 0) return bad("this is not base64");
    group = group << 6 | static_cast<std::uint32_t>(sextet);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 0xff);
  }
  return bytes;
}

}  // namespace jobwire::engineio
