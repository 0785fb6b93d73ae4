// Socket.IO protocol v5 on the wire: one packet, as the text of an Engine.IO message, and its binary attachments after.
// https://github.com/socketio/socket.io-protocol
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/codec.h"
#include "jobwire/job_state.h"
#include "jobwire/result.h"

namespace jobwire::socketio {

// On the wire: '0' to '6'.
enum class PacketType : std::uint8_t { connect, disconnect, event, ack, connect_error, binary_event, binary_ack };

struct Packet {
  PacketType type = PacketType::event;
  std::string name_space = "/";
  std::optional<std::uint64_t> id;  // of an acknowledgement, asked for or given
  std::string event;                // of an event; never one of the reserved names
  std::vector<RawJson> values;      // arguments of an event or ack: JSON texts
  RawJson object;                   // of connect and connect_error: a JSON object, or empty
  std::size_t attachments = 0;      // how many binary messages follow; each value among the arguments that stands for
                                    // one is {"_placeholder":true,"num":n}
  bool operator==(const Packet&) const = default;
};

// connect, connect_error, disconnect, disconnecting, newListener, removeListener: a client may not hear or say them.
bool is_reserved(std::string_view event);

inline constexpr std::size_t kMostAttachments = 64;

std::string encode(const Packet& packet);
// Strict: a payload that its type does not take, a reserved name, a placeholder without its attachment are errors.
Result<Packet> decode(std::string_view text, const CodecLimits& limits = {});

}  // namespace jobwire::socketio
