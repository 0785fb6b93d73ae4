// A message's bytes, wrapped once for every sink that takes the same framing.
#pragma once

#include <string>
#include <string_view>

#include "hub/sink.h"

namespace jobwire::hub {

// Appends what stands before a WebSocket payload of this length: FIN, the opcode, no mask (RFC 6455 section 5.2).
// For who gathers a payload from shared pieces. `framing` is one of the two WebSocket framings.
void append_websocket_header(std::string& out, Framing framing, std::size_t payload_bytes);

// The complete frame. event_stream: one "data: " line for each line of the payload (CR, LF and CRLF end one).
Frame make_frame(Framing framing, std::string_view payload);

}  // namespace jobwire::hub
