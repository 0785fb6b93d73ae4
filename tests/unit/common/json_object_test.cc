#include "jobwire/json_object.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using Kind = JsonValue::Kind;

namespace {

JsonObject object(std::string_view text) {
  auto parsed = JsonObject::parse(text);
  REQUIRE(parsed);
  return std::move(*parsed);
}

}  // namespace

TEST_CASE("members are told by kind, text and the JSON that came") {
  const JsonObject all =
      object(R"({"n":null,"b":true,"i":-1.50,"s":"a\u00e9\n","o":{ "x": 1 },"a":[1, "two"],"":"no name"})");
  REQUIRE(all.members().size() == 7);
  CHECK(all.find("n")->is(Kind::null));
  CHECK(all.find("b")->is_true());
  CHECK(all.find("i")->text == "-1.50");
  CHECK(all.find("s")->text == "a\xc3\xa9\n");
  CHECK(all.find("s")->json.text == R"("a\u00e9\n")");
  CHECK(all.find("o")->json.text == R"({ "x": 1 })");
  CHECK(all.find("a")->json.text == R"([1, "two"])");
  CHECK(all.find("")->text == "no name");
  CHECK(all.find("absent") == nullptr);
}

TEST_CASE("null is not there for who asks for a value") {
  const JsonObject one = object(R"({"a":null,"b":0})");
  CHECK(one.find("a") != nullptr);
  CHECK(one.find_value("a") == nullptr);
  CHECK_FALSE(one.has("a"));
  CHECK(one.has("b"));
}

TEST_CASE("a text is a string, or absent; anything else is named") {
  const JsonObject one = object(R"({"jobId":"42","userId":42,"n":null,"t":"true"})");
  CHECK(*one.text("jobId") == "42");
  CHECK(one.text("n")->empty());
  CHECK(one.text("absent")->empty());
  const auto refused = one.text("userId");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::bad_request);
  CHECK(refused.error().field == "userId");
  CHECK(one.string("jobId") == "42");
  CHECK_FALSE(one.string("userId"));
  CHECK_FALSE(one.string("absent"));
  CHECK_FALSE(one.find("t")->is_true());
}

TEST_CASE("of a member that stands twice the last one counts, or the object is refused") {
  const char* text = R"({"sub":"alice","\u0073ub":"bob"})";
  CHECK(*object(text).text("sub") == "bob");
  const auto refused = JsonObject::parse(text, {}, "claims", JsonObject::Repeats::refused);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "claims must have no member twice");
  CHECK(JsonObject::parse(R"({"a":{"x":1,"x":2}})", {}, "claims", JsonObject::Repeats::refused));
}

TEST_CASE("an object that is compared with itself is of bounded size") {
  const auto with = [](int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    return JsonObject::parse(text + "}", {}, "it", JsonObject::Repeats::refused);
  };
  CHECK(with(256));
  CHECK_FALSE(with(257));
}

TEST_CASE("what is no object, or no JSON, is refused with its rule") {
  for (const char* text : {"[]", "\"a\"", "7", "null"}) {
    const auto refused = JsonObject::parse(text, {}, "the payload");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_request);
    CHECK(refused.error().message == "the payload must be an object");
  }
  for (const char* text : {"", "{", "{\"a\":1,}", "{'a':1}", "{\"a\":\"\xff\"}", "{} x", "{\"a\":01}"}) {
    const auto refused = JsonObject::parse(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::bad_json);
  }
  CHECK_FALSE(JsonObject::parse(R"({"a":[[[]]]})", {.depth = 3}));
  CHECK_FALSE(JsonObject::parse(R"({"a":"0123456789"})", {.message_bytes = 10}));
}

TEST_CASE("a lone surrogate is U+FFFD in text and bytes in JSON") {
  const JsonObject one = object(R"({"a":"x\ud800"})");
  CHECK(one.find("a")->text == "x\xef\xbf\xbd");
  CHECK(one.find("a")->json.text == R"("x\ud800")");
}

TEST_CASE("an array's elements come in order, and not too many") {
  const auto elements = json_elements(R"(["a", 1,{"b":[2]},null])", 4);
  REQUIRE(elements);
  REQUIRE(elements->size() == 4);
  CHECK((*elements)[0].text == "a");
  CHECK((*elements)[2].json.text == R"({"b":[2]})");
  CHECK((*elements)[3].is(Kind::null));
  CHECK_FALSE(json_elements("[1,2,3]", 2));
  CHECK_FALSE(json_elements("{}", 2));
  CHECK_FALSE(json_elements("[", 2));
  CHECK(json_elements("[]", 0)->empty());
}
