#include "transport/websocket_connection.h"

#include <utility>

#include "transport/http_rules.h"

namespace jobwire::transport {
namespace {

// A peer that sends this much while it takes nothing is read no further until it does.
constexpr std::size_t kMostReadWhileBlocked = 256 << 10;
constexpr unsigned char kMostUnansweredPings = 2;

const Outbox::Segment& ping_frame() {
  static const Outbox::Segment frame = std::make_shared<const std::string>("\x89\x00", 2);
  return frame;
}

// A sink outlives its session.
struct DroppedSession {
  std::shared_ptr<Connection> sink;
  std::unique_ptr<SessionPort> session;
};

std::string choose_subprotocol(const WebSocketRoute& route, const Request& request) {
  for (const auto& ours : route.subprotocols) {
    for (const auto& [name, offered] : request.headers) {
      if (name == "sec-websocket-protocol" && has_token(offered, ours)) return ours;
    }
  }
  return {};
}

}  // namespace

WebSocketConnection::WebSocketConnection(Loop& loop, Socket socket)
    : Connection(loop, std::move(socket)), engine_(loop.websocket_endpoint) {}

void WebSocketConnection::open(const WebSocketRoute& route, const Request& request, std::string_view leftover) {
  auto answer = engine_.accept(request.header("sec-websocket-key"), choose_subprotocol(route, request));
  if (answer.empty()) return cut();
  if (route.message_bytes > 0) engine_.limit_messages(route.message_bytes);
  ++loop_.stats.websockets;
  counted_ = true;
  Connection::send(std::move(answer));
  next_ping_ = loop_.now() + loop_.options.timeouts.ping;
  session_ = route.open(*this, request);
  if (!session_) close(CloseCode::forbidden, "refused");
  if (closing_) drop_session();  // it closed while it was being made
  if (loop_.draining) close(CloseCode::draining, "the server goes away");
  arm();
  if (!leftover.empty()) read(leftover);
  read_more();
}

// ---- the sink ----

void WebSocketConnection::send(hub::Frame frame) {
  if (!closing_) Connection::send(std::move(frame));
}

void WebSocketConnection::close(CloseCode code, std::string_view reason) {
  auto frame = engine_.close(static_cast<std::uint16_t>(code), reason);
  if (frame.empty()) return;
  Connection::send(std::move(frame));
  await_end();
}

void WebSocketConnection::await_end() {
  closing_ = true;
  drop_session();
  if (engine_.ended()) return finish();
  close_until_ = loop_.now() + loop_.options.timeouts.close;
  arm();
}

void WebSocketConnection::drop_session() {
  if (!session_) return;
  auto dropped = std::make_shared<DroppedSession>();
  *dropped = {shared_from_this(), std::move(session_)};
  loop_.release_later(std::move(dropped));
}

void WebSocketConnection::drain() { close(CloseCode::going_away, "the server goes away"); }

// ---- the socket ----

void WebSocketConnection::on_bytes(std::string_view bytes) {
  read(bytes);
  if (blocked()) read_while_blocked_ += bytes.size();
  if (read_while_blocked_ <= kMostReadWhileBlocked) read_more();
}

void WebSocketConnection::read(std::string_view bytes) {
  unanswered_pings_ = 0;
  const bool was_closing = closing_;
  engine_.read(bytes, [this](std::string_view message, bool binary) {
    answer_pings();  // that came before it
    if (session_) binary ? session_->received_binary(message) : session_->received(message);
  });
  auto output = engine_.take_output();
  if (!output.empty()) Connection::send(std::move(output));
  if (engine_.ended() || (engine_.closing() && !was_closing)) return await_end();
  answer_pings();
}

// While the peer takes nothing only its newest pings are remembered.
void WebSocketConnection::answer_pings() {
  if (blocked()) return;
  auto pongs = engine_.take_pongs();
  if (!pongs.empty()) Connection::send(std::move(pongs));
}

void WebSocketConnection::on_ended() { cut(); }

void WebSocketConnection::on_written() {
  if (read_while_blocked_ > 0) {
    read_while_blocked_ = 0;
    read_more();
    answer_pings();
  }
  if (std::exchange(awaited_, false) && session_) session_->drained();
}

void WebSocketConnection::on_cut() {
  if (counted_) --loop_.stats.websockets;
  drop_session();
}

SteadyTime WebSocketConnection::next_due() const { return closing_ ? close_until_ : next_ping_; }

void WebSocketConnection::on_due() {
  if (closing_ || unanswered_pings_ >= kMostUnansweredPings) {
    ++loop_.stats.timed_out;
    return cut();
  }
  ++unanswered_pings_;
  next_ping_ = loop_.now() + loop_.options.timeouts.ping;
  if (!blocked()) Connection::send(ping_frame());
}

}  // namespace jobwire::transport
