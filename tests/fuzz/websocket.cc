// Bytes of a WebSocket after its upgrade: however the network cuts them (first byte: the size of the pieces), the same
// messages come out, and what goes back is a few small control frames.
#include <string>
#include <vector>

#include "fuzz.h"
#include "transport/websocket_engine.h"

namespace jobwire::fuzz {
namespace {

using transport::WebSocketEndpoint;
using transport::WebSocketEngine;
constexpr std::size_t kMostMessageBytes = 2048;

struct Outcome {
  std::vector<std::string> messages;
  std::uint16_t close_code = 0;
  bool operator==(const Outcome&) const = default;
};

// An unmasked control frame of at most 125 bytes, or several.
void check_control_frames(std::string_view bytes) {
  while (!bytes.empty()) {
    promise(bytes.size() >= 2, "a frame has a head");
    const int opcode = bytes[0] & 0x0f;
    const auto size = static_cast<std::size_t>(bytes[1]);
    promise((bytes[0] & 0xf0) == 0x80 && (opcode == 8 || opcode == 10), "only Close and Pong go back");
    promise(size <= 125 && (opcode == 10 || size != 1) && bytes.size() >= 2 + size,
            "a control frame is small and whole");
    bytes.remove_prefix(2 + size);
  }
}

Outcome read(std::string_view bytes, std::size_t piece, bool close_from_inside) {
  WebSocketEndpoint endpoint(kMostMessageBytes);
  WebSocketEngine engine(endpoint);
  promise(
      engine.accept("dGhlIHNhbXBsZSBub25jZQ==", "jobwire.v1").find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos,
      "RFC 6455's example is answered");
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && !engine.ended(); at += piece) {
    engine.read(bytes.substr(at, piece), [&](std::string_view message, bool) {
      promise(!engine.closing(), "no message comes after our Close");
      promise(message.size() <= kMostMessageBytes, "no message is larger than allowed");
      outcome.messages.emplace_back(message);
      if (close_from_inside && outcome.messages.size() == 2) check_control_frames(engine.close(4400, "enough"));
    });
    check_control_frames(engine.take_output());
    check_control_frames(engine.take_pongs());
  }
  outcome.close_code = engine.close_code();
  return outcome;
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jobwire::fuzz;
  Bytes bytes(data, size);
  const std::uint8_t first = bytes.byte();
  const std::string_view frames = bytes.take(size);
  if (frames.empty()) return 0;
  const bool close_from_inside = (first & 0x80) != 0;
  const Outcome whole = read(frames, frames.size(), close_from_inside);
  promise(whole == read(frames, 1 + (first & 0x3fu), close_from_inside), "pieces make the same messages");
  return 0;
}
