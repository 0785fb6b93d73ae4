// Socket.IO on the transport: its HTTP requests and WebSockets, each led to its connection.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/origin.h"
#include "hub/conversation.h"
#include "jobwire/time.h"
#include "socketio/engine_session.h"
#include "socketio/socketio_session.h"
#include "transport/exchange.h"
#include "transport/session_port.h"

namespace jobwire::socketio {

struct ServerOptions {
  std::string path = "/socket.io/";
  EngineOptions engine;
  auth::OriginRules origins;
  std::size_t message_bytes = 1'000'000;  // of one WebSocket message
  std::size_t most_sessions = 100'000;
};

struct ServerStats {
  std::size_t sessions = 0;  // open now
  std::size_t polling = 0;   // of those
  std::uint64_t opened = 0;
  std::uint64_t upgraded = 0;
};

// Engine.IO's server: what its connections carry is made by `make`. Everything happens on the transport's loop.
class Server {
 public:
  using Make = std::function<std::unique_ptr<EngineApplication>(EngineSession&, const transport::Request&)>;
  struct Surroundings {
    const Clock& clock;
    std::function<void(std::function<void()>)> post;  // onto the loop, at the end of this turn
    std::function<std::string()> random_id;           // unguessable
    // Asked of each handshake; an error says when to try again. Unset: all are let in.
    std::function<Status(const transport::Request&)> admit = {};
  };
  Server(ServerOptions options, Make make, Surroundings around);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Its path, with and without the slash at its end.
  bool serves(const std::string& path) const;
  // A request to its path that is no upgrade.
  void handle(const std::shared_ptr<transport::Exchange>& exchange);
  std::vector<transport::WebSocketRoute> routes();

  void tick();
  void drain();  // ends every connection
  ServerStats stats() const;

 private:
  struct Connection;
  class Socket;
  using ConnectionPtr = std::shared_ptr<Connection>;

  struct Judged {
    ConnectionPtr connection;  // null: a new one
    std::optional<transport::Response> refusal;
  };
  Judged judge(const transport::Request& request, bool websocket) const;
  Judged judge_and_count(const transport::Request& request, bool websocket) const;
  void catch_up(const transport::Request& request);
  ConnectionPtr open(const transport::Request& request);
  void ended(const std::string& sid);
  void flush_soon(const std::string& sid);
  void poll(const std::shared_ptr<transport::Exchange>& exchange, const ConnectionPtr& connection, bool first);
  void decorate(const transport::Request& request, transport::Response& response) const;
  void reply(transport::Exchange& exchange, transport::Response response) const;
  void preflight(transport::Exchange& exchange) const;
  std::unique_ptr<transport::SessionPort> accept(hub::Sink& sink, const transport::Request& request);

  ServerOptions options_;
  Make make_;
  Surroundings around_;
  std::map<std::string, ConnectionPtr> connections_;  // by sid
  std::uint64_t opened_ = 0;
  std::uint64_t upgraded_ = 0;
  bool draining_ = false;
  std::shared_ptr<Server*> self_;  // for what is posted and may come too late: then null
};

// A server whose connections hold conversations in these namespaces.
std::unique_ptr<Server> make_server(ServerOptions options, SocketIoOptions socketio,
                                    std::vector<hub::Namespace> namespaces, Server::Surroundings around);

}  // namespace jobwire::socketio
