// The native wire on a WebSocket: the hub's sessions, at /ws.
#pragma once

#include "auth/origin.h"
#include "hub/hub.h"
#include "transport/session_port.h"

namespace jobwire::transport {

// Subprotocol jobwire.v1, where offered; a token that the request brought along stands in for hello's.
WebSocketRoute native_websocket(hub::Hub& hub, auth::OriginRules origins);

}  // namespace jobwire::transport
