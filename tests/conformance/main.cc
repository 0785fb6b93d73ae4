// A fixture for outside test suites, of the same transport and Socket.IO code as the server:
//
//   /            200 with the request's body, any method                        (h1spec and the like)
//   /echo        WebSocket echo, 16 MiB                                         (Autobahn)
//   /engine.io/  Engine.IO echo; pingInterval 300, pingTimeout 200, maxPayload 1000000
//   /socket.io/  namespaces / and /custom: `auth` on connect; `message` -> `message-back`; `message-with-ack` -> ack
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <iostream>
#include <string>

#include "auth/digest.h"
#include "auth/text_encoding.h"
#include "hub/frame.h"
#include "socketio/server.h"
#include "system_clock.h"
#include "transport/transport.h"

namespace jobwire::conformance {
namespace {

class Echo final : public transport::SessionPort {
 public:
  explicit Echo(hub::Sink& sink) : sink_(sink) {}
  void received(std::string_view message) override { send(hub::Framing::websocket_text, message); }
  void received_binary(std::string_view bytes) override { send(hub::Framing::websocket_binary, bytes); }
  void drained() override {}

 private:
  void send(hub::Framing framing, std::string_view message) { sink_.send(hub::make_frame(framing, message)); }
  hub::Sink& sink_;
};

class EngineEcho final : public socketio::EngineApplication {
 public:
  explicit EngineEcho(socketio::EngineSession& engine) : engine_(engine) {}
  void received(std::string_view message, bool binary) override { engine_.send(message, binary); }
  void drained() override {}
  void tick(UnixMs) override {}

 private:
  socketio::EngineSession& engine_;
};

class SocketEcho final : public hub::Conversation {
 public:
  SocketEcho(hub::EventSink& sink, RawJson auth) : sink_(sink), auth_(std::move(auth)) {}
  void begin() override { emit("auth", {{auth_.empty() ? RawJson{"{}"} : auth_}, {}}); }
  void received(hub::NamedEvent event, hub::Acknowledge acknowledge) override {
    if (event.name == "message") emit("message-back", std::move(event.arguments));
    if (event.name == "message-with-ack" && acknowledge) acknowledge(std::move(event.arguments));
  }
  void drained() override {}

 private:
  void emit(std::string name, hub::Arguments arguments) {
    sink_.emit(std::make_shared<const hub::Emission>(hub::NamedEvent{std::move(name), std::move(arguments)}));
  }
  hub::EventSink& sink_;
  RawJson auth_;
};

std::string random_id() { return auth::base32(auth::random_bytes(15)); }

hub::Namespace name_space(std::string name) {
  return {std::move(name), [](hub::EventSink& sink, const hub::Opening& opening) -> hub::Opened {
            return hub::Accepted{std::make_unique<SocketEcho>(sink, opening.auth), random_id(), {}};
          }};
}

class Fixture {
 public:
  explicit Fixture(std::uint16_t port) {
    const socketio::Server::Surroundings around{
        clock_, [this](std::function<void()> task) { boost::asio::post(io_, std::move(task)); }, random_id};
    socketio::ServerOptions options;
    options.engine.ping_interval = 300;
    options.engine.ping_timeout = 200;
    options.origins.allowed = {"*"};
    options.path = "/engine.io/";
    engine_ = std::make_unique<socketio::Server>(
        options,
        [](socketio::EngineSession& engine, const transport::Request&) { return std::make_unique<EngineEcho>(engine); },
        around);
    options.path = "/socket.io/";
    socketio::SocketIoOptions socketio;
    socketio.connect_timeout = 1'000;
    sockets_ = socketio::make_server(options, socketio, {name_space("/"), name_space("/custom")}, around);
    listen(port);
  }

  int run() {
    const auto started = transport_->start();
    if (!started) {
      std::cerr << started.error().message << "\n";
      return 1;
    }
    std::cout << "listening on http://127.0.0.1:" << *started << std::endl;
    tick();
    signals_.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
    io_.run();
    return 0;
  }

 private:
  void listen(std::uint16_t port) {
    transport::TransportOptions options;
    options.port = port;
    options.most_unsent = std::size_t{256} << 20;
    std::vector<transport::WebSocketRoute> routes = engine_->routes();
    for (transport::WebSocketRoute& route : sockets_->routes()) routes.push_back(std::move(route));
    transport::WebSocketRoute echo;
    echo.path = "/echo";
    echo.message_bytes = std::size_t{16} << 20;
    echo.open = [](hub::Sink& sink, const transport::Request&) { return std::make_unique<Echo>(sink); };
    routes.push_back(std::move(echo));
    transport_ = std::make_unique<transport::Transport>(
        io_, options, [this](std::shared_ptr<transport::Exchange> exchange) { handle(exchange); }, std::move(routes));
  }

  void handle(const std::shared_ptr<transport::Exchange>& exchange) {
    const std::string& path = exchange->request().path;
    if (engine_->serves(path)) return engine_->handle(exchange);
    if (sockets_->serves(path)) return sockets_->handle(exchange);
    transport::Response response;
    response.status = path == "/" ? 200 : 404;
    response.headers.emplace_back("content-type", "application/octet-stream");
    response.body = exchange->request().body;
    exchange->respond(std::move(response));
  }

  void tick() {
    engine_->tick();
    sockets_->tick();
    timer_.expires_after(std::chrono::milliseconds(20));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) tick();
    });
  }

  SystemClock clock_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer timer_{io_};
  boost::asio::signal_set signals_{io_, SIGTERM, SIGINT};
  std::unique_ptr<socketio::Server> engine_, sockets_;
  std::unique_ptr<transport::Transport> transport_;
};

}  // namespace
}  // namespace jobwire::conformance

int main(int argc, char** argv) {
  const std::string usage = "usage: jobwire-conformance --port N\n";
  if (argc != 3 || std::string(argv[1]) != "--port") return std::cerr << usage, 2;
  const std::string digits = argv[2];
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos ||
      std::stoi(digits) > 65535) {
    return std::cerr << usage << "N is a port: 0 to 65535, 0 for any free one\n", 2;
  }
  return jobwire::conformance::Fixture(static_cast<std::uint16_t>(std::stoi(digits))).run();
}
