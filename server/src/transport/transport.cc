#include "transport/transport.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "transport/http_connection.h"
#include "transport/listener.h"
#include "transport/loop.h"

namespace jobwire::transport {
namespace {
constexpr std::size_t kMostRefusals = 256;  // told so at a time; more are closed without a word
}

struct Transport::Parts {
  Parts(boost::asio::io_context& io, TransportOptions options, Handler handler, std::vector<WebSocketRoute> routes)
      : loop(io, std::move(options), std::move(handler), std::move(routes)),
        listener(
            io, [this](Socket socket) { accepted(std::move(socket)); }, [this] { ++loop.stats.accept_failures; }),
        bound(io) {}

  void accepted(Socket socket) {
    const auto& options = loop.options;
    const bool full = loop.stats.connections - loop.refusing >= options.most_connections;
    ++(full ? loop.stats.refused : loop.stats.accepted);
    if (full && loop.refusing >= kMostRefusals) return;  // closes it
    auto connection = std::make_shared<HttpConnection>(loop, std::move(socket));
    loop.add(connection);
    full ? connection->start_refused() : connection->start();
  }

  Loop loop;
  Listener listener;
  boost::asio::steady_timer bound;
};

Transport::Transport(boost::asio::io_context& io, TransportOptions options, Handler handler,
                     std::vector<WebSocketRoute> routes)
    : parts_(std::make_shared<Parts>(io, std::move(options), std::move(handler), std::move(routes))) {}

Transport::~Transport() = default;

Result<std::uint16_t> Transport::start() {
  const auto& options = parts_->loop.options;
  if (!options.tls_certificate.empty() || !options.tls_key.empty()) {
    auto context = TlsContext::load(options.tls_certificate, options.tls_key);
    if (!context) return context.error();
    parts_->loop.tls = std::move(*context);
  }
  return parts_->listener.listen(options.addresses, options.port);
}

void Transport::drain(const std::function<void()>& say_goodbye, std::function<void()> done) {
  auto& parts = *parts_;
  if (parts.loop.draining) return;
  parts.loop.draining = true;
  parts.listener.stop();
  if (say_goodbye) say_goodbye();
  parts.loop.for_each([](Connection& connection) { connection.drain(); });
  parts.bound.expires_after(parts.loop.options.timeouts.drain);
  parts.bound.async_wait([weak = std::weak_ptr(parts_)](const boost::system::error_code& error) {
    const auto left = weak.lock();
    if (left && !error) left->loop.for_each([](Connection& connection) { connection.cut(); });
  });
  parts.loop.when_empty([weak = std::weak_ptr(parts_), done = std::move(done)] {
    if (const auto left = weak.lock()) left->bound.cancel();
    done();
  });
}

const TransportStats& Transport::stats() const { return parts_->loop.stats; }

}  // namespace jobwire::transport
