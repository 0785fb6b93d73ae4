// ids, cursors, channels, errors: the small values.
#include <catch2/catch.hpp>

#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/error.h"
#include "jobwire/ids.h"
#include "jobwire/json_writer.h"

using namespace jobwire;

TEST_CASE("an id is 1 to 128 bytes of UTF-8 without control characters, and no dots alone") {
  for (const std::string good : {"a", "...", "a b", "\xc3\xa9", "a/b?c#d"}) CHECK(check_id(good, "id"));
  CHECK(check_id(std::string(128, 'x'), "id"));
  const std::string nul("a\0b", 3);
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("a\nb"), nul,
                                 std::string("\x7f"), std::string("\xff"), std::string(129, 'x')}) {
    const Status refused = check_id(bad, "userId");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().field == "userId");
  }
}

TEST_CASE("UTF-8 is checked as RFC 3629 has it") {
  for (const char* good :
       {"", "plain ascii text of some length", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_valid_utf8(good));
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80", "\xc2", "long enough for a word\xe2\x82"}) {
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("a cursor is what the server gave, and nothing else") {
  const Cursor cursor{0xdeadbeef, 42};
  CHECK(to_string(cursor) == "00000000deadbeef:42");
  CHECK(*parse_cursor(to_string(cursor)) == cursor);
  for (const char* bad : {"", "1", "00000000deadbeef", "00000000deadbeef:", "00000000DEADBEEF:1", "00000000deadbeef:-1",
                          "00000000deadbeef:9007199254740992", "00000000deadbeef:1x", "0000000deadbeef:1", "latest"}) {
    CHECK_FALSE(parse_cursor(bad));
  }
}

TEST_CASE("channels are written as they are read") {
  for (const char* text : {"job:a", "user:alice", "queue:normal", "all-jobs", "admin", "job:a:b"}) {
    const auto channel = parse_channel(text);
    REQUIRE(channel);
    CHECK(to_string(*channel) == text);
  }
  for (const char* bad : {"", "job", "job:", "job:..", "room:1", "admin:", "All-Jobs"}) CHECK_FALSE(parse_channel(bad));
}

TEST_CASE("every error code has a name of its own that is read back") {
  for (int i = 0; i <= static_cast<int>(ErrorCode::unavailable); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    CHECK(code_from_name(code_name(code)) == code);
    CHECK(http_status(code) >= 400);
  }
  CHECK(code_from_name("from the future") == ErrorCode::internal);
}

TEST_CASE("close codes say what a client does") {
  CHECK(after_close(4401) == AfterClose::refresh_token);
  for (const int stop : {4400, 4403, 4413}) CHECK(after_close(static_cast<std::uint16_t>(stop)) == AfterClose::stop);
  for (const int again : {1000, 1001, 1006, 4408, 4429, 4503, 4999}) {
    CHECK(after_close(static_cast<std::uint16_t>(again)) == AfterClose::reconnect);
  }
}

TEST_CASE("JSON is written with commas where they belong, and strings that are always UTF-8") {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .field("a", 1)
      .key("b")
      .begin_array()
      .string("x\n\"\xff")
      .percent({1250})
      .percent({1205})
      .null()
      .end_array();
  json.field("c", true).field_if("d", "").field_if("e", 0).field("f", std::int64_t{-9007199254740991}).end_object();
  CHECK(text == "{\"a\":1,\"b\":[\"x\\n\\\"\xef\xbf\xbd\",12.5,12.05,null],\"c\":true,\"f\":-9007199254740991}");
}
