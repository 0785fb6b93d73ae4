#include "jobwire/engineio.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::engineio;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

Packet message(std::string body, bool binary = false) { return {PacketType::message, std::move(body), binary}; }

}  // namespace

TEST_CASE("a packet is its type's digit and its body") {
  CHECK(encode({PacketType::open, "{}", false}) == "0{}");
  CHECK(encode({PacketType::close, "", false}) == "1");
  CHECK(encode({PacketType::ping, "probe", false}) == "2probe");
  CHECK(encode({PacketType::pong, "probe", false}) == "3probe");
  CHECK(encode(message("hello")) == "4hello");
  CHECK(encode({PacketType::upgrade, "", false}) == "5");
  CHECK(encode({PacketType::noop, "", false}) == "6");
}

TEST_CASE("each type is read as it was written, an empty body too") {
  for (int type = 0; type <= 6; ++type) {
    for (const char* body : {"", "probe", "4"}) {
      const Packet packet{static_cast<PacketType>(type), body, false};
      CHECK(*decode(encode(packet)) == packet);
    }
  }
}

TEST_CASE("bytes are b and base64") {
  const Packet packet = message(bytes({1, 2, 3, 4}), true);
  CHECK(encode(packet) == "bAQIDBA==");
  CHECK(*decode("bAQIDBA==") == packet);
  CHECK(*decode("bAQIDBA") == packet);
  CHECK(decode("b")->body.empty());
}

TEST_CASE("what is no packet is refused") {
  for (const char* text :
       {"", "7", "a", " 4", "B", "-", "\x1e", "bAQIDB", "bAQ-D", "bAQID BA==", "bAQ==AQ==", "b====", "bA==="}) {
    INFO(text);
    const auto refused = decode(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_request);
    CHECK(refused.error().field == "packet");
  }
}

TEST_CASE("base64 is RFC 4648's, section 10") {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : examples) {
    CHECK(encode_base64(plain) == encoded);
    CHECK(*decode_base64(encoded) == plain);
  }
  CHECK(rc::check("any bytes pass", [](const std::string& any) { return *decode_base64(encode_base64(any)) == any; }));
}

TEST_CASE("a body's packets are separated by U+001E") {
  CHECK(encode_payload({"4hello", "2", "bAQIDBA=="}) ==
        "4hello\x1e"
        "2\x1e"
        "bAQIDBA==");
  const auto packets = decode_payload(
      "4hello\x1e"
      "2\x1e"
      "bAQIDBA==");
  REQUIRE(packets);
  REQUIRE(packets->size() == 3);
  CHECK((*packets)[0] == message("hello"));
  CHECK((*packets)[1].type == PacketType::ping);
  CHECK((*packets)[2] == message(bytes({1, 2, 3, 4}), true));
}

TEST_CASE("one bad packet makes its whole body bad") {
  for (const char* body : {"", "\x1e", "4hello\x1e",
                           "\x1e"
                           "4hello",
                           "4a\x1e\x1e"
                           "4b",
                           "4a\x1ex",
                           "4a\x1e"
                           "bAQ-D",
                           "abc"}) {
    INFO(body);
    CHECK_FALSE(decode_payload(body));
  }
}

TEST_CASE("a body holds so many packets and no more") {
  const auto of = [](std::size_t count) { return encode_payload(std::vector<std::string>(count, "4")); };
  CHECK(decode_payload(of(3), 3)->size() == 3);
  const auto refused = decode_payload(of(4), 3);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::too_large);
}

TEST_CASE("the handshake has exactly its five fields") {
  CHECK(encode_handshake({"abc", true, 25'000, 20'000, 1'000'000}) ==
        R"(0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  CHECK(encode_handshake({"abc", false, 300, 200, 5}) ==
        R"(0{"sid":"abc","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":5})");
}
