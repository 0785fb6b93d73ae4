// Socket.IO's packets: one that is taken keeps the rules of its type, and is written as what means the same.
#include "jobwire/socketio.h"

#include "fuzz.h"
#include "jobwire/ids.h"
#include "jobwire/json_object.h"

namespace jobwire::fuzz {
namespace {

using namespace socketio;

void check_payload(const Packet& packet) {
  const bool is_event = packet.type == PacketType::event || packet.type == PacketType::binary_event;
  const bool is_ack = packet.type == PacketType::ack || packet.type == PacketType::binary_ack;
  promise(!is_event || !is_reserved(packet.event), "nobody says a reserved name");
  promise(packet.event.size() <= 256 && is_valid_utf8(packet.event), "an event's name is short text");
  promise(!is_ack || packet.id.has_value(), "an acknowledgement names what it answers");
  promise(is_event || is_ack || packet.values.empty(), "only events and acknowledgements have arguments");
  promise(packet.object.empty() || JsonObject::parse(packet.object.text), "what is no array is an object");
  for (const RawJson& value : packet.values) {
    promise(bool(JsonObject::parse("{\"value\":" + value.text + "}")), "an argument is JSON");
  }
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jobwire;
  using fuzz::promise;
  const auto packet = socketio::decode({reinterpret_cast<const char*>(data), size});
  if (!packet) {
    promise(!packet.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  const bool binary =
      packet->type == socketio::PacketType::binary_event || packet->type == socketio::PacketType::binary_ack;
  promise(packet->attachments <= socketio::kMostAttachments, "attachments are few");
  promise(binary || packet->attachments == 0, "only a binary packet has attachments");
  promise(packet->name_space.starts_with('/') && packet->name_space.size() <= 256, "a namespace begins with a slash");
  fuzz::check_payload(*packet);
  const std::string text = socketio::encode(*packet);
  promise(is_valid_utf8(text), "what is written is UTF-8");
  const auto again = socketio::decode(text);
  promise(again && *again == *packet, "a packet is read as it was written");
  return 0;
}
