// RFC 6455 framing, as little as the bench's own programs need: whole text frames, no extensions, no fragments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jobwire::bench {

enum class Opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct FrameView {
  Opcode opcode;
  std::string_view payload;  // unmasked in place; points into the buffer
  std::size_t size;          // of the whole frame
};

// The frame at the front of `buffer`, or nothing while it is incomplete.
std::optional<FrameView> parse_frame(char* buffer, std::size_t size);
std::string server_frame(std::string_view payload, Opcode opcode = Opcode::text);
// Masked with the key 0: legal, and costs the server what any mask costs.
std::string client_frame(std::string_view payload, Opcode opcode = Opcode::text);

std::string accept_key(std::string_view key);  // RFC 6455, 4.2.2
std::string upgrade_request(std::string_view target, std::string_view protocol);
std::string upgrade_response(std::string_view key);

// The value of a head's field, without case; empty: absent.
std::string_view head_field(std::string_view head, std::string_view name);

}  // namespace jobwire::bench
