#include "observe/log.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "support/clock.h"

using namespace jobwire;
using namespace jobwire::observe;

namespace {

std::string written(LogOptions options, Level level, std::string_view event, Fields fields) {
  const test::ManualClock clock(1'764'000'000'007);
  std::ostringstream out;
  Log(options, clock, out).write(level, event, fields);
  return out.str();
}

}  // namespace

TEST_CASE("logfmt: a line an event, with its time in UTC") {
  CHECK(written({}, Level::info, "listening", {{"port", 7070}, {"tls", false}, {"address", "127.0.0.1"}}) ==
        "time=2025-11-24T16:00:00.007Z level=info event=listening port=7070 tls=false address=127.0.0.1\n");
}

TEST_CASE("JSON: the same fields as an object") {
  CHECK(written({.format = LogFormat::json}, Level::warn, "degraded", {{"why", "disk full"}, {"count", -2}}) ==
        R"({"time":"2025-11-24T16:00:00.007Z","level":"warn","event":"degraded","why":"disk full","count":-2})"
        "\n");
}

TEST_CASE("a value cannot forge a field or a line") {
  CHECK(written({}, Level::info, "x", {{"a", "b c=d"}, {"e", "1\nlevel=error"}, {"f", ""}}) ==
        "time=2025-11-24T16:00:00.007Z level=info event=x a=\"b c=d\" e=\"1\\nlevel=error\" f=\"\"\n");
}

TEST_CASE("what lies below the level is not written") {
  CHECK(written({.level = Level::warn}, Level::info, "x", {}).empty());
  CHECK_FALSE(written({.level = Level::warn}, Level::warn, "x", {}).empty());
  CHECK(written({.level = Level::off}, Level::error, "x", {}).empty());
}

TEST_CASE("braces in a value are text, not a format") {
  CHECK(written({}, Level::info, "{}", {{"a", "{0}"}}).find("event={} a={0}") != std::string::npos);
}

TEST_CASE("levels and formats are known by their names") {
  CHECK(level_from_name("debug") == Level::debug);
  CHECK(level_from_name("off") == Level::off);
  CHECK_FALSE(level_from_name("verbose"));
  CHECK(format_from_name("json") == LogFormat::json);
  CHECK_FALSE(format_from_name("xml"));
}
