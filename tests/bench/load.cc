#include "load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "websocket_wire.h"

namespace jobwire::bench {
namespace {

constexpr int kOpenTimeoutMs = 60'000;

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "bench_client: %s\n", why);
  std::exit(1);
}

}  // namespace

Load::Load(const PeerWire& wire, std::uint16_t port) : wire_(wire), port_(port), epoll_(epoll_create1(0)) {}

Load::~Load() {
  close_all();
  close(epoll_);
}

void Load::open(std::size_t count, std::size_t at_once, const std::string& cursor) {
  hello_ = wire_.opening(cursor);
  ready_ = 0;
  connections_.assign(count, {});
  std::size_t started = 0;
  const auto more = [&] {
    while (started < count && started - ready_ < at_once) connect_one(started++);
    return ready_ == count || lost_ > 0;
  };
  if (!turn_until(more, kOpenTimeoutMs)) give_up("connections did not become ready within a minute");
  if (lost_ > 0) give_up("the server ended connections that were opening");
}

void Load::close_all() {
  for (Connection& connection : connections_) {
    if (connection.fd >= 0) close(connection.fd);
  }
  connections_.clear();
  ready_ = 0;
}

void Load::turn(int timeout_ms) {
  std::array<epoll_event, 512> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < count; ++i) serve(connections_[events[static_cast<std::size_t>(i)].data.u64]);
}

bool Load::turn_until(const std::function<bool()>& done, int timeout_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    turn(10);
  }
  return true;
}

void Load::connect_one(std::size_t index) {
  Connection& connection = connections_[index];
  connection.fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("cannot connect");
  const int on = 1;
  setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  send(connection, wire_.upgrade());
}

void Load::serve(Connection& connection) {
  const ssize_t got = recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return end(connection);
  bytes_ += static_cast<std::uint64_t>(got);
  if (connection.unread.empty()) {
    const std::size_t used = consume(connection, buffer_.data(), static_cast<std::size_t>(got));
    if (used < static_cast<std::size_t>(got))
      connection.unread.assign(buffer_.data() + used, static_cast<std::size_t>(got) - used);
  } else {
    connection.unread.append(buffer_.data(), static_cast<std::size_t>(got));
    connection.unread.erase(0, consume(connection, connection.unread.data(), connection.unread.size()));
  }
}

std::size_t Load::consume(Connection& connection, char* bytes, std::size_t size) {
  std::size_t used = connection.upgraded ? 0 : consume_head(connection, {bytes, size});
  while (connection.upgraded && used < size) {
    const auto frame = parse_frame(bytes + used, size - used);
    if (!frame) break;
    used += frame->size;
    if (frame->opcode == Opcode::ping) send(connection, client_frame(frame->payload, Opcode::pong));
    if (frame->opcode == Opcode::text || frame->opcode == Opcode::binary) heard(connection, frame->payload);
  }
  return used;
}

std::size_t Load::consume_head(Connection& connection, std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (text.substr(0, 12) != "HTTP/1.1 101") give_up(std::string(text.substr(0, end)).c_str());
  connection.upgraded = true;
  if (!hello_.empty()) send(connection, client_frame(hello_));
  return end + 4;
}

void Load::heard(Connection& connection, std::string_view message) {
  const Heard heard = wire_.hear(message);
  ++messages_;
  deliveries_ += heard.deliveries;
  if (!heard.answer.empty()) send(connection, client_frame(heard.answer));
  if (connection.ready || !heard.ready) return;
  connection.ready = true;
  ++ready_;
  if (std::string cursor = wire_.cursor_in(message); !cursor.empty()) cursor_ = std::move(cursor);
}

void Load::send(const Connection& connection, const std::string& frame) {
  if (::send(connection.fd, frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size()))
    give_up("cannot send");
}

void Load::end(Connection& connection) {
  close(connection.fd);
  connection.fd = -1;
  ++lost_;
}

}  // namespace jobwire::bench
