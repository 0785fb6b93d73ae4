// The transport as the composition root sees it: one port for HTTP and WebSockets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "jobwire/result.h"
#include "transport/exchange.h"
#include "transport/options.h"
#include "transport/session_port.h"

namespace boost::asio {
class io_context;
}

namespace jobwire::transport {

// Everything happens on `io`'s one thread. What `handler` and the routes refer to outlives the transport.
class Transport {
 public:
  Transport(boost::asio::io_context& io, TransportOptions options, Handler handler, std::vector<WebSocketRoute> routes);
  ~Transport();  // cuts what is left

  // Loads the certificate and listens; the port, which is a free one where 0 was asked for.
  Result<std::uint16_t> start();

  // Ends in good order: accepts no more, calls `say_goodbye` (the hub's), closes WebSockets with 1001 once that is
  // sent, aborts polls and streams (Exchange::on_abort), finishes answers. `done` comes when nothing is left or the
  // bound has passed. Once.
  void drain(const std::function<void()>& say_goodbye, std::function<void()> done);

  const TransportStats& stats() const;

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;  // what is posted holds it weakly
};

}  // namespace jobwire::transport
