// A client that says exactly the bytes it is told, well-formed or not. Every wait is bounded; what does not come in 20
// s is a std::runtime_error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jobwire::test {

struct RawResponse {
  int status = 0;
  std::string head;                            // with its empty line
  std::string body;                            // chunks put together
  bool has(std::string_view head_line) const;  // "Connection: close", as written
};

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, const char* address = "127.0.0.1");
  ~RawSocket();
  RawSocket(RawSocket&& other) noexcept;

  void send(std::string_view bytes);      // all of them; an error of the peer's making is left to the next read
  bool try_send(std::string_view bytes);  // false: not taken whole within a second, or refused
  void shutdown_send();                   // half-close
  void reset();                           // closes with RST

  std::string read(std::size_t bytes);  // exactly
  std::string read_until(std::string_view end);
  std::string read_to_end();  // until the peer closes
  bool ends();                // nothing more comes, and it is closed
  RawResponse read_response(bool head_only = false);
  RawResponse ask(std::string_view request) {
    send(request);
    return read_response();
  }

  void receive_buffer(int bytes);  // SO_RCVBUF
  int native() const { return socket_; }

 private:
  bool read_some();  // false: the end
  int socket_ = -1;
  std::string buffer_;
};

}  // namespace jobwire::test
