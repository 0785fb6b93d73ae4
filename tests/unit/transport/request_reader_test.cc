#include "transport/request_reader.h"

#include <catch2/catch.hpp>
#include <random>

using namespace jobwire::transport;
using Step = RequestReader::Step;

namespace {

std::string describe(RequestReader::Parsed parsed) {
  return parsed.request.method + " " + parsed.request.path + " " + parsed.request.body + "\n";
}

const std::string kThree =
    "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
    "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
    "\r\nPUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab\r\nc\r\n2;x=y\r\nde\r\n0\r\nT: "
    "t\r\n\r\n";
const std::string kSeen = "GET /a \nPOST /b hello\nPUT /c ab\r\ncde\n";

}  // namespace

TEST_CASE("requests come out in order, however their bytes are cut") {
  std::mt19937 random(3);
  for (int run = 0; run < 300; ++run) {
    RequestReader reader({});
    std::string seen;
    for (std::size_t at = 0; at < kThree.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % (run % 40 + 1), kThree.size() - at);
      reader.feed(std::string_view(kThree).substr(at, count));
      at += count;
      for (Step step = reader.next(); step != Step::need_more; step = reader.next()) {
        REQUIRE(step != Step::refused);
        if (step == Step::complete) seen += describe(reader.take());
      }
    }
    REQUIRE(seen == kSeen);
    CHECK(reader.buffered() == 0);
  }
}

TEST_CASE("the head is told of before its body, once") {
  RequestReader reader({});
  reader.feed("POST /b HTTP/1.1\r\nHost: h\r\nX-Name:  value \r\nContent-Length: 5\r\n\r\n");
  CHECK(reader.next() == Step::head);
  CHECK(reader.parsed().request.header("x-name") == "value");
  CHECK(reader.in_body());
  CHECK(reader.next() == Step::need_more);
  reader.feed("hello+");
  CHECK(reader.next() == Step::complete);
  CHECK(reader.take().request.body == "hello");
  CHECK(reader.take_leftover() == "+");
}

TEST_CASE("a refusal is the last word") {
  RequestReader reader({});
  reader.feed("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(reader.next() == Step::refused);
  CHECK(reader.refusal().error.field == "Host");
  reader.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(reader.next() == Step::refused);
}

TEST_CASE("a trailer does not become a header") {
  RequestReader reader({});
  reader.feed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n");
  while (reader.next() == Step::head) {
  }
  CHECK(reader.next() == Step::complete);
  CHECK(reader.take().request.header("authorization").empty());
}

TEST_CASE("a chunk's extension ends in its line, however the bytes are cut") {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string before : {"", "2\r\nab\r\n"}) {
    const std::string bytes = head + before + "0a;x=\"an open quote\r\nab\r\n0\r\n\r\n";
    for (const std::size_t piece : {bytes.size(), std::size_t{1}, std::size_t{4}}) {
      RequestReader reader({});
      Step step = Step::need_more;
      for (std::size_t at = 0; at < bytes.size() && step != Step::refused; at += piece) {
        reader.feed(std::string_view(bytes).substr(at, piece));
        do step = reader.next();
        while (step == Step::head);
        REQUIRE(step != Step::complete);
      }
      REQUIRE(step == Step::refused);
      CHECK(reader.refusal().status == 400);
      CHECK(reader.refusal().error.message == "a chunk's extension does not end in its line");
    }
  }
}

TEST_CASE("a quoted extension, and trailers that come late, are read") {
  RequestReader reader({});
  reader.feed(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"y;z\"\r\nab\r\n00;x=y\r\nT: t\r\n");
  while (reader.next() == Step::head) {
  }
  CHECK(reader.next() == Step::need_more);
  reader.feed("\r\n");
  CHECK(reader.next() == Step::complete);
  CHECK(reader.take().request.body == "ab");
}

TEST_CASE("random bytes, and damaged requests, are refused or awaited, never worse") {
  std::mt19937 random(5);
  for (int run = 0; run < 20'000; ++run) {
    RequestReader reader({});
    std::string bytes = run % 4 == 0 ? std::string() : kThree;
    if (bytes.empty()) {
      for (unsigned i = random() % 60; i > 0; --i) bytes.push_back(static_cast<char>(random()));
    } else {
      for (unsigned i = 1 + random() % 3; i > 0; --i) bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 50, bytes.size() - at);
      reader.feed(std::string_view(bytes).substr(at, count));
      at += count;
      Step step = reader.next();
      for (; step == Step::head || step == Step::complete; step = reader.next()) {
        if (step == Step::complete) reader.take();
      }
      REQUIRE(reader.buffered() <= 64 << 10);
      if (step == Step::refused) break;
    }
  }
}
