// The native wire on a WebSocket: the hub's sessions, at /ws.
#pragma once

#include "hub/hub.h"
#include "transport/session_port.h"

namespace jobwire::transport {

// Subprotocol jobwire.v1, where offered; a bearer token in the request stands in for hello's.
WebSocketRoute native_websocket(hub::Hub& hub);

}  // namespace jobwire::transport
