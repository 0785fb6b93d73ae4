#include "support/raw_websocket.h"

#include <stdexcept>

namespace jobwire::test {

int RawFrame::close_code() const {
  if (payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

std::string client_frame(int opcode, std::string_view payload, FrameFaults faults) {
  std::string frame;
  frame.push_back(static_cast<char>((faults.fin ? 0x80 : 0) | faults.reserved_bits << 4 | opcode));
  const int mask_bit = faults.masked ? 0x80 : 0;
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(mask_bit | static_cast<int>(payload.size())));
  } else if (payload.size() <= 0xffff) {
    frame.push_back(static_cast<char>(mask_bit | 126));
    for (int shift : {8, 0}) frame.push_back(static_cast<char>(payload.size() >> shift & 0xff));
  } else {
    frame.push_back(static_cast<char>(mask_bit | 127));
    for (int shift = 56; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(payload.size() >> shift & 0xff));
  }
  if (!faults.masked) return frame.append(payload);
  const char mask[4] = {'\x37', '\x5a', '\x01', '\x7f'};
  frame.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) frame.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return frame;
}

std::string upgrade_request(std::string_view fields, std::string_view path) {
  std::string head = "GET ";
  head.append(path).append(" HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n");
  head.append("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  return head.append(fields).append("\r\n");
}

RawWebSocket::RawWebSocket(std::uint16_t port, std::string_view fields) : socket(port) {
  socket.send(upgrade_request(fields));
  upgrade_head = socket.read_until("\r\n\r\n");
  if (upgrade_head.substr(0, 12) != "HTTP/1.1 101") throw std::runtime_error("raw websocket: " + upgrade_head);
}

RawFrame RawWebSocket::read_frame() {
  const auto start = socket.read(2);
  const auto second = static_cast<unsigned char>(start[1]);
  if ((second & 0x80) != 0) throw std::runtime_error("raw websocket: a server's frame is masked");
  RawFrame frame{start[0] & 0x0f, (start[0] & 0x80) != 0, {}};
  std::size_t length = second & 0x7f;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (more > 0) {
    length = 0;
    for (unsigned char byte : socket.read(more)) length = length << 8 | byte;
  }
  frame.payload = socket.read(length);
  return frame;
}

RawFrame RawWebSocket::read_close() {
  for (;;) {
    auto frame = read_frame();
    if (frame.opcode == 8) return frame;
  }
}

}  // namespace jobwire::test
