#include "transport/connection.h"

#include <algorithm>
#include <array>

namespace jobwire::transport {
namespace {

using Status = IoResult::Status;
constexpr char kTlsHandshake = 0x16;             // a TLS record's first byte, RFC 8446 section 5.1
constexpr std::size_t kGathered = 64;            // iovecs of one sendmsg
constexpr std::size_t kMostDiscarded = 1 << 20;  // read for nothing while the peer's end is awaited

}  // namespace

void Connection::await(Status direction, void (Connection::*then)()) {
  socket_.await(direction, [self = shared_from_this(), then](bool open) {
    if (open && !self->closed_) ((*self).*then)();
  });
}

// ---- reading ----

void Connection::read_more() {
  if (closed_ || reading_ || peer_ended_) return;
  reading_ = true;
  await(Status::awaits_reading, &Connection::on_readable);
}

void Connection::on_readable() {
  reading_ = false;
  if (shaking_hands_) return shake_hands();
  const auto buffer = loop_.read_buffer();
  const auto result = socket_.read(buffer);
  switch (result.status) {
    case Status::done:
      loop_.stats.bytes_in += result.bytes;
      if (lingering_) return count_discarded(result.bytes);
      return on_bytes({buffer.data(), result.bytes});
    case Status::awaits_reading:
    case Status::awaits_writing:
      reading_ = true;
      return await(result.status, &Connection::on_readable);
    case Status::ended:
      peer_ended_ = true;
      return lingering_ ? cut() : on_ended();
    case Status::failed:
      return cut();
  }
}

void Connection::count_discarded(std::size_t bytes) {
  discarded_ += bytes;
  discarded_ > kMostDiscarded ? cut() : read_more();
}

void Connection::start_tls() {
  shaking_hands_ = true;
  shake_hands();
}

void Connection::shake_hands() {
  char first = kTlsHandshake;
  const auto result = socket_.secure() ? socket_.handshake() : socket_.peek(first);
  if (result.blocked()) {
    reading_ = true;
    return await(result.status, &Connection::on_readable);
  }
  if (result.status != Status::done) return cut();
  if (!socket_.secure() && first == kTlsHandshake) {
    socket_.start_tls(*loop_.tls);
    return shake_hands();
  }
  shaking_hands_ = false;
  if (!socket_.secure()) return on_plain_text();
  read_more();
}

// ---- writing ----

void Connection::send(Outbox::Segment segment) {
  if (closed_) return;
  overflowed_ = overflowed_ || outbox_.bytes() > loop_.options.most_unsent;
  if (!overflowed_) outbox_.push(std::move(segment));
  if (!blocked_ || overflowed_) flush_later();
}

void Connection::flush_later() {
  if (!Flushable::is_linked()) loop_.flush_later(*this);
}

void Connection::flush_now() {
  if (closed_) return;
  if (overflowed_) return cut();
  if (!blocked_ && !lingering_) write();
}

bool Connection::add_to(SendBatch& batch) {
  if (closed_ || overflowed_ || blocked_ || lingering_ || outbox_.empty() || socket_.secure()) return false;
  batch.add(socket_.native_handle(), outbox_.gather(batch.parts()));
  return true;
}

void Connection::sent(IoResult result) {
  if (!closed_ && wrote(result, true)) write();
}

void Connection::write() {
  bool progress = !std::exchange(blocked_, false);  // of this call, or since the outbox began to wait
  std::array<iovec, kGathered> entries;
  while (!outbox_.empty()) {
    if (!wrote(socket_.write(std::span(entries).first(outbox_.gather(entries))), progress)) return;
    progress = true;
  }
  if (finishing_) return half_close();
  on_written();
}

bool Connection::wrote(IoResult result, bool progress) {
  if (result.blocked()) {
    blocked_ = true;
    if (progress) progress_ = loop_.now();
    await(result.status, &Connection::write);
    arm();
    return false;
  }
  if (result.status != Status::done) return cut(), false;
  ++loop_.stats.writes;
  loop_.stats.bytes_out += result.bytes;
  outbox_.consume(result.bytes);
  return true;
}

// ---- ending ----

void Connection::finish() {
  if (closed_ || finishing_) return;
  finishing_ = true;
  if (!blocked_) flush_later();
}

void Connection::half_close() {
  socket_.shutdown_send();
  if (peer_ended_) return cut();
  lingering_ = true;
  linger_until_ = loop_.now() + loop_.options.timeouts.linger;
  arm();
  read_more();
}

void Connection::leave() {
  closed_ = true;
  DeadlineWheel::clear(*this);
  if (Flushable::is_linked()) Flushable::unlink();
  outbox_.clear();
  loop_.remove(*this);
}

void Connection::cut() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  socket_.close();
  on_cut();
  leave();
}

Socket Connection::release_socket() {
  const auto self = shared_from_this();
  leave();
  return std::move(socket_);
}

// ---- deadlines ----

void Connection::arm() {
  if (closed_) return;
  auto due = finishing_ ? SteadyTime::max() : next_due();
  if (lingering_) due = linger_until_;
  if (blocked_) due = std::min(due, progress_ + loop_.options.timeouts.write);
  if (due == SteadyTime::max()) {
    DeadlineWheel::clear(*this);
  } else {
    loop_.set_deadline(*this, due);
  }
}

void Connection::on_deadline() {
  const auto self = shared_from_this();
  const auto now = loop_.now();
  const bool stuck = blocked_ && now >= progress_ + loop_.options.timeouts.write;
  if (stuck || (lingering_ && now >= linger_until_)) {
    if (stuck) ++loop_.stats.timed_out;
    return cut();
  }
  if (!finishing_ && now >= next_due()) on_due();
  arm();
}

}  // namespace jobwire::transport
