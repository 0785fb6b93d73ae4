#include "integration/transport_fixture.h"

using namespace jobwire;
using namespace jobwire::test;
using transport::BodyStream;
using transport::Exchange;
using transport::Response;

namespace {

// A server whose one route hands the test its stream.
struct StreamServer {
  explicit StreamServer(transport::TransportOptions options = test_options())
      : server(std::move(options), [this](std::shared_ptr<Exchange> exchange) {
          exchange->on_abort([this] {
            ++aborted;
            stream.reset();
          });
          Response head;
          head.headers = {{"Content-Type", "text/event-stream"}};
          head.body = "first;";
          stream = exchange->stream(std::move(head));
          stream->on_drained([this] { ++drained; });
        }) {}

  void write(std::string bytes) {
    server.on_loop([&] { stream->write(std::make_shared<const std::string>(std::move(bytes))); });
  }

  std::shared_ptr<BodyStream> stream;  // on the loop's thread
  int aborted = 0;
  int drained = 0;
  RunningTransport server;
};

constexpr auto kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("a stream is sent in chunks as it is written, and the connection serves the next request after it") {
  StreamServer s;
  auto client = s.server.connect();
  client.send(kGet);
  const auto head = client.read_until("\r\n\r\n");
  CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(client.read_until("first;\r\n") == "6\r\nfirst;\r\n");
  CHECK(s.server.stats().streams == 1);
  s.write("");
  s.write("second;");
  CHECK(client.read_until("second;\r\n") == "7\r\nsecond;\r\n");
  s.server.on_loop([&] {
    s.stream->end();
    s.stream.reset();
  });
  CHECK(client.read_until("0\r\n\r\n") == "0\r\n\r\n");
  CHECK(s.server.stats().streams == 0);
  client.send(kGet);
  CHECK(client.read_until("first;\r\n").find("200 OK") != std::string::npos);
}

TEST_CASE("HTTP/1.0 gets a stream without chunks, ended by closing") {
  StreamServer s;
  auto client = s.server.connect();
  client.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n").find("chunked") == std::string::npos);
  CHECK(client.read(6) == "first;");
  s.server.on_loop([&] {
    s.stream->write(std::make_shared<const std::string>("last"));
    s.stream->end();
  });
  CHECK(client.read_to_end() == "last");
}

TEST_CASE("HEAD of a stream has its head and no body") {
  StreamServer s;
  auto client = s.server.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_response(true).status == 200);
  s.write("not sent");
  s.server.on_loop([&] { s.stream->end(); });
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_until("\r\n").substr(0, 8) == "HTTP/1.1");
}

TEST_CASE("a reader that goes away aborts its stream") {
  StreamServer s;
  {
    auto client = s.server.connect();
    client.send(kGet);
    client.read_until("first;");
  }
  s.server.await_stats([](const auto& stats) { return stats.connections == 0 && stats.aborted == 1; });
  CHECK(s.server.stats().streams == 0);
  s.server.on_loop([&] { CHECK(s.aborted == 1); });
}

TEST_CASE("a stream that is dropped without its end is not mistaken for a whole one") {
  StreamServer s;
  auto client = s.server.connect();
  client.send(kGet);
  client.read_until("first;\r\n");
  s.server.on_loop([&] { s.stream.reset(); });
  CHECK(client.read_to_end().find("0\r\n") == std::string::npos);
}

TEST_CASE("a stream tells what waits, when it has gone, and is cut past its bound") {
  auto options = test_options();
  options.most_unsent = 1 << 20;
  StreamServer s(options);
  auto client = s.server.connect();
  client.send(kGet);
  client.read_until("first;\r\n");
  const std::string part(64 << 10, 'x');
  SECTION("drained") {
    int before = 0;
    s.server.on_loop([&] { before = s.drained; });
    for (int i = 0; i < 10; ++i) s.write(part);
    for (int i = 0; i < 10; ++i) client.read(part.size() + 9);
    bool drained = false;
    while (!drained) s.server.on_loop([&] { drained = s.drained > before && s.stream->unsent_bytes() == 0; });
    CHECK(drained);
  }
  SECTION("cut") {
    s.server.on_loop([&] {
      for (int i = 0; i < 100; ++i) s.stream->write(std::make_shared<const std::string>(part));
      CHECK(s.stream->unsent_bytes() <= (1 << 20) + 2 * part.size());
    });
    s.server.await_stats([](const auto& stats) { return stats.connections == 0; });
    s.server.on_loop([&] { CHECK(s.aborted == 1); });
  }
}
