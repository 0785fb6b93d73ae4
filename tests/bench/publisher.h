// One blocking connection that publishes: over HTTP, or as WebSocket messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "peer_wire.h"

namespace jobwire::bench {

// A whole response, head and body, on a connection of its own.
std::string http_get(std::uint16_t port, const std::string& path);

class Publisher {
 public:
  // `http`: POST to /api/v1/events with `token`; otherwise messages of the wire.
  Publisher(const PeerWire& wire, std::uint16_t port, bool http, std::string token);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // In one write: one request, or a message each. Answers are read away later.
  void publish(const std::vector<std::string>& events);
  // Sends a batch (a JSON array) and waits until the server has answered for it. The answer.
  std::string ingest(std::string_view batch);
  void say(std::string_view message);  // one message as it is
  void read_away();                    // what has come, without waiting

 private:
  std::string post(std::string_view body) const;
  void write(const std::string& bytes);
  void read_more(bool wait);
  std::string read_response();
  std::string read_message();

  const PeerWire& wire_;
  bool http_;
  std::string token_;
  int fd_;
  std::string unread_;
};

}  // namespace jobwire::bench
