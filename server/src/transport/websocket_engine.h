// RFC 6455 without I/O, by websocketpp, which no other file names: bytes in, messages out. C++17, as websocketpp asks.
//
//   accept() -> read()* -> ended()      What is to be written comes back from accept(), take_output() and take_pongs();
//   outgoing data frames do not pass through here (hub/frame.h), but none may follow what close() or take_output()
//   gave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace jobwire::transport {

// What the engines of one loop share. Outlives them.
class WebSocketEndpoint {
 public:
  explicit WebSocketEndpoint(std::size_t most_message_bytes);
  ~WebSocketEndpoint();

 private:
  friend class WebSocketEngine;
  struct Native;
  std::unique_ptr<Native> native_;
};

class WebSocketEngine {
 public:
  explicit WebSocketEngine(WebSocketEndpoint& endpoint);
  ~WebSocketEngine();
  WebSocketEngine(const WebSocketEngine&) = delete;
  WebSocketEngine& operator=(const WebSocketEngine&) = delete;

  // The 101 answer to a checked key (http_rules.h, check_upgrade); `subprotocol` is echoed, empty: none. Empty answer:
  // refused after all. Called once, first.
  std::string accept(std::string_view key, std::string_view subprotocol);

  // Instead of the endpoint's limit; before read().
  void limit_messages(std::size_t most_bytes);

  // Each complete data message is given to `message`, which may call close() and take_pongs() and nothing else of this
  // engine.
  using Message = std::function<void(std::string_view bytes, bool binary)>;
  void read(std::string_view bytes, const Message& message);

  // Our Close frame, to be written after all data; empty where one was given already.
  std::string close(std::uint16_t code, std::string_view reason);

  // Pongs, and a Close frame that answers the peer's, or its fault: 1002 protocol, 1007 not UTF-8, 4413 too large.
  std::string take_output();
  // The answers to the newest pings not answered yet, a few at most; older ones need none (section 5.5.3).
  std::string take_pongs();

  bool closing() const;              // our Close was given: messages that still come are dropped
  bool ended() const;                // nothing more is to be read: write what is there and close the socket
  std::uint16_t close_code() const;  // that was given; 0: none yet
  std::uint64_t messages() const;

 private:
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace jobwire::transport
