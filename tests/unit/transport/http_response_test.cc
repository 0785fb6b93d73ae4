#include "transport/http_response.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::transport;

TEST_CASE("a head has the status, the route's fields and the transport's own, once") {
  Response response;
  response.headers = {{"Content-Type", "text/plain"}, {"content-length", "999"}, {"Connection", "keep-alive"}};
  response.body = "hello";
  CHECK(response_head(response, {}) == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
  CHECK(response_head(response, {.keep_alive = false, .date = "now"}) ==
        "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a field cannot end the head before its time") {
  Response response;
  response.headers = {{"X-A", "a\r\nX-B: b"}, {"X-C\r\nX-D", "d"}, {"X-E", std::string("e\0", 2)}, {"Location", "/ok"}};
  CHECK(response_head(response, {}) == "HTTP/1.1 200 OK\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a problem says what PROTOCOL.md promises") {
  const auto response = problem({ErrorCode::rate_limited, "say \"when\"", "jobId", 1500});
  CHECK(response.status == 429);
  CHECK(
      response.body ==
      R"({"type":"about:blank","title":"Too Many Requests","status":429,"detail":"say \"when\"","code":"rate_limited",)"
      R"("message":"say \"when\"","field":"jobId","retryAfter":1500})");
  CHECK(response_head(response, {}).find("retry-after: 2\r\n") != std::string::npos);
  CHECK(problem({ErrorCode::bad_request, "m", {}}, 414).status == 414);
}
