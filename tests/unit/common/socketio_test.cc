#include "jobwire/socketio.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::socketio;

namespace {

// Field of the refusal; "" where it has none.
std::string refused(std::string_view text) {
  const auto packet = decode(text);
  INFO(text);
  REQUIRE_FALSE(packet);
  CHECK_FALSE(packet.error().message.empty());
  return packet.error().field;
}

Packet read(std::string_view text) {
  auto packet = decode(text);
  INFO(text << (packet ? "" : ": " + packet.error().message));
  REQUIRE(packet);
  return std::move(*packet);
}

}  // namespace

// https://github.com/socketio/socket.io-protocol, "Packet encoding": its examples, and those of its sample session.
TEST_CASE("the protocol's own examples are read, and written byte for byte") {
  for (const char* text : {"0",
                           R"(0{"token":"123"})",
                           R"(0{"sid":"oSO0OpakMV_3jnilAAAA"})",
                           "0/admin,",
                           R"(0/admin,{"token":"123"})",
                           R"(4{"message":"Not authorized"})",
                           R"(4/admin,{"message":"Not authorized","data":{"code":"E001"}})",
                           "1",
                           "1/admin,",
                           R"(2["foo"])",
                           R"(2/admin,["bar"])",
                           R"(212["foo"])",
                           R"(2/admin,456["project:delete",123])",
                           "312[]",
                           R"(3/admin,13["bar"])",
                           R"(51-["baz",{"_placeholder":true,"num":0}])",
                           R"(52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
                           R"(51-15["bar",{"_placeholder":true,"num":0}])",
                           R"(61-15["bar",{"_placeholder":true,"num":0}])",
                           R"(61-/admin,1[{"_placeholder":true,"num":0}])"}) {
    CHECK(encode(read(text)) == text);
  }
}

TEST_CASE("a packet's parts are where they belong") {
  const Packet packet = read(R"(2/jobs,12["subscribe:jobs",{"jobId":"42"},[1, 2]])");
  CHECK(packet.type == PacketType::event);
  CHECK(packet.name_space == "/jobs");
  CHECK(packet.id == 12u);
  CHECK(packet.event == "subscribe:jobs");
  REQUIRE(packet.values.size() == 2);
  CHECK(packet.values[0].text == R"({"jobId":"42"})");
  CHECK(packet.values[1].text == "[1, 2]");
  CHECK(read("0/jobs").name_space == "/jobs");
  CHECK(read(R"(0{"a":1})").name_space == "/");
  CHECK(read("2/,[\"e\"]").name_space == "/");
}

TEST_CASE("arguments pass as the bytes that came") {
  CHECK(read(R"(2["e",0.30000000000000004])").values[0].text == "0.30000000000000004");
  CHECK(read(R"(2["e","\ud800"])").values[0].text == R"("\ud800")");
}

TEST_CASE("a number may name an event, as the client's own parser allows") { CHECK(read("2[7]").event == "7"); }

TEST_CASE("reserved names are nobody's to say") {
  for (const char* name :
       {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
    CHECK(is_reserved(name));
    CHECK(refused("2[\"" + std::string(name) + "\"]") == "event");
    CHECK(refused("51-[\"" + std::string(name) + R"(",{"_placeholder":true,"num":0}])") == "event");
  }
  CHECK(refused(R"(2["\u0063onnect"])") == "event");
  for (const char* name : {"", "Connect", "connected", "message", "error"}) CHECK_FALSE(is_reserved(name));
}

TEST_CASE("a payload that its type does not take is refused") {
  for (const char* text : {"",
                           "7",
                           "x",
                           "2",
                           "3",
                           "4",
                           "5",
                           "6",
                           "2[]",
                           "2{}",
                           "2null",
                           "2\"a\"",
                           "3[]",
                           "3{}",
                           "312",
                           "312{}",
                           "0[]",
                           "0\"a\"",
                           "0null",
                           "1{}",
                           "1/admin,{}",
                           "4[]",
                           "4\"no\"",
                           "2[",
                           "2[\"e\"]x",
                           "2[\"e\",]",
                           "2[{}]",
                           "2[null]",
                           "2[[\"e\"]]",
                           "2[true]",
                           "2[\"e\",\xff]"}) {
    refused(text);
  }
}

TEST_CASE("a binary packet says how many attachments follow, and names only those") {
  CHECK(read(R"(51-["e",{"_placeholder":true,"num":0}])").attachments == 1);
  CHECK(read(R"(52-["e",[{"a":{"_placeholder":true,"num":1}}],{"_placeholder":true,"num":0}])").attachments == 2);
  for (const char* text :
       {R"(5["e"])", R"(5-["e"])", R"(51["e"])", R"(5x-["e"])", R"(51-["e",{"_placeholder":true,"num":1}])",
        R"(51-["e",{"_placeholder":true,"num":-1}])", R"(51-["e",{"_placeholder":true,"num":0.5}])",
        R"(51-["e",{"_placeholder":true,"num":"0"}])", R"(51-["e",{"_placeholder":true}])",
        R"(599999999999999999999-["e"])", R"(6["e"])", R"(61-[])"}) {
    refused(text);
  }
  CHECK(decode("564-[\"e\"]"));
  const auto many = decode("565-[\"e\"]");
  REQUIRE_FALSE(many);
  CHECK(many.error().code == ErrorCode::too_large);
}

TEST_CASE("what looks like a placeholder is an argument like any other where nothing is attached") {
  CHECK(read(R"(2["e",{"_placeholder":true,"num":9}])").values[0].text == R"({"_placeholder":true,"num":9})");
  CHECK(read(R"(51-["e",{"_placeholder":false,"num":9}])").values.size() == 1);
}

TEST_CASE("an acknowledgement's id is a number that fits") {
  CHECK(read("2007[\"e\"]").id == 7u);
  CHECK(read("2[\"e\"]").id == std::nullopt);
  CHECK(read("39223372036854775807[]").id == 9223372036854775807u);
  refused("39223372036854775808[]");
  refused("2-1[\"e\"]");
  refused("21.5[\"e\"]");
}

TEST_CASE("a namespace is short UTF-8 text, for it goes back in what refuses it") {
  CHECK(read("0/" + std::string(255, 'a') + ",").name_space.size() == 256);
  CHECK(read("0/\xc3\xa9,").name_space == "/\xc3\xa9");
  CHECK(refused("0/" + std::string(256, 'a') + ",") == "namespace");
  CHECK(refused("0/a\x1e"
                "b,") == "namespace");
  CHECK(refused("0/\xff,") == "namespace");
  CHECK(refused(std::string_view("0/a\0b,", 6)) == "namespace");
}

TEST_CASE("an event's name is short") {
  CHECK(decode("2[\"" + std::string(256, 'e') + "\"]"));
  CHECK(refused("2[\"" + std::string(257, 'e') + "\"]") == "event");
}

TEST_CASE("depth and size are limited") {
  const std::string deep = "2[\"e\"," + std::string(70, '[') + std::string(70, ']') + "]";
  CHECK_FALSE(decode(deep));
  CHECK_FALSE(decode(R"(2["e","0123456789"])", {.message_bytes = 10}));
}
