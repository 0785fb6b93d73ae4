#include "hub/frame.h"

namespace jobwire::hub {
namespace {

constexpr unsigned char kFin = 0x80;
constexpr unsigned char kText = 0x1;
constexpr unsigned char kBinary = 0x2;
constexpr unsigned char kLength16 = 126;
constexpr unsigned char kLength64 = 127;
constexpr std::size_t kLongestHeader = 10;

void append_big_endian(std::string& out, std::size_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xff));
  }
}

std::string websocket_frame(Framing framing, std::string_view payload) {
  std::string out;
  out.reserve(kLongestHeader + payload.size());
  append_websocket_header(out, framing, payload.size());
  out.append(payload);
  return out;
}

std::string event_stream_frame(std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 8);
  while (true) {
    const auto end = payload.find_first_of("\r\n");
    out.append("data: ").append(payload.substr(0, end)).push_back('\n');
    if (end == std::string_view::npos) break;
    const bool crlf = payload.substr(end, 2) == "\r\n";
    payload.remove_prefix(end + (crlf ? 2 : 1));
  }
  out.push_back('\n');
  return out;
}

}  // namespace

void append_websocket_header(std::string& out, Framing framing, std::size_t payload_bytes) {
  const unsigned char opcode = framing == Framing::websocket_binary ? kBinary : kText;
  out.push_back(static_cast<char>(kFin | opcode));
  if (payload_bytes < kLength16) {
    out.push_back(static_cast<char>(payload_bytes));
  } else if (payload_bytes <= 0xffff) {
    out.push_back(static_cast<char>(kLength16));
    append_big_endian(out, payload_bytes, 2);
  } else {
    out.push_back(static_cast<char>(kLength64));
    append_big_endian(out, payload_bytes, 8);
  }
}

Frame make_frame(Framing framing, std::string_view payload) {
  switch (framing) {
    case Framing::websocket_text:
    case Framing::websocket_binary:
      return std::make_shared<const std::string>(websocket_frame(framing, payload));
    case Framing::event_stream:
      return std::make_shared<const std::string>(event_stream_frame(payload));
    case Framing::bare:
      break;
  }
  return std::make_shared<const std::string>(payload);
}

}  // namespace jobwire::hub
