#include "socketio/engine_session.h"

#include <algorithm>
#include <utility>

#include "hub/frame.h"

namespace jobwire::socketio {
namespace {

using engineio::PacketType;

constexpr std::string_view kClose = "1", kPing = "2", kProbePing = "2probe", kProbePong = "3probe", kUpgrade = "5",
                           kNoop = "6";

HttpAnswer refusal(std::string_view message) {
  return {400, R"({"code":3,"message":")" + std::string(message) + "\"}"};
}

hub::Frame frame_of(std::string_view packet) {
  if (!packet.starts_with('b')) return hub::make_frame(hub::Framing::websocket_text, packet);
  return hub::make_frame(hub::Framing::websocket_binary, *engineio::decode_base64(packet.substr(1)));  // our own
}

}  // namespace

EngineSession::EngineSession(EngineOptions options, std::string sid, UnixMs now, Host host)
    : options_(options),
      sid_(std::move(sid)),
      host_(std::move(host)),
      now_(now),
      ping_at_(now + options.ping_interval) {}

// ---- HTTP ----

void EngineSession::open_polling(PollDone done) {
  control(
      engineio::encode_handshake({sid_, true, options_.ping_interval, options_.ping_timeout, options_.max_payload}));
  poll(std::move(done));
  flush();
}

void EngineSession::poll(PollDone done) {
  if (!open_ || on_websocket()) return done(refusal("Bad request"));
  if (poll_) {  // two at once: a client that is beside itself
    done(refusal("Bad request"));
    answer_poll({200, std::string(kClose)});
    return end();
  }
  poll_ = std::move(done);
  if (!queue_.empty()) return host_.flush_later();
  if (probed_) answer_poll({200, std::string(kNoop)});  // the client waits for it before it upgrades
}

void EngineSession::poll_aborted() {
  poll_ = nullptr;
  end();
}

HttpAnswer EngineSession::post(std::string_view body) {
  if (!open_ || on_websocket()) return refusal("Bad request");
  if (body.size() > options_.max_payload) {
    close();
    return {413, R"({"code":3,"message":"Payload too large"})"};
  }
  auto packets = engineio::decode_payload(body);
  if (!packets) {
    close();
    return refusal("Bad request");
  }
  for (engineio::Packet& packet : *packets) {
    if (!open_) break;
    take(packet);
  }
  return {200, "ok"};
}

void EngineSession::flush() {
  if (!poll_ || queue_.empty()) return;
  answer_poll({200, take_queue()});
  if (application_ != nullptr && std::exchange(awaited_, false)) application_->drained();
}

std::string EngineSession::take_queue() {
  std::vector<std::string> packets;
  packets.reserve(queue_.size());
  for (const hub::Frame& packet : queue_) packets.push_back(*packet);
  queue_.clear();
  queued_bytes_ = 0;
  return engineio::encode_payload(packets);
}

void EngineSession::answer_poll(HttpAnswer answer) {
  if (const PollDone done = std::exchange(poll_, nullptr)) done(std::move(answer));
}

// ---- WebSocket ----

void EngineSession::open(hub::Sink& socket) {
  socket_ = &socket;
  transport_ = Transport::websocket;
  control(
      engineio::encode_handshake({sid_, false, options_.ping_interval, options_.ping_timeout, options_.max_payload}));
}

void EngineSession::probe(hub::Sink& socket) {
  if (!open_ || on_websocket() || probe_ != nullptr) return socket.close(CloseCode::normal, "no upgrade is due");
  probe_ = &socket;
  upgrade_until_ = now_ + options_.upgrade_timeout;
}

void EngineSession::received(hub::Sink& socket, std::string_view message, bool binary) {
  if (!open_) return;
  if (&socket == probe_) return binary ? from_probe({}) : from_probe(message);
  if (&socket != socket_) return;
  if (binary) {
    if (application_ != nullptr) application_->received(message, true);
    return;
  }
  Result<engineio::Packet> packet = engineio::decode(message);
  if (!packet || packet->binary) return close();
  take(*packet);
}

void EngineSession::from_probe(std::string_view message) {
  if (message == kProbePing) {
    probed_ = true;
    probe_->send(hub::make_frame(hub::Framing::websocket_text, kProbePong));
    if (queue_.empty()) answer_poll({200, std::string(kNoop)});
  } else if (probed_ && message == kUpgrade) {
    upgrade();
  } else {
    std::exchange(probe_, nullptr)->close(CloseCode::bad_message, "a probe was expected");
    probed_ = false;
  }
}

void EngineSession::upgrade() {
  answer_poll({200, std::string(kNoop)});
  socket_ = std::exchange(probe_, nullptr);
  probed_ = false;
  transport_ = Transport::websocket;
  for (const hub::Frame& packet : std::exchange(queue_, {})) socket_->send(frame_of(*packet));
  queued_bytes_ = 0;
  if (application_ != nullptr && std::exchange(awaited_, false)) application_->drained();
}

void EngineSession::drained(hub::Sink& socket) {
  if (open_ && &socket == socket_ && application_ != nullptr) application_->drained();
}

void EngineSession::gone(hub::Sink& socket) {
  if (&socket == probe_) {
    probe_ = nullptr;
    probed_ = false;
  }
  if (&socket != socket_) return;
  socket_ = nullptr;
  end();
}

// ---- both ----

void EngineSession::take(const engineio::Packet& packet) {
  switch (packet.type) {
    case PacketType::message:
      if (application_ != nullptr) application_->received(packet.body, packet.binary);
      return;
    case PacketType::pong:
      return pong();
    case PacketType::close:
      answer_poll({200, std::string(kNoop)});
      if (socket_ != nullptr) socket_->close(CloseCode::normal, "");
      return end();
    case PacketType::noop:
      return;
    case PacketType::open:
    case PacketType::ping:
    case PacketType::upgrade:
      return close();
  }
}

void EngineSession::pong() {
  pong_until_ = 0;
  ping_at_ = now_ + options_.ping_interval;
}

void EngineSession::tick(UnixMs now) {
  now_ = now;
  if (!open_) return;
  if (probe_ != nullptr && now >= upgrade_until_) {
    probed_ = false;
    std::exchange(probe_, nullptr)->close(CloseCode::timed_out, "the upgrade took too long");
  }
  if (pong_until_ != 0 && now >= pong_until_) return close();
  if (pong_until_ == 0 && now >= ping_at_) {
    // As planned, however late the tick; but never before the client had a chance.
    pong_until_ = std::max(ping_at_ + options_.ping_timeout, now + options_.ping_timeout / 2);
    control(kPing);
  }
  if (application_ != nullptr) application_->tick(now);
}

void EngineSession::control(std::string_view packet) {
  if (socket_ != nullptr) return socket_->send(hub::make_frame(hub::Framing::websocket_text, packet));
  send_text(std::make_shared<const std::string>(packet));
}

void EngineSession::send_text(hub::Frame packet) {
  if (!open_) return;
  queued_bytes_ += packet->size();
  queue_.push_back(std::move(packet));
  if (queued_bytes_ > options_.most_queued) return close();
  if (poll_) host_.flush_later();
}

void EngineSession::send_frame(hub::Frame frame) {
  if (open_ && socket_ != nullptr) socket_->send(std::move(frame));
}

void EngineSession::send(std::string_view message, bool binary) {
  if (!open_) return;
  const auto framing = binary ? hub::Framing::websocket_binary : hub::Framing::websocket_text;
  if (socket_ != nullptr && binary) return socket_->send(hub::make_frame(framing, message));
  const std::string packet = engineio::encode({PacketType::message, std::string(message), binary});
  if (socket_ != nullptr) return socket_->send(hub::make_frame(framing, packet));
  send_text(std::make_shared<const std::string>(packet));
}

bool EngineSession::unsent_exceeds(std::size_t bytes) const {
  if (socket_ != nullptr) return socket_->unsent_exceeds(bytes);
  const bool exceeds = queued_bytes_ > bytes;
  awaited_ = awaited_ || exceeds;
  return exceeds;
}

// A poll that waits hears of it with what was queued before; a WebSocket by its own Close.
void EngineSession::close() {
  if (!open_) return;
  if (poll_) {
    queue_.push_back(std::make_shared<const std::string>(kClose));
    answer_poll({200, take_queue()});
  }
  if (socket_ != nullptr) socket_->close(CloseCode::normal, "");
  end();
}

void EngineSession::end() {
  if (!std::exchange(open_, false)) return;
  if (probe_ != nullptr) std::exchange(probe_, nullptr)->close(CloseCode::normal, "");
  answer_poll({200, std::string(kNoop)});
  queue_.clear();
  host_.ended();
}

}  // namespace jobwire::socketio
