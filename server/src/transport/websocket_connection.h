// A WebSocket: the socket, the engine and a session, whose sink it is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "hub/sink.h"
#include "transport/connection.h"
#include "transport/session_port.h"
#include "transport/websocket_engine.h"

namespace jobwire::transport {

class WebSocketConnection final : public Connection, public hub::Sink {
 public:
  WebSocketConnection(Loop& loop, Socket socket);

  // Answers a checked upgrade and opens the session; `leftover` are bytes that came after the request. Called once,
  // when the loop has it.
  void open(const WebSocketRoute& route, const Request& request, std::string_view leftover);

  hub::Framing framing() const override { return hub::Framing::websocket_text; }
  void send(hub::Frame frame) override;
  void close(CloseCode code, std::string_view reason) override;
  // Who has heard that too much waits is told when nothing does. In a fan-out nobody has, and no session is touched
  // again.
  bool unsent_exceeds(std::size_t bytes) const override {
    const bool exceeds = outbox().bytes() > bytes;
    awaited_ = awaited_ || exceeds;
    return exceeds;
  }

  void drain() override;

 private:
  void on_bytes(std::string_view bytes) override;
  void on_ended() override;
  void on_written() override;
  void on_cut() override;
  SteadyTime next_due() const override;
  void on_due() override;

  void read(std::string_view bytes);
  void answer_pings();
  void await_end();     // after a Close was queued: the session is dropped, and the peer has its time to answer
  void drop_session();  // not from inside it

  WebSocketEngine engine_;
  SteadyTime next_ping_;
  SteadyTime close_until_;
  std::size_t read_while_blocked_ = 0;
  unsigned char unanswered_pings_ = 0;
  bool counted_ = false;
  mutable bool awaited_ = false;  // that nothing waits
  bool closing_ = false;          // the engine's: a Close was given
  std::unique_ptr<SessionPort> session_;
};

}  // namespace jobwire::transport
