// What Beast would let through, or a hurried client would send: each is answered with problem+json, then closed.
#include "integration/transport_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Bad {
  const char* what;
  int status;
  std::string bytes;
};

const std::string kHost = "Host: h\r\n";
const std::string kUpgrade = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
const std::string kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";

const std::vector<Bad>& all_bad() {
  static const std::vector<Bad> all = {
      {"two Content-Length", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"the same Content-Length twice", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"},
      {"a list as Content-Length", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1, 1\r\n\r\na"},
      {"a negative Content-Length", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: -1\r\n\r\n"},
      {"a signed Content-Length", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: +1\r\n\r\na"},
      {"a hexadecimal Content-Length", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 0x1\r\n\r\na"},
      {"an endless Content-Length", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 99999999999999999999\r\n\r\n"},
      {"an empty Content-Length", 400, "POST / HTTP/1.1\r\n" + kHost + "Content-Length:\r\n\r\n"},
      {"Content-Length with Transfer-Encoding", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"Transfer-Encoding: gzip", 400, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: gzip\r\n\r\n"},
      {"Transfer-Encoding: gzip, chunked", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunked, chunked", 400, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
      {"Transfer-Encoding: identity", 400, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: identity\r\n\r\n"},
      {"Transfer-Encoding: xchunked", 400, "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: xchunked\r\n\r\n"},
      {"chunked by HTTP/1.0", 400, "POST / HTTP/1.0\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"no Host", 400, "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"a Host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"a Host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {"a folded header", 400, "GET / HTTP/1.1\r\n" + kHost + "X: a\r\n b\r\n\r\n"},
      {"a folded header, by tab", 400, "GET / HTTP/1.1\r\n" + kHost + "X: a\r\n\tb\r\n\r\n"},
      {"a folded first header", 400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
      {"a space before the colon", 400, "GET / HTTP/1.1\r\n" + kHost + "X : a\r\n\r\n"},
      {"a header without a colon", 400, "GET / HTTP/1.1\r\n" + kHost + "nonsense\r\n\r\n"},
      {"a header without a name", 400, "GET / HTTP/1.1\r\n" + kHost + ": a\r\n\r\n"},
      {"a bare LF", 400, "GET / HTTP/1.1\nHost: h\n\n"},
      {"a bare LF among headers", 400, "GET / HTTP/1.1\r\n" + kHost + "X: a\nY: b\r\n\r\n"},
      {"a bare CR", 400, "GET / HTTP/1.1\r\n" + kHost + "X: a\rContent-Length: 3\r\n\r\n"},
      {"a NUL in a header", 400, "GET / HTTP/1.1\r\n" + kHost + std::string("X: a\0b\r\n\r\n", 10)},
      {"a control character in a header", 400, "GET / HTTP/1.1\r\n" + kHost + "X: a\x01z\r\n\r\n"},
      {"a method that is no token", 400, "GE(T / HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a method without end", 400, std::string(40, 'G') + " / HTTP/1.1\r\n" + kHost + "\r\n"},
      {"two spaces in the request line", 400, "GET  / HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a tab in the request line", 400, "GET\t/ HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a request line of one word", 400, "GET\r\n\r\n"},
      {"no version", 400, "GET /\r\n\r\n"},
      {"a version in lower case", 400, "GET / http/1.1\r\n" + kHost + "\r\n"},
      {"HTTP/2.0", 505, "GET / HTTP/2.0\r\n" + kHost + "\r\n"},
      {"HTTP/2 with prior knowledge", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"HTTP/1.2", 505, "GET / HTTP/1.2\r\n" + kHost + "\r\n"},
      {"a target that is no path", 400, "GET nonsense HTTP/1.1\r\n" + kHost + "\r\n"},
      {"* for a GET", 400, "GET * HTTP/1.1\r\n" + kHost + "\r\n"},
      {"an authority as target", 400, "CONNECT h:80 HTTP/1.1\r\n" + kHost + "\r\n"},
      {"another scheme", 400, "GET ftp://h/ HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a fragment", 400, "GET /a#b HTTP/1.1\r\n" + kHost + "\r\n"},
      {"bytes over 127 in the target", 400, "GET /\xc3\xa9 HTTP/1.1\r\n" + kHost + "\r\n"},
      {"bad percent-encoding", 400, "GET /a%2 HTTP/1.1\r\n" + kHost + "\r\n"},
      {"percent-encoding of no hex", 400, "GET /a%zz HTTP/1.1\r\n" + kHost + "\r\n"},
      {"bad percent-encoding in the query", 400, "GET /?a=%f HTTP/1.1\r\n" + kHost + "\r\n"},
      {"an encoded NUL", 400, "GET /a%00b HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a path that is not UTF-8", 400, "GET /%ff HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a target that is too long", 414, "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + kHost + "\r\n"},
      {"a head that is too large", 431, "GET / HTTP/1.1\r\n" + kHost + "X: " + std::string(17000, 'a') + "\r\n\r\n"},
      {"another expectation", 417, "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\nExpect: tea\r\n\r\na"},
      {"a chunk size that is no number", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"},
      {"a chunk longer than its size", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"},
      {"a chunk extension without end", 400,
       "POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(20000, 'a')},
      {"TLS on a plain port", 400, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {"an upgrade without a key", 400, kUpgrade + kVersion + "\r\n"},
      {"a key that is too short", 400, kUpgrade + kVersion + "Sec-WebSocket-Key: c2hvcnQ=\r\n\r\n"},
      {"a key of 17 bytes", 400, kUpgrade + kVersion + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=\r\n\r\n"},
      {"a key that is not base64", 400, kUpgrade + kVersion + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==\r\n\r\n"},
      {"two keys", 400, kUpgrade + kVersion + kKey + kKey + "\r\n"},
      {"WebSocket version 8", 426, kUpgrade + kKey + "Sec-WebSocket-Version: 8\r\n\r\n"},
      {"no WebSocket version", 426, kUpgrade + kKey + "\r\n"},
      {"an upgrade by POST", 400,
       "POST /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + kKey + kVersion + "\r\n"},
      {"an upgrade by HTTP/1.0", 400,
       "GET /ws HTTP/1.0\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + kKey + kVersion + "\r\n"},
      {"an upgrade with a body", 400, kUpgrade + kKey + kVersion + "Content-Length: 1\r\n\r\na"},
      {"a WebSocket's path without an upgrade", 426, "GET /ws HTTP/1.1\r\n" + kHost + "\r\n"},
  };
  return all;
}

std::string many_fields() {
  std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 200; ++i) head += "X-" + std::to_string(i) + ": a\r\n";
  return head + "\r\n";
}

}  // namespace

TEST_CASE("a malformed request is answered with its status and a problem, and never reaches the handler") {
  int handled = 0;
  RunningTransport server(test_options(), [&](std::shared_ptr<transport::Exchange> exchange) {
    ++handled;
    echo(std::move(exchange));
  });
  std::vector<Bad> all = all_bad();
  all.push_back({"too many fields", 431, many_fields()});
  for (const auto& bad : all) {
    INFO(bad.what);
    auto client = server.connect();
    const auto answer = client.ask(bad.bytes);
    CHECK(answer.status == bad.status);
    CHECK(answer.has("content-type: application/problem+json"));
    CHECK(answer.body.find("\"status\":" + std::to_string(bad.status)) != std::string::npos);
    CHECK(answer.body.find("\"code\":\"") != std::string::npos);
    CHECK(client.ends());
  }
  CHECK(server.stats().bad_requests == all.size());
  server.on_loop([&] { CHECK(handled == 0); });
}

TEST_CASE("426 names the version that is spoken") {
  RunningTransport server;
  auto client = server.connect();
  const auto answer = client.ask(kUpgrade + kKey + "Sec-WebSocket-Version: 7\r\n\r\n");
  CHECK(answer.has("Sec-WebSocket-Version: 13"));
  CHECK(answer.has("Upgrade: websocket"));
}

TEST_CASE("what stands behind a refused request is not read as another one") {
  RunningTransport server;
  auto client = server.connect();
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_to_end().find("smuggled") == std::string::npos);
  CHECK(server.stats().requests == 0);
}

TEST_CASE("empty lines before a request line are allowed, within reason") {
  RunningTransport server;
  auto client = server.connect();
  CHECK(client.ask("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n").body == "GET /a ");
  CHECK(client.ask("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n").status == 400);
}

TEST_CASE("a body over the limit is 413 before it is read, or as soon as it is") {
  auto options = test_options();
  options.http.body_bytes = 1000;
  RunningTransport server(options);
  SECTION("announced") {
    auto client = server.connect();
    CHECK(client.ask("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n").status ==
          413);
    CHECK(client.ends());
  }
  SECTION("chunked") {
    auto client = server.connect();
    std::string request = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 3; ++i) request += "190\r\n" + std::string(400, 'x') + "\r\n";
    CHECK(client.ask(request).status == 413);
    CHECK(client.ends());
  }
  SECTION("exactly the limit is taken") {
    auto client = server.connect();
    CHECK(client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')).status ==
          200);
  }
}

TEST_CASE("the answer to an oversized upload is not lost to the bytes that are still on their way") {
  auto options = test_options();
  options.http.body_bytes = 1000;
  RunningTransport server(options);
  auto client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x'));
  CHECK(client.read_response().status == 413);
}

TEST_CASE("a head that does not come to its end is 408") {
  auto options = test_options();
  options.timeouts.head = 300ms;
  RunningTransport server(options);
  auto client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\nX-");
  CHECK(client.read_response().status == 408);
  CHECK(client.ends());
}

TEST_CASE("a slow loris is timed from its first byte, not from its last") {
  auto options = test_options();
  options.timeouts.head = 300ms;
  RunningTransport server(options);
  auto client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: h\r\n");
  while (client.try_send("X: y\r\n") && server.stats().timed_out == 0) std::this_thread::sleep_for(5ms);
  CHECK(client.read_response().status == 408);
}

TEST_CASE("a body that stops coming is 408") {
  auto options = test_options();
  options.timeouts.body_idle = 50ms;
  RunningTransport server(options);
  auto client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(client.read_response().status == 408);
  CHECK(client.ends());
}

TEST_CASE("a body may not trickle for ever") {
  auto options = test_options();
  options.timeouts.body = 100ms;
  RunningTransport server(options);
  auto client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  while (client.try_send("x") && server.stats().timed_out == 0) std::this_thread::sleep_for(5ms);
  CHECK(client.read_response().status == 408);
}

TEST_CASE("a connection that asks nothing is closed without a word") {
  auto options = test_options();
  options.timeouts.head = 300ms;
  options.timeouts.keep_alive = 50ms;
  RunningTransport server(options);
  auto silent = server.connect();
  CHECK(silent.ends());
  auto kept = server.connect();
  CHECK(kept.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200);
  CHECK(kept.ends());
}

TEST_CASE("connections past the limit are told so and closed; a place that frees is given away again") {
  auto options = test_options();
  options.most_connections = 2;
  options.timeouts.linger = 20s;
  RunningTransport server(options);
  auto first = server.connect();
  auto second = std::make_unique<RawSocket>(server.port());
  CHECK(first.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200);
  CHECK(second->ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200);
  auto third = server.connect();
  third.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = third.read_response();
  CHECK(answer.status == 503);
  CHECK(answer.has("retry-after: 1"));
  CHECK(third.ends());  // and keeps its end open: that takes nobody's place
  second.reset();
  server.await_stats([](const auto& stats) { return stats.connections == 2; });
  auto fourth = server.connect();
  CHECK(fourth.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200);
  CHECK(server.stats().refused == 1);
}

TEST_CASE("a client that sends requests and never reads the answers is not read for ever, and is dropped") {
  auto options = test_options();
  options.timeouts.write = 200ms;
  const auto body = std::make_shared<const std::string>(1 << 20, 'x');
  RunningTransport server(options, [&](std::shared_ptr<transport::Exchange> exchange) {
    transport::Response response;
    response.shared_body = body;
    exchange->respond(std::move(response));
  });
  auto client = server.connect();
  while (client.try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n") && server.stats().connections > 0 &&
         server.stats().timed_out == 0) {
  }
  server.await_stats([](const auto& stats) { return stats.connections == 0; });
  CHECK(server.stats().timed_out == 1);
}

TEST_CASE("a taken port is an error that names address and port") {
  RunningTransport server;
  boost::asio::io_context io;
  auto options = test_options();
  options.port = server.port();
  transport::Transport second(io, options, echo, {});
  const auto started = second.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().message ==
        "cannot listen on 127.0.0.1:" + std::to_string(server.port()) + ": the port is taken");
}

TEST_CASE("an address that is none is an error") {
  boost::asio::io_context io;
  auto options = test_options();
  options.addresses = {"localhost"};
  transport::Transport other(io, options, echo, {});
  const auto started = other.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().message == "not an IP address: localhost");
}
