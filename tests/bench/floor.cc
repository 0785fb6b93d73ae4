// The floor: one epoll loop that writes prebuilt frames, and nothing else. What a server costs above it is its own.
//   S            subscribes; answered by C and the state that a newcomer is told
//   B<bytes>     sets that state
//   P<bytes>     goes to every subscriber; all of one read go out in one gathered write
// A POST is answered 200 when its body is there, any GET by the number of writes so far, as /metrics has it. Prints the
// port that it listens on.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "websocket_wire.h"

namespace jobwire::bench {
namespace {

struct Connection {
  int fd = -1;
  bool upgraded = false;
  bool subscribed = false;
  std::string unread;
  std::string unsent;
};

class Floor {
 public:
  Floor() : epoll_(epoll_create1(0)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 4096) != 0)
      std::exit(1);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_)
          accept_all();
        else
          serve(fd, events[static_cast<std::size_t>(i)].events);
      }
      if (!published_.empty()) fan_out();
    }
  }

 private:
  void watch(int fd, std::uint32_t what, int how) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, how, fd, &event);
  }

  void accept_all() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connections_[fd].fd = fd;
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void serve(int fd, std::uint32_t what) {
    Connection& connection = connections_[fd];
    if (what & EPOLLOUT) flush(connection);
    if (!(what & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
    const ssize_t got = read(fd, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return drop(fd);
    if (connection.unread.empty()) {
      const std::size_t used = consume(connection, buffer_.data(), static_cast<std::size_t>(got));
      connection.unread.assign(buffer_.data() + used, static_cast<std::size_t>(got) - used);
    } else {
      connection.unread.append(buffer_.data(), static_cast<std::size_t>(got));
      connection.unread.erase(0, consume(connection, connection.unread.data(), connection.unread.size()));
    }
  }

  std::size_t consume(Connection& connection, char* bytes, std::size_t size) {
    std::size_t used = 0;
    while (used < size) {
      const std::size_t more = connection.upgraded ? consume_frame(connection, bytes + used, size - used)
                                                   : consume_head(connection, {bytes + used, size - used});
      if (more == 0) break;
      used += more;
    }
    return used;
  }

  std::size_t consume_head(Connection& connection, std::string_view text) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const std::string_view head = text.substr(0, end);
    if (head.substr(0, 4) == "POST") {
      const std::string_view field = head_field(head, "Content-Length");
      const std::size_t length = std::strtoul(std::string(field).c_str(), nullptr, 10);
      if (text.size() - end - 4 < length) return 0;
      send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
      return end + 4 + length;
    }
    const std::string_view key = head_field(head, "Sec-WebSocket-Key");
    if (key.empty()) {
      const std::string body = "jobwire_writes_total " + std::to_string(writes_) + "\n";
      send(connection, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
      return end + 4;
    }
    send(connection, upgrade_response(key));
    connection.upgraded = true;
    return end + 4;
  }

  std::size_t consume_frame(Connection& connection, char* bytes, std::size_t size) {
    const auto frame = parse_frame(bytes, size);
    if (!frame) return 0;
    if (frame->opcode == Opcode::text && !frame->payload.empty()) command(connection, frame->payload);
    return frame->size;
  }

  void command(Connection& connection, std::string_view text) {
    const std::string_view rest = text.substr(1);
    if (text[0] == 'P') published_.push_back(server_frame(rest));
    if (text[0] == 'B') state_ = server_frame("C" + std::string(rest));
    if (text[0] != 'S') return;
    connection.subscribed = true;
    send(connection, state_);
  }

  void fan_out() {
    std::vector<iovec> parts;
    for (std::string& frame : published_) parts.push_back({frame.data(), frame.size()});
    for (auto& [fd, connection] : connections_) {
      if (!connection.subscribed) continue;
      const ssize_t sent = connection.unsent.empty() ? write_parts(fd, parts) : 0;
      keep_rest(connection, published_, sent < 0 ? 0 : static_cast<std::size_t>(sent));
    }
    published_.clear();
  }

  ssize_t write_parts(int fd, std::vector<iovec>& parts) {
    ++writes_;
    if (parts.size() == 1) return ::send(fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return sendmsg(fd, &message, MSG_NOSIGNAL);
  }

  void keep_rest(Connection& connection, const std::vector<std::string>& frames, std::size_t sent) {
    for (const std::string& frame : frames) {
      if (sent < frame.size()) connection.unsent.append(frame, sent);
      sent -= std::min(sent, frame.size());
    }
    if (!connection.unsent.empty()) watch(connection.fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }

  void send(Connection& connection, const std::string& bytes) {
    std::vector<iovec> part{{const_cast<char*>(bytes.data()), bytes.size()}};
    const ssize_t sent = connection.unsent.empty() ? write_parts(connection.fd, part) : 0;
    keep_rest(connection, {bytes}, sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }

  void flush(Connection& connection) {
    ++writes_;
    const ssize_t sent = ::send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent > 0) connection.unsent.erase(0, static_cast<std::size_t>(sent));
    if (connection.unsent.empty()) watch(connection.fd, EPOLLIN, EPOLL_CTL_MOD);
  }

  void drop(int fd) {
    close(fd);
    connections_.erase(fd);
  }

  int epoll_;
  int listener_;
  std::unordered_map<int, Connection> connections_;
  std::vector<std::string> published_;
  std::string state_ = server_frame("C");
  std::uint64_t writes_ = 0;
  std::array<char, 65536> buffer_;
};

}  // namespace
}  // namespace jobwire::bench

int main() {
  signal(SIGPIPE, SIG_IGN);
  jobwire::bench::Floor().run();
}
