// What a WebSocket carries: some dialect's protocol state above messages. The connection owns it and is its sink.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/sink.h"
#include "transport/exchange.h"

namespace jobwire::transport {

class SessionPort {
 public:
  virtual ~SessionPort() = default;
  // One complete text message. May send and close through the sink.
  virtual void received(std::string_view message) = 0;
  // One complete binary message; the same to who does not tell them apart.
  virtual void received_binary(std::string_view bytes) { received(bytes); }
  // All that was sent has been taken by the network.
  virtual void drained() = 0;
};

// A path that is a WebSocket's. `open` is called once the upgrade is answered; null refuses: closed with 4403.
struct WebSocketRoute {
  std::string path;
  std::vector<std::string> subprotocols;  // by preference; the first one also offered is echoed
  std::function<std::unique_ptr<SessionPort>(hub::Sink&, const Request&)> open;
  // Asked before the upgrade is answered; a response refuses it. Unset: none does.
  std::function<std::optional<Response>(const Request&)> check;
  std::size_t message_bytes = 0;  // of one message; 0: as TransportOptions says
  // The path answers plain requests as well: those without an upgrade go to the handler.
  bool also_http = false;
};

}  // namespace jobwire::transport
