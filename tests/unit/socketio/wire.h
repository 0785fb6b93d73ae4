// A WebSocket without a network: what was sent on it, unwrapped.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/sink.h"

namespace jobwire::test {

class Wire final : public hub::Sink {
 public:
  hub::Framing framing() const override { return hub::Framing::websocket_text; }
  void send(hub::Frame frame) override {
    CHECK_FALSE(closed);
    frames.push_back(frame);
    const auto size = static_cast<unsigned char>((*frame)[1]);
    const std::string payload = frame->substr(size < 126 ? 2 : size == 126 ? 4 : 10);
    const bool binary = static_cast<unsigned char>(frame->front()) == 0x82;
    told.push_back(binary ? "bytes:" + payload : payload);
    unsent += stuck ? frame->size() : 0;
  }
  void close(CloseCode code, std::string_view) override { closed = code; }
  bool unsent_exceeds(std::size_t bytes) const override { return unsent > bytes; }

  std::vector<std::string> take() { return std::exchange(told, {}); }
  std::string last() const { return told.empty() ? std::string() : told.back(); }

  std::vector<hub::Frame> frames;
  std::vector<std::string> told;  // bytes led by "bytes:"
  std::size_t unsent = 0;
  bool stuck = false;
  std::optional<CloseCode> closed;
};

using Lines = std::vector<std::string>;

}  // namespace jobwire::test
