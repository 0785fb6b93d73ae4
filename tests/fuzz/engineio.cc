// Engine.IO's packets, and the HTTP bodies that carry several: what is read is written as what means the same.
#include "jobwire/engineio.h"

#include "fuzz.h"

namespace jobwire::fuzz {
namespace {

using namespace engineio;

void check_packet(const Packet& packet) {
  promise(!packet.binary || packet.type == PacketType::message, "only messages are binary");
  const std::string text = encode(packet);
  const auto again = decode(text);
  promise(again && *again == packet, "a packet is read as it was written");
  promise(!packet.binary || text.find('\x1e') == std::string::npos, "bytes never look like the end of a packet");
}

void check_payload(std::string_view text) {
  constexpr std::size_t kMost = 20;
  const auto packets = decode_payload(text, kMost);
  if (!packets) return promise(!packets.error().message.empty(), "an error says what is wrong");
  promise(!packets->empty() && packets->size() <= kMost, "a body holds packets, and not too many");
  std::vector<std::string> encoded;
  for (const Packet& packet : *packets) {
    check_packet(packet);
    encoded.push_back(encode(packet));
  }
  const auto again = decode_payload(encode_payload(encoded), kMost);
  promise(again && *again == *packets, "a body is read as it was written");
}

void check_base64(std::string_view text) {
  const auto decoded = decode_base64(encode_base64(text));
  promise(decoded && *decoded == text, "any bytes pass through base64");
  const auto bytes = decode_base64(text);
  if (!bytes) return;
  promise(bytes->size() <= text.size(), "base64 is longer than what it says");
  const auto again = decode_base64(encode_base64(*bytes));
  promise(again && *again == *bytes, "bytes that were read can be written");
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jobwire;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto packet = engineio::decode(text)) fuzz::check_packet(*packet);
  fuzz::check_payload(text);
  fuzz::check_base64(text);
  return 0;
}
