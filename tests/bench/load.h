// Thousands of subscribers on one epoll loop. Counts what they are told, and answers what must be answered.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "peer_wire.h"

namespace jobwire::bench {

class Load {
 public:
  Load(const PeerWire& wire, std::uint16_t port);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Opens connections, `at_once` of them unready at a time, until all are ready. Ends the program after a minute.
  void open(std::size_t count, std::size_t at_once, const std::string& cursor = {});
  void close_all();
  void turn(int timeout_ms);
  // Turns until `done`, or until `timeout_ms` have passed: false.
  bool turn_until(const std::function<bool()>& done, int timeout_ms);

  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t bytes() const { return bytes_; }
  std::size_t ready() const { return ready_; }
  std::size_t lost() const { return lost_; }             // connections that the server ended
  const std::string& cursor() const { return cursor_; }  // newest that anyone was told

 private:
  struct Connection {
    int fd = -1;
    bool upgraded = false;
    bool ready = false;
    std::string unread;
  };
  void connect_one(std::size_t index);
  void serve(Connection& connection);
  std::size_t consume(Connection& connection, char* bytes, std::size_t size);
  std::size_t consume_head(Connection& connection, std::string_view text);
  void heard(Connection& connection, std::string_view message);
  void send(const Connection& connection, const std::string& frame);
  void end(Connection& connection);

  const PeerWire& wire_;
  std::uint16_t port_;
  int epoll_;
  std::vector<Connection> connections_;
  std::string hello_;
  std::string cursor_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t ready_ = 0;
  std::size_t lost_ = 0;
  std::array<char, 256 * 1024> buffer_;
};

}  // namespace jobwire::bench
