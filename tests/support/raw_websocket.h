// A WebSocket client that can break every rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/raw_socket.h"

namespace jobwire::test {

struct RawFrame {
  int opcode = 0;
  bool fin = true;
  std::string payload;
  int close_code() const;  // of a Close; 0: none
};

struct FrameFaults {
  bool fin = true;
  bool masked = true;
  int reserved_bits = 0;  // 4: RSV1
};

std::string client_frame(int opcode, std::string_view payload, FrameFaults faults = {});

class RawWebSocket {
 public:
  // Upgrades; `fields` are further header lines, each with its CR LF.
  explicit RawWebSocket(std::uint16_t port, std::string_view fields = "Sec-WebSocket-Protocol: jobwire.v1\r\n");
  explicit RawWebSocket(RawSocket upgraded) : socket(std::move(upgraded)) {}

  void text(std::string_view payload) { socket.send(client_frame(1, payload)); }
  RawFrame read_frame();  // throws at the end, and where a frame is masked
  RawFrame read_close();  // skips to the Close

  RawSocket socket;
  std::string upgrade_head;
};

std::string upgrade_request(std::string_view fields = {}, std::string_view path = "/ws");

}  // namespace jobwire::test
