#include "jobwire/socketio.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "jobwire/ids.h"
#include "jobwire/json_writer.h"
#include "json_tape.h"

namespace jobwire::socketio {
namespace {

constexpr std::array<std::string_view, 6> kReserved = {"connect",       "connect_error", "disconnect",
                                                       "disconnecting", "newListener",   "removeListener"};
constexpr std::size_t kMostNamespaceBytes = 256;
constexpr std::size_t kMostEventBytes = 256;

Error bad(const char* rule, const char* field = "packet") { return {ErrorCode::bad_request, rule, field, 0}; }

bool is_binary(PacketType type) { return type == PacketType::binary_event || type == PacketType::binary_ack; }
bool is_event(PacketType type) { return type == PacketType::event || type == PacketType::binary_event; }
bool is_ack(PacketType type) { return type == PacketType::ack || type == PacketType::binary_ack; }

// Digits at the front of `text`, taken away; none: nothing.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// {"_placeholder":true,"num":n}: counts those that name one of the attachments; false: one names another.
bool count_placeholders(json::Value value, std::size_t attachments, std::size_t& found) {
  if (value.is(json::Kind::array)) {
    for (auto [at, end] = value.children(); at != end; at = at.next()) {
      if (!count_placeholders(at, attachments, found)) return false;
    }
  }
  if (!value.is(json::Kind::object)) return true;
  bool is_placeholder = false;
  bool names_one = false;
  for (auto [key, end] = value.children(); key != end; key = key.value().next()) {
    const json::Value member = key.value();
    if (key.text() == "_placeholder") is_placeholder = member.is(json::Kind::boolean) && member.truth();
    if (key.text() == "num" && member.is(json::Kind::number)) {
      std::string_view digits = member.raw();
      const std::optional<std::uint64_t> number = take_number(digits);
      names_one = number && *number < attachments && digits.empty();
    }
    if (!count_placeholders(member, attachments, found)) return false;
  }
  found += is_placeholder ? 1 : 0;
  return !is_placeholder || names_one;
}

std::optional<Error> read_event_name(json::Value first, Packet& packet) {
  const bool is_text = first.is(json::Kind::string);
  if (!is_text && !first.is(json::Kind::number)) return bad("an event's name is a string", "event");
  packet.event = is_text ? first.text() : first.raw();
  if (packet.event.size() > kMostEventBytes) return bad("an event's name has at most 256 bytes", "event");
  if (is_reserved(packet.event)) return bad("this event's name is reserved", "event");
  return std::nullopt;
}

std::optional<Error> read_arguments(json::Value root, Packet& packet) {
  if (!root.is(json::Kind::array)) return bad("arguments are an array");
  auto [at, end] = root.children();
  if (is_event(packet.type)) {
    if (!(at != end)) return bad("an event has a name", "event");
    if (auto error = read_event_name(at, packet)) return error;
    at = at.next();
  }
  std::size_t found = 0;
  for (; at != end; at = at.next()) {
    if (packet.attachments > 0 && !count_placeholders(at, packet.attachments, found)) {
      return bad("a placeholder names an attachment of its packet", "num");
    }
    packet.values.push_back({std::string(at.raw())});
  }
  return std::nullopt;
}

std::optional<Error> read_payload(std::string_view text, const CodecLimits& limits, Packet& packet) {
  if (text.empty()) {
    const bool may_be_empty = packet.type == PacketType::connect || packet.type == PacketType::disconnect;
    return may_be_empty ? std::nullopt : std::optional(bad("this type of packet has a payload"));
  }
  if (packet.type == PacketType::disconnect) return bad("a disconnect has no payload");
  const Result<json::Tape> tape = json::Tape::parse(text, limits.message_bytes, limits.depth);
  if (!tape) return tape.error();
  if (is_event(packet.type) || is_ack(packet.type)) return read_arguments(tape->root(), packet);
  if (!tape->root().is(json::Kind::object)) return bad("this type of packet carries an object");
  packet.object.text = tape->root().raw();
  return std::nullopt;
}

// "2-": how many attachments follow.
std::optional<Error> take_attachments(std::string_view& text, Packet& packet) {
  const std::optional<std::uint64_t> count = take_number(text);
  if (!count || !text.starts_with('-')) return bad("a binary packet says how many attachments follow");
  if (*count > kMostAttachments) return Error{ErrorCode::too_large, "too many attachments", "packet", 0};
  packet.attachments = *count;
  text.remove_prefix(1);
  return std::nullopt;
}

void take_name_space(std::string_view& text, Packet& packet) {
  if (!text.starts_with('/')) return;
  const std::size_t end = std::min(text.find(','), text.size());
  packet.name_space = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
}

// It goes back in what refuses it.
std::optional<Error> check_name_space(std::string_view name) {
  if (name.size() > kMostNamespaceBytes) return bad("a namespace has at most 256 bytes", "namespace");
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
  if (!plain || !is_valid_utf8(name)) return bad("a namespace is UTF-8 without control characters", "namespace");
  return std::nullopt;
}

}  // namespace

bool is_reserved(std::string_view event) {
  return std::find(kReserved.begin(), kReserved.end(), event) != kReserved.end();
}

std::string encode(const Packet& packet) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(packet.type)));
  if (is_binary(packet.type)) text.append(std::to_string(packet.attachments)).append("-");
  if (packet.name_space != "/") text.append(packet.name_space).append(",");
  if (packet.id) text += std::to_string(*packet.id);
  if (!is_event(packet.type) && !is_ack(packet.type)) return text += packet.object.text;
  std::string arguments;
  JsonWriter json(arguments);
  json.begin_array();
  if (is_event(packet.type)) json.string(packet.event);
  for (const RawJson& value : packet.values) json.raw(value.text);
  json.end_array();
  return text += arguments;
}

Result<Packet> decode(std::string_view text, const CodecLimits& limits) {
  if (text.empty() || text.front() < '0' || text.front() > '6') return bad("a packet's type is 0 to 6");
  Packet packet;
  packet.type = static_cast<PacketType>(text.front() - '0');
  text.remove_prefix(1);
  if (is_binary(packet.type)) {
    if (auto error = take_attachments(text, packet)) return *error;
  }
  take_name_space(text, packet);
  if (auto error = check_name_space(packet.name_space)) return *error;
  if (is_event(packet.type) || is_ack(packet.type)) packet.id = take_number(text);
  if (is_ack(packet.type) && !packet.id) return bad("an acknowledgement names what it answers", "id");
  if (auto error = read_payload(text, limits, packet)) return *error;
  return packet;
}

}  // namespace jobwire::socketio
