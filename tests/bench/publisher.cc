#include "publisher.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "websocket_wire.h"

namespace jobwire::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_client: publisher: %s\n", why.c_str());
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("cannot connect");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

std::string array_of(const std::vector<std::string>& events) {
  std::string out = "[";
  for (const std::string& event : events) out.append(out.size() > 1 ? "," : "").append(event);
  return out + "]";
}

}  // namespace

std::string http_get(std::uint16_t port, const std::string& path) {
  const int fd = connect_to(port);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    give_up("cannot send");
  std::string text;
  std::array<char, 65536> buffer;
  for (std::size_t whole = 1; text.size() < whole;) {
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t head = text.find("\r\n\r\n");
    whole = head == std::string::npos
                ? text.size() + 1
                : head + 4 + std::strtoul(std::string(head_field(text, "Content-Length")).c_str(), nullptr, 10);
  }
  close(fd);
  return text;
}

Publisher::Publisher(const PeerWire& wire, std::uint16_t port, bool http, std::string token)
    : wire_(wire), http_(http), token_(std::move(token)), fd_(connect_to(port)) {
  if (http_) return;
  write(wire_.upgrade());
  while (unread_.find("\r\n\r\n") == std::string::npos) read_more(true);
  unread_.erase(0, unread_.find("\r\n\r\n") + 4);
  if (!wire_.opening({}).empty()) return;
  for (std::string heard = read_message(); heard.substr(0, 2) != "40"; heard = read_message()) {
    if (const std::string answer = wire_.hear(heard).answer; !answer.empty()) write(client_frame(answer));
  }
}

Publisher::~Publisher() { close(fd_); }

void Publisher::publish(const std::vector<std::string>& events) {
  read_away();
  if (http_) return write(post(array_of(events)));
  std::string frames;
  for (const std::string& event : events) frames += client_frame(wire_.publish(event));
  write(frames);
}

std::string Publisher::ingest(std::string_view batch) {
  write(http_ ? post(batch) : client_frame(wire_.ingest(batch)));
  if (http_) return read_response();
  std::string heard = read_message();
  while (heard == "2") {  // an Engine.IO ping came first
    write(client_frame("3"));
    heard = read_message();
  }
  return heard;
}

void Publisher::say(std::string_view message) { write(client_frame(message)); }

std::string Publisher::post(std::string_view body) const {
  return "POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
         token_ + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void Publisher::write(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t more = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) give_up("cannot send");
    sent += static_cast<std::size_t>(more);
  }
}

void Publisher::read_away() {
  read_more(false);
  if (http_ && unread_.size() >= 12 && unread_.substr(9, 1) != "2") give_up(unread_);
  unread_.clear();
}

void Publisher::read_more(bool wait) {
  std::array<char, 65536> buffer;
  const ssize_t got = recv(fd_, buffer.data(), buffer.size(), wait ? 0 : MSG_DONTWAIT);
  if (got == 0 || (got < 0 && wait)) give_up("the server closed the connection");
  if (got > 0) unread_.append(buffer.data(), static_cast<std::size_t>(got));
}

std::string Publisher::read_response() {
  while (unread_.find("\r\n\r\n") == std::string::npos) read_more(true);
  const std::size_t head = unread_.find("\r\n\r\n") + 4;
  const std::size_t size = std::strtoul(std::string(head_field(unread_, "Content-Length")).c_str(), nullptr, 10);
  while (unread_.size() < head + size) read_more(true);
  if (unread_.substr(9, 1) != "2") give_up(unread_);
  std::string body = unread_.substr(head, size);
  unread_.erase(0, head + size);
  return body;
}

std::string Publisher::read_message() {
  for (;; read_more(true)) {
    const auto frame = parse_frame(unread_.data(), unread_.size());
    if (!frame) continue;
    std::string message(frame->payload);
    unread_.erase(0, frame->size);
    return message;
  }
}

}  // namespace jobwire::bench
