// The real log, node and hub as one process that can be killed at any moment; only the store outlives it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access.h"
#include "hub/hub.h"
#include "log/memory_log.h"
#include "network.h"
#include "node/estimates.h"
#include "node/node.h"
#include "timeline.h"

namespace jobwire::sim {

struct ServerOptions {
  node::NodeOptions node;
  hub::HubOptions hub;
  DurationMs write_patience = 20'000;  // a connection that takes nothing for this long is dropped
};

// The client's end of a WebSocket, or of a streamed response, as the server's network sees it. Calls come in order.
struct Peer {
  virtual ~Peer() = default;
  virtual void arrived(const std::string& text) = 0;  // a whole message; of a stream some bytes
  virtual void ended(std::uint16_t code) = 0;
};

class Server {
 public:
  Server(ServerOptions options, log::MemoryStore& store, const Tokens& tokens, Timeline& timeline, Random& random,
         std::vector<std::string>& violations);
  ~Server();  // a kill: what was not committed is lost, what was not sent is never sent

  // ---- a WebSocket ----
  class Connection;
  std::shared_ptr<Connection> accept(Peer& peer, const Weather& weather);

  // ---- a streamed response ----
  std::shared_ptr<Connection> stream(Peer& peer, const Weather& weather, const std::string& token,
                                     const std::string& body);  // null: refused for now

  // ---- HTTP ----
  struct Answer {
    int status = 200;
    std::string body;
    DurationMs retry_after = 0;
  };
  using Answered = std::function<void(Answer)>;
  // The poll ends when what is returned is dropped.
  std::shared_ptr<void> poll(const std::string& token, const std::string& body, Answered answered);
  void cancel(const std::string& token, const JobId& job, const std::string& reason, Answered answered);
  void publish(std::vector<JobEvent> events, node::SubmitDone done);

  void drain();
  bool draining() const { return hub_->draining(); }
  void fail_store(const std::string& reason);  // "" heals

  const node::Node& node() const { return *node_; }
  const hub::HubStats& stats() const { return hub_->stats(); }

 private:
  class LateLog;
  void tick();
  void commit_soon();

  Timeline& timeline_;
  Random& random_;  // the world's: wires outlive a server
  ServerOptions options_;
  const Tokens& tokens_;
  std::vector<std::string>& violations_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool commit_planned_ = false;
  UnixMs posted_until_ = 0;
  int ticks_ = 0;
  std::unique_ptr<log::MemoryLog> memory_;
  std::unique_ptr<LateLog> log_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<node::Estimates> estimates_;
  std::unique_ptr<hub::Hub> hub_;
  using HeldPoll = std::unique_ptr<hub::Poll>;
  std::map<std::uint64_t, std::shared_ptr<HeldPoll>> polls_;
  std::uint64_t last_poll_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
  std::uint64_t last_connection_ = 0;
};

// The server's end of a WebSocket or a stream: what the hub sends leaves at the client's reading speed; of a stream in
// pieces that know nothing of messages.
class Server::Connection final : public hub::Sink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, std::uint64_t number, Peer& peer, const Weather& weather, hub::Framing framing);

  hub::Framing framing() const override { return framing_; }
  void send(hub::Frame frame) override;
  void close(CloseCode code, std::string_view reason) override;
  bool unsent_exceeds(std::size_t bytes) const override { return unsent_ > bytes; }

  // ---- from the client's end ----
  void put(const std::string& message);  // travels to the session
  void client_closed();                  // its end is gone: the server hears of it later
  // ---- faults ----
  void vanish();     // nothing passes any more, and nobody is told
  void break_off();  // both ends are told, each at its time

 private:
  friend class Server;
  void write();
  void put_pieces(const hub::Frame& frame);
  void drop();    // the server's side forgets the connection
  void orphan();  // the server was killed
  void check_patience();

  Server* server_;  // null: dropped
  std::uint64_t number_;
  Timeline& timeline_;
  Peer* peer_;  // null: the client's end is gone
  const Weather& weather_;
  hub::Framing framing_;
  std::shared_ptr<Pipe> to_client_;
  std::shared_ptr<Pipe> to_server_;
  std::deque<hub::Frame> outbox_;
  std::size_t unsent_ = 0;
  bool writing_ = false;
  bool closing_ = false;
  bool vanished_ = false;
  UnixMs last_progress_ = 0;
  CloseCode close_code_ = CloseCode::normal;
  std::unique_ptr<hub::Session> session_;
};

}  // namespace jobwire::sim
