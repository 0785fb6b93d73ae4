#include "integration/transport_fixture.h"
#include "support/raw_websocket.h"

using namespace jobwire;
using namespace jobwire::test;
using transport::Exchange;
using transport::Response;

namespace {

void wait_for(std::future<void>& done) {
  if (done.wait_for(20s) != std::future_status::ready) FAIL("the drain did not end");
}

}  // namespace

TEST_CASE("a drain of nothing is done at once, and the port is free") {
  RunningTransport server;
  auto done = server.drain();
  wait_for(done);
  auto options = test_options();
  options.port = server.port();
  RunningTransport next(options);
  CHECK(next.connect().ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 200);
}

TEST_CASE("a drain closes idle connections, finishes answers, and says goodbye to WebSockets") {
  std::shared_ptr<Exchange> in_flight, poll;
  RunningTransport server(test_options(), [&](std::shared_ptr<Exchange> exchange) {
    if (exchange->request().path == "/idle") return echo(std::move(exchange));
    if (exchange->request().path == "/in-flight") {
      in_flight = std::move(exchange);
      return;
    }
    poll = std::move(exchange);
    poll->on_abort([&] {
      Response empty;
      empty.body = "{}";
      std::exchange(poll, nullptr)->respond(std::move(empty));
    });
  });
  auto idle = server.connect();
  idle.ask("GET /idle HTTP/1.1\r\nHost: h\r\n\r\n");
  auto waiting = server.connect();
  waiting.send("GET /in-flight HTTP/1.1\r\nHost: h\r\n\r\n");
  auto polling = server.connect();
  polling.send("GET /poll HTTP/1.1\r\nHost: h\r\n\r\n");
  RawWebSocket websocket(server.port());
  server.await_stats([](const auto& stats) { return stats.requests == 4; });

  bool said = false;
  auto done = server.drain([&] { said = true; });
  CHECK(said);
  CHECK(idle.ends());
  const auto ended_poll = polling.read_response();
  CHECK(ended_poll.body == "{}");
  CHECK(ended_poll.has("Connection: close"));
  CHECK(polling.ends());
  CHECK(websocket.read_close().close_code() == 1001);
  websocket.socket.send(client_frame(8, "\x03\xe9"));
  CHECK(websocket.socket.ends());
  CHECK_THROWS(server.connect());

  server.on_loop([&] { std::exchange(in_flight, nullptr)->respond({}); });
  CHECK(waiting.read_response().status == 200);
  CHECK(waiting.ends());
  idle.shutdown_send();
  waiting.shutdown_send();
  polling.shutdown_send();
  wait_for(done);
}

TEST_CASE("what was sent before the drain arrives before the Close") {
  hub::Sink* sink = nullptr;
  RunningTransport server(test_options(), echo, {"/ws", {}, [&](hub::Sink& to, const transport::Request&) {
                                                   sink = &to;
                                                   return std::make_unique<EchoSession>(to);
                                                 }});
  RawWebSocket client(server.port());
  auto done = server.drain([&] {
    sink->send(hub::make_frame(hub::Framing::websocket_text, std::string(300'000, 'g')));
    sink->send(hub::make_frame(hub::Framing::websocket_text, "goodbye"));
  });
  CHECK(client.read_frame().payload.size() == 300'000);
  CHECK(client.read_frame().payload == "goodbye");
  CHECK(client.read_frame().close_code() == 1001);
  client.socket.shutdown_send();
  wait_for(done);
}

TEST_CASE("a drain ends within its bound, whoever does not answer") {
  auto options = test_options();
  options.timeouts.drain = 100ms;
  options.timeouts.close = 60s;
  std::shared_ptr<Exchange> never;
  RunningTransport server(options, [&](std::shared_ptr<Exchange> exchange) { never = std::move(exchange); });
  auto waiting = server.connect();
  waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  RawWebSocket deaf(server.port());
  server.await_stats([](const auto& stats) { return stats.requests == 2; });
  auto done = server.drain();
  wait_for(done);
  CHECK(waiting.ends());
  CHECK(server.stats().connections == 0);
  server.on_loop([&] { never.reset(); });
}

TEST_CASE("a request that was half here when the drain began is still answered") {
  RunningTransport server;
  auto client = server.connect();
  client.send("POST /late HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  client.read_until("\r\n\r\n");
  auto done = server.drain();
  const auto answer = client.ask("body");
  CHECK(answer.body == "POST /late body");
  CHECK(answer.has("Connection: close"));
  client.shutdown_send();
  wait_for(done);
}
