#include "transport/http_rules.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::transport;

namespace {

Framing framing_of(const Fields& fields, int minor_version = 1) {
  auto verdict = check_fields(fields, minor_version);
  REQUIRE(std::holds_alternative<Framing>(verdict));
  return std::get<Framing>(verdict);
}
int refused(const Fields& fields, int minor_version = 1) {
  const auto verdict = check_fields(fields, minor_version);
  return std::holds_alternative<Refusal>(verdict) ? std::get<Refusal>(verdict).status : 0;
}
const std::pair<std::string, std::string> kHost{"host", "h"};

}  // namespace

TEST_CASE("a head is refused at its first bad byte, whatever it arrives in") {
  const std::string good = "GET / HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";
  HeadScanner scanner({});
  for (std::size_t i = 1; i < good.size(); ++i) {
    REQUIRE(scanner.scan(std::string_view(good).substr(0, i)) == HeadScanner::State::incomplete);
  }
  CHECK(scanner.scan(good + "body") == HeadScanner::State::complete);
  CHECK(scanner.end() == good.size());

  HeadScanner early({});
  CHECK(early.scan(std::string("GET / HTTP/1.1\r\nX: \0", 20)) == HeadScanner::State::refused);
}

TEST_CASE("the limits of a head are exact") {
  HeadLimits limits;
  limits.head_bytes = 64;
  limits.target_bytes = 10;
  limits.fields = 2;
  const auto status = [&](const std::string& head) {
    HeadScanner scanner(limits);
    return scanner.scan(head) == HeadScanner::State::refused ? scanner.refusal().status : 0;
  };
  CHECK(status("GET /123456789 HTTP/1.1\r\n\r\n") == 0);
  CHECK(status("GET /1234567890 HTTP/1.1\r\n\r\n") == 414);
  CHECK(status("GET / HTTP/1.1\r\na:b\r\nc:d\r\n\r\n") == 0);
  CHECK(status("GET / HTTP/1.1\r\na:b\r\nc:d\r\ne:f\r\n\r\n") == 431);
  const std::string start = "GET / HTTP/1.1\r\na:";
  CHECK(status(start + std::string(64 - start.size() - 4, 'x') + "\r\n\r\n") == 0);
  CHECK(status(start + std::string(64 - start.size() - 3, 'x') + "\r\n\r\n") == 431);
}

TEST_CASE("keep-alive is the default of 1.1 and an extra of 1.0") {
  CHECK(framing_of({kHost}).keep_alive);
  CHECK_FALSE(framing_of({kHost, {"connection", "foo, Close"}}).keep_alive);
  CHECK_FALSE(framing_of({}, 0).keep_alive);
  CHECK(framing_of({{"connection", "Keep-Alive"}}, 0).keep_alive);
  CHECK_FALSE(framing_of({{"connection", "keep-alive, close"}}, 0).keep_alive);
}

TEST_CASE("a body is announced by one length or by chunked, and by nothing else") {
  CHECK(framing_of({kHost, {"content-length", "12"}}).content_length == 12);
  CHECK_FALSE(framing_of({kHost, {"content-length", "0"}}).has_body());
  CHECK(framing_of({kHost, {"transfer-encoding", "Chunked"}}).chunked);
  CHECK(refused({kHost, {"content-length", "1"}, {"content-length", "1"}}) == 400);
  CHECK(refused({kHost, {"content-length", "1"}, {"transfer-encoding", "chunked"}}) == 400);
  CHECK(refused({kHost, {"transfer-encoding", "chunked;q=1"}}) == 400);
  CHECK(refused({kHost, {"transfer-encoding", ""}}) == 400);
  CHECK(refused({kHost, {"content-length", "1 2"}}) == 400);
}

TEST_CASE("an upgrade needs both of its fields") {
  CHECK(framing_of({kHost, {"connection", "keep-alive, Upgrade"}, {"upgrade", "WebSocket"}}).upgrades_to_websocket);
  CHECK_FALSE(framing_of({kHost, {"upgrade", "websocket"}}).upgrades_to_websocket);
  CHECK_FALSE(framing_of({kHost, {"connection", "upgrade"}, {"upgrade", "h2c"}}).upgrades_to_websocket);
}

TEST_CASE("an expectation counts only where there is a body, and not in 1.0") {
  CHECK(framing_of({kHost, {"expect", "100-Continue"}, {"content-length", "3"}}).expects_continue);
  CHECK_FALSE(framing_of({kHost, {"expect", "100-continue"}}).expects_continue);
  CHECK_FALSE(framing_of({{"expect", "anything"}}, 0).expects_continue);
}

TEST_CASE("a target is split and decoded, and its parts kept as sent beside") {
  Request request;
  request.method = "GET";
  REQUIRE_FALSE(apply_target("/jobs/a%2Fb%20%C3%A9?x=1&y=%26+z&flag&&=e", request));
  CHECK(request.path == "/jobs/a/b \xc3\xa9");
  CHECK(request.raw_path == "/jobs/a%2Fb%20%C3%A9");
  CHECK(request.query_value("x") == "1");
  CHECK(request.query_value("y") == "& z");
  CHECK(request.query_value("flag") == "");
  CHECK_FALSE(request.query_value("absent"));
}

TEST_CASE("an absolute-form target names the host that counts") {
  Request request;
  request.method = "GET";
  request.headers = {{"host", "other"}};
  REQUIRE_FALSE(apply_target("HTTP://real:8080?q=1", request));
  CHECK(request.path == "/");
  CHECK(request.header("host") == "real:8080");
  CHECK(request.query_value("q") == "1");
  for (const char* bad : {"http://", "http:///x", "http://user@h/", "file:///etc", "x", "*"}) {
    Request refused;
    refused.method = "GET";
    INFO(bad);
    CHECK(apply_target(bad, refused));
  }
  Request options;
  options.method = "OPTIONS";
  CHECK_FALSE(apply_target("*", options));
  CHECK(options.path == "/");
}

TEST_CASE("percent-decoding takes two hex digits or fails") {
  std::string out;
  CHECK(percent_decode("a%41%7e+", out, false));
  CHECK(out == "aA~+");
  CHECK(percent_decode("a+b", out, true));
  CHECK(out == "a b");
  for (const char* bad : {"%", "%4", "%4g", "a%", "%%41"}) CHECK_FALSE(percent_decode(bad, out, false));
}
