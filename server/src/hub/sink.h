// Where a session's frames go: a WebSocket, an event stream, a long-poll's answer, or a simulated network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "jobwire/error.h"

namespace jobwire::hub {

// How a message's bytes are wrapped. Frames are encoded once per framing and shared by every sink that takes them.
enum class Framing : std::uint8_t {
  websocket_text,  // RFC 6455 server frame, FIN, text
  websocket_binary,
  event_stream,  // "data: ...\n\n" (WHATWG server-sent events), as one HTTP chunk's content
  bare,          // the message itself
};

// Complete bytes for the wire in the sink's framing; immutable, shared between sinks.
using Frame = std::shared_ptr<const std::string>;

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Framing framing() const = 0;
  // Queues; writing happens later. Never calls back into the session from inside.
  virtual void send(Frame frame) = 0;
  // Sends what is queued, closes with this code, and drops the session's frames from then on.
  virtual void close(CloseCode code, std::string_view reason) = 0;
  // Whether more than so many bytes are queued and not yet taken by the network. A session that has heard yes (it stops
  // past its high-water mark) is told by drained() when none are left.
  virtual bool unsent_exceeds(std::size_t bytes) const = 0;
};

}  // namespace jobwire::hub
