#include "hub/frame.h"

#include <catch2/catch.hpp>

using namespace jobwire::hub;

namespace {
std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (int value : values) out.push_back(static_cast<char>(value));
  return out;
}
}  // namespace

TEST_CASE("a WebSocket frame is FIN, opcode, the shortest length and the payload, unmasked") {
  CHECK(*make_frame(Framing::websocket_text, "hi") == bytes({0x81, 2}) + "hi");
  CHECK(*make_frame(Framing::websocket_binary, "hi") == bytes({0x82, 2}) + "hi");
  CHECK(*make_frame(Framing::websocket_text, "") == bytes({0x81, 0}));
  const std::string p125(125, 'x'), p126(126, 'x'), p65535(65535, 'x'), p65536(65536, 'x');
  CHECK(*make_frame(Framing::websocket_text, p125) == bytes({0x81, 125}) + p125);
  CHECK(*make_frame(Framing::websocket_text, p126) == bytes({0x81, 126, 0, 126}) + p126);
  CHECK(*make_frame(Framing::websocket_text, p65535) == bytes({0x81, 126, 0xff, 0xff}) + p65535);
  CHECK(*make_frame(Framing::websocket_text, p65536) == bytes({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}) + p65536);
}

TEST_CASE("an event-stream frame has one data line for each line, and ends with an empty one") {
  CHECK(*make_frame(Framing::event_stream, R"({"a":1})") == "data: {\"a\":1}\n\n");
  CHECK(*make_frame(Framing::event_stream, "") == "data: \n\n");
  CHECK(*make_frame(Framing::event_stream, "a\nb\r\nc\rd") == "data: a\ndata: b\ndata: c\ndata: d\n\n");
  CHECK(*make_frame(Framing::event_stream, "a\n") == "data: a\ndata: \n\n");
}

TEST_CASE("a bare frame is the message") { CHECK(*make_frame(Framing::bare, "{}") == "{}"); }
