#include "json_tape.h"

#include <catch2/catch.hpp>
#include <vector>

#include "jobwire/random.h"
#include "support/json_oracle.h"

using namespace jobwire;
using json::Fault;
using json::Tape;

namespace {

Fault fault_of(std::string_view text, std::size_t depth = 64) {
  Tape tape;
  return tape.read(text, 1 << 20, depth);
}

std::string text_of(std::string_view json) {
  Tape tape;
  REQUIRE(tape.read(json, 1 << 20, 64) == Fault::none);
  return std::string(tape.root().text());
}

}  // namespace

TEST_CASE("what is no JSON is refused") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{1:2}",
                           "{a:1}",
                           "{,}",
                           "[}",
                           "{]",
                           "[1}",
                           "{\"a\":1]",
                           "1 2",
                           "[] []",
                           "nul",
                           "nulL",
                           "truex",
                           "tru",
                           "+1",
                           "-",
                           "01",
                           "-01",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "1.e1",
                           "0x1",
                           "NaN",
                           "Infinity",
                           "'a'",
                           "\"a",
                           "\"\\",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\t\"",
                           "\"\n\"",
                           "[1]//",
                           "/**/1",
                           "\xef\xbb\xbf"
                           "1"}) {
    CAPTURE(text);
    CHECK(fault_of(text) == Fault::syntax);
  }
  CHECK(fault_of(std::string_view("1\0", 2)) == Fault::syntax);
  CHECK(fault_of(std::string_view("\"\0\"", 3)) == Fault::syntax);
  CHECK(fault_of(std::string_view("\0", 1)) == Fault::syntax);
  CHECK(fault_of("\"\xff\"") == Fault::not_utf8);
  CHECK(fault_of("\"\xed\xa0\x80\"") == Fault::not_utf8);
}

TEST_CASE("nesting is bounded, and what lies at the bound is read") {
  CHECK(fault_of("[[1]]", 2) == Fault::none);
  CHECK(fault_of("[[1],[2],{\"a\":3}]", 2) == Fault::none);
  CHECK(fault_of("[[[]]]", 2) == Fault::too_deep);
  CHECK(fault_of("[{\"a\":{}}]", 2) == Fault::too_deep);
  CHECK(fault_of(std::string(100'000, '[')) == Fault::too_deep);
}

TEST_CASE("a text is decoded, and a lone surrogate is U+FFFD") {
  CHECK(text_of(R"("")").empty());
  CHECK(text_of(R"("plain text, longer than a word")") == "plain text, longer than a word");
  CHECK(text_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text_of(R"("a\u0041\u00e9\u20AC\ud83d\ude00z")") == "aA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
  CHECK(text_of(R"("\u0000")") == std::string(1, '\0'));
  CHECK(text_of(R"("\uffff\ud7ff\ue000")") == "\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80");
  CHECK(text_of(R"("\udbff\udfff")") == "\xf4\x8f\xbf\xbf");
  CHECK(text_of(R"("\ud83d")") == "\xef\xbf\xbd");
  CHECK(text_of(R"("\ude00\ud83d")") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(text_of(R"("\ud83d\ud83d\ude00")") == "\xef\xbf\xbd\xf0\x9f\x98\x80");
  CHECK(text_of(R"("\ud83dx\ude00")") == "\xef\xbf\xbdx\xef\xbf\xbd");
  CHECK(fault_of(R"("\ud83d\u12")") == Fault::syntax);
}

TEST_CASE("values are where they stand in the source") {
  const std::string text = R"( {"a" : [1, -2.5e3, {"b":null}] , "\u0063":"x\ny", "d":{}, "e":[], "f":true} )";
  Tape tape;
  REQUIRE(tape.read(text, text.size(), 64) == Fault::none);
  std::vector<std::string> told;
  for (auto [key, end] = tape.root().children(); key != end; key = key.value().next()) {
    told.push_back(std::string(key.text()) + "=" + std::string(key.value().raw()));
  }
  CHECK(told == std::vector<std::string>{R"(a=[1, -2.5e3, {"b":null}])", R"(c="x\ny")", "d={}", "e=[]", "f=true"});
  CHECK(tape.read("1", 1, 64) == Fault::none);  // a tape is used again
  CHECK(tape.root().raw() == "1");
}

TEST_CASE("a number beyond the range of a double is refused where it would be read as one") {
  CHECK_FALSE(Tape::parse("[1,{\"a\":1e309}]", 100, 64));
  CHECK(Tape::parse("[1,{\"a\":1.7976931348623157e308}]", 100, 64));
  CHECK(fault_of("1e309") == Fault::none);
}

TEST_CASE("whatever the text, it is read as RapidJSON reads it") {
  const std::vector<std::string> pieces = {
      "{",     "}",      "[",  "]",  ",",    ":",        "\"",    "\"a\"",   "\"\\n\"",  "\"\\u00e9b\"",
      "\\",    "\\u004", "1",  "-0", "0.5",  "1e5",      "-1E-2", "00",      "null",     "true",
      "false", "nul",    " ",  "\n", "\t",   "\xc3\xa9", "\xff",  "\"a\":1", "\"key\":", "\"a longer text, of words\"",
      "[1,2]", "{}",     "[]", "x",  "\x01", "\x7f"};
  Random random(1);
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (auto count = random.below(12); count > 0; --count) text += pieces[random.below(pieces.size())];
    const auto expected = json_oracle::rapidjson_tells(text);
    if (!expected || *expected == json_oracle::tape_tells(text)) continue;
    CAPTURE(text);
    REQUIRE(json_oracle::tape_tells(text) == *expected);
  }
}

TEST_CASE("a document that was damaged is read as RapidJSON reads it") {
  const std::string whole =
      R"({"event":"changes","data":{"cursor":"00000000000000aa:12","events":[{"type":"progress","jobId":"a\/b","seq":2,)"
      R"("offset":12,"at":1764000000000,"progress":12.50,"message":"page \u00e9 \"3\" of 24\n","x":[[],{},[{}],-1.5E+3]}],)"
      R"("jobs":[null,true,false,{"metadata":{"k":{"deep":["v",0,0.1]}}}]}})";
  REQUIRE(*json_oracle::rapidjson_tells(whole) == json_oracle::tape_tells(whole));
  REQUIRE_FALSE(json_oracle::tape_tells(whole).empty());
  Random random(2);
  for (int round = 0; round < 100'000; ++round) {
    std::string text = whole;
    for (auto count = random.below(3) + 1; count > 0; --count) {
      const auto at = random.below(text.size());
      const char other = text[random.below(text.size())];
      switch (random.below(3)) {
        case 0:
          text[at] = other;
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), other);
      }
    }
    const auto expected = json_oracle::rapidjson_tells(text);
    if (!expected || *expected == json_oracle::tape_tells(text)) continue;
    CAPTURE(text);
    REQUIRE(json_oracle::tape_tells(text) == *expected);
  }
}
