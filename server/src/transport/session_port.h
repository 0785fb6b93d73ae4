// What a WebSocket carries: some dialect's protocol state above messages. The connection owns it and is its sink.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub/sink.h"
#include "transport/exchange.h"

namespace jobwire::transport {

class SessionPort {
 public:
  virtual ~SessionPort() = default;
  // One complete message, text or binary. May send and close through the sink.
  virtual void received(std::string_view message) = 0;
  // All that was sent has been taken by the network.
  virtual void drained() = 0;
};

// A path that is a WebSocket's. `open` is called once the upgrade is answered; null refuses: closed with 4403.
struct WebSocketRoute {
  std::string path;
  std::vector<std::string> subprotocols;  // by preference; the first one also offered is echoed
  std::function<std::unique_ptr<SessionPort>(hub::Sink&, const Request&)> open;
};

}  // namespace jobwire::transport
