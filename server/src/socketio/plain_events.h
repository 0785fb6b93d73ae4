// Conversations without Socket.IO: WebSocket messages {"event": name, "data": value}, as wscat or a NestJS `ws` client
// sends them. An acknowledgement goes back as its value by itself.
#pragma once

#include <vector>

#include "auth/origin.h"
#include "hub/conversation.h"
#include "jobwire/codec.h"
#include "transport/session_port.h"

namespace jobwire::socketio {

// One route for each namespace, at its name. Broken messages are answered with the event `exception`
// {status: "error", code, message, field?}; who sends one after another is closed with 4400.
std::vector<transport::WebSocketRoute> plain_routes(std::vector<hub::Namespace> namespaces,
                                                    const auth::OriginRules& origins, CodecLimits limits = {});

}  // namespace jobwire::socketio
