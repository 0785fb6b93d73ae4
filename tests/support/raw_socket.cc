#include "support/raw_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace jobwire::test {
namespace {

constexpr int kPatienceMs = 20'000;

bool ready(int socket, short events, int timeout_ms) {
  pollfd entry{socket, events, 0};
  return ::poll(&entry, 1, timeout_ms) > 0;
}

int connect_to(std::uint16_t port, const char* address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address, std::to_string(port).c_str(), &hints, &found) != 0)
    throw std::runtime_error("raw socket: address");
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int connected = ::connect(socket, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (connected != 0) {
    ::close(socket);
    throw std::runtime_error("raw socket: cannot connect");
  }
  return socket;
}

std::string take_chunks(RawSocket& from) {
  std::string body;
  for (;;) {
    const auto size = std::stoul(from.read_until("\r\n"), nullptr, 16);
    body += from.read(size);
    if (from.read(2) != "\r\n") throw std::runtime_error("raw socket: a chunk without end");
    if (size == 0) return body;
  }
}

}  // namespace

bool RawResponse::has(std::string_view head_line) const {
  return head.find("\r\n" + std::string(head_line) + "\r\n") != std::string::npos;
}

RawSocket::RawSocket(std::uint16_t port, const char* address) : socket_(connect_to(port, address)) {}
RawSocket::~RawSocket() {
  if (socket_ >= 0) ::close(socket_);
}
RawSocket::RawSocket(RawSocket&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

void RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawSocket::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!ready(socket_, POLLOUT, 1000)) return false;
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawSocket::shutdown_send() { ::shutdown(socket_, SHUT_WR); }

void RawSocket::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket_, -1));
}

void RawSocket::receive_buffer(int bytes) { ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

bool RawSocket::read_some() {
  if (!ready(socket_, POLLIN, kPatienceMs)) throw std::runtime_error("raw socket: nothing came; so far: " + buffer_);
  char part[16384];
  const auto got = ::recv(socket_, part, sizeof part, 0);
  if (got <= 0) return false;
  buffer_.append(part, static_cast<std::size_t>(got));
  return true;
}

std::string RawSocket::read(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!read_some()) throw std::runtime_error("raw socket: closed in the middle; so far: " + buffer_);
  }
  auto taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

std::string RawSocket::read_until(std::string_view end) {
  for (;;) {
    const auto at = buffer_.find(end);
    if (at != std::string::npos) return read(at + end.size());
    if (!read_some()) throw std::runtime_error("raw socket: closed in the middle; so far: " + buffer_);
  }
}

std::string RawSocket::read_to_end() {
  while (read_some()) {
  }
  return std::exchange(buffer_, {});
}

bool RawSocket::ends() { return read_to_end().empty(); }

RawResponse RawSocket::read_response(bool head_only) {
  RawResponse response;
  response.head = read_until("\r\n\r\n");
  response.status = std::stoi(response.head.substr(9, 3));
  if (head_only || response.status < 200 || response.status == 204 || response.status == 304) return response;
  const std::string length = "\r\nContent-Length: ";
  const auto at = response.head.find(length);
  if (at != std::string::npos) {
    response.body = read(std::stoul(response.head.substr(at + length.size())));
  } else if (response.has("Transfer-Encoding: chunked")) {
    response.body = take_chunks(*this);
  } else {
    response.body = read_to_end();
  }
  return response;
}

}  // namespace jobwire::test
