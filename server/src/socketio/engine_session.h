// One Engine.IO v4 connection, without I/O: long-polling, WebSocket, and the upgrade from one to the other.
// https://github.com/socketio/engine.io-protocol
//
//   polling:    poll() and post() as requests come   --probe(socket), "2probe" -> "3probe", "5"-->   websocket
//   websocket:  open(socket), then its messages
//   The heartbeat is ours: "2" every interval, and "3" is due within the timeout.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub/sink.h"
#include "jobwire/engineio.h"
#include "jobwire/time.h"

namespace jobwire::socketio {

struct EngineOptions {
  DurationMs ping_interval = 25'000;
  DurationMs ping_timeout = 20'000;
  DurationMs upgrade_timeout = 10'000;
  std::size_t max_payload = 1'000'000;  // bytes of one body or message that a client may send
  std::size_t most_queued = 8 << 20;    // bytes that wait for a poll; past it the connection ends
};

// What the connection carries. May send and close from inside its calls; it is dropped soon after the end.
class EngineApplication {
 public:
  virtual ~EngineApplication() = default;
  virtual void received(std::string_view message, bool binary) = 0;
  virtual void drained() = 0;  // what was queued has been taken
  virtual void tick(UnixMs now) = 0;
};

struct HttpAnswer {
  int status = 200;
  std::string body;
};
using PollDone = std::function<void(HttpAnswer)>;

class EngineSession {
 public:
  // `ended` is called once, from inside any call: what was attached is then to be dropped, not at once.
  // `flush_later` asks for flush() at the end of this turn.
  struct Host {
    std::function<void()> ended;
    std::function<void()> flush_later;
  };
  EngineSession(EngineOptions options, std::string sid, UnixMs now, Host host);
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  void attach(EngineApplication& application) { application_ = &application; }
  void detach() { application_ = nullptr; }

  const std::string& sid() const { return sid_; }
  bool is_open() const { return open_; }
  bool on_websocket() const { return transport_ == Transport::websocket; }

  // ---- HTTP ----
  void open_polling(PollDone done);  // the first request: answered with the handshake and what follows it
  void poll(PollDone done);          // answered now or later, once
  void poll_aborted();
  HttpAnswer post(std::string_view body);

  // ---- WebSocket ----
  void open(hub::Sink& socket);   // the first transport
  void probe(hub::Sink& socket);  // closed again where no upgrade is under way
  void received(hub::Sink& socket, std::string_view message, bool binary);
  void drained(hub::Sink& socket);
  void gone(hub::Sink& socket);  // it was closed, by whomever; not touched any more

  void tick(UnixMs now);
  void flush();  // answers a waiting poll

  // ---- for the application ----
  // Packets as text, and the same as complete WebSocket frames: built once, shared by all who are told.
  void send_text(hub::Frame packet);                         // while polling
  void send_frame(hub::Frame frame);                         // while on_websocket()
  void send(std::string_view message, bool binary = false);  // in whichever way: for one receiver
  bool unsent_exceeds(std::size_t bytes) const;              // hub::Sink
  void close();                                              // tells the client

 private:
  enum class Transport : std::uint8_t { polling, websocket };

  void end();
  void control(std::string_view packet);
  void take(const engineio::Packet& packet);
  void pong();
  void from_probe(std::string_view message);
  void upgrade();
  void answer_poll(HttpAnswer answer);
  std::string take_queue();

  EngineOptions options_;
  std::string sid_;
  Host host_;
  EngineApplication* application_ = nullptr;
  Transport transport_ = Transport::polling;
  bool open_ = true;
  hub::Sink* socket_ = nullptr;
  hub::Sink* probe_ = nullptr;
  bool probed_ = false;
  std::vector<hub::Frame> queue_;  // packets as text, for the next poll
  std::size_t queued_bytes_ = 0;
  mutable bool awaited_ = false;  // that nothing waits
  PollDone poll_;
  UnixMs now_;
  UnixMs ping_at_;
  UnixMs pong_until_ = 0;  // 0: none is due
  UnixMs upgrade_until_ = 0;
};

}  // namespace jobwire::socketio
