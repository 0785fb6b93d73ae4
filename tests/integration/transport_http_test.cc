#include "integration/transport_fixture.h"

using namespace jobwire;
using namespace jobwire::test;
using transport::Exchange;
using transport::Response;

TEST_CASE("a request is answered and the connection kept") {
  RunningTransport server;
  auto client = server.connect();
  const auto first = client.ask("GET /a%20b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(first.status == 200);
  CHECK(first.body == "GET /a b ");
  CHECK(first.has("Content-Length: 9"));
  CHECK(first.head.find("\r\nDate: ") != std::string::npos);
  CHECK(first.head.find("Connection: close") == std::string::npos);
  CHECK(client.ask("POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello").body == "POST /c hello");
  CHECK(server.stats().accepted == 1);
  CHECK(server.stats().requests == 2);
}

TEST_CASE("both loopback addresses share the port") {
  RunningTransport server;
  RawSocket six(server.port(), "::1");
  CHECK(six.ask("GET /six HTTP/1.1\r\nHost: h\r\n\r\n").body == "GET /six ");
}

TEST_CASE("a request says who asks") {
  RunningTransport server(test_options(), [](std::shared_ptr<Exchange> exchange) {
    const auto& request = exchange->request();
    Response response;
    response.body =
        request.peer + (request.loopback ? " loopback" : " remote") + (request.secure ? " secure" : " plain");
    exchange->respond(std::move(response));
  });
  CHECK(server.connect().ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body == "127.0.0.1 loopback plain");
  CHECK(RawSocket(server.port(), "::1").ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body == "::1 loopback plain");
}

TEST_CASE("Connection: close and HTTP/1.0 are closed after the answer, unless keep-alive is asked for") {
  RunningTransport server;
  auto closing = server.connect();
  CHECK(closing.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").has("Connection: close"));
  CHECK(closing.ends());
  auto old = server.connect();
  CHECK(old.ask("GET / HTTP/1.0\r\n\r\n").status == 200);
  CHECK(old.ends());
  auto kept = server.connect();
  CHECK(kept.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").has("Connection: keep-alive"));
  CHECK(kept.ask("GET /again HTTP/1.0\r\n\r\n").body == "GET /again ");
}

TEST_CASE("pipelined requests are answered in their order, however late the first one is") {
  std::vector<std::shared_ptr<Exchange>> waiting;
  RunningTransport server(test_options(), [&](std::shared_ptr<Exchange> exchange) {
    if (exchange->request().path != "/late") return echo(std::move(exchange));
    waiting.push_back(std::move(exchange));
  });
  auto client = server.connect();
  client.send(
      "GET /late HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
      "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
  server.await_stats([](const auto& stats) { return stats.requests == 1; });
  server.on_loop([&] {
    Response late;
    late.body = "late";
    waiting[0]->respond(std::move(late));
    waiting.clear();
  });
  CHECK(client.read_response().body == "late");
  CHECK(client.read_response().body == "POST /b hi");
  CHECK(client.read_response().body == "GET /c ");
}

TEST_CASE("five thousand pipelined requests in one go") {
  RunningTransport server;
  auto client = server.connect();
  std::string all;
  for (int i = 0; i < 5000; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  std::thread sender([&] { client.send(all); });
  for (int i = 0; i < 5000; ++i) {
    const auto body = client.read_response().body;
    if (body != "GET /" + std::to_string(i) + " ") FAIL("out of order at " << i << ": " << body);
  }
  sender.join();
}

TEST_CASE("a chunked body is put together, with extensions and trailers left out") {
  RunningTransport server;
  auto client = server.connect();
  const auto answer = client.ask(
      "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=value\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: t\r\n\r\n");
  CHECK(answer.body == "POST /c abcdefg");
  CHECK(client.ask("GET /next HTTP/1.1\r\nHost: h\r\n\r\n").body == "GET /next ");
}

TEST_CASE("a body may come byte by byte") {
  RunningTransport server;
  auto client = server.connect();
  for (char c : std::string("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")) {
    client.send({&c, 1});
  }
  CHECK(client.read_response().body == "POST /c abc");
}

TEST_CASE("Expect: 100-continue is answered before the body, and not where the body is there") {
  RunningTransport server;
  auto client = server.connect();
  client.send("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(client.ask("ok").body == "POST /e ok");
  const auto at_once = client.ask("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok");
  CHECK(at_once.status == 200);
}

TEST_CASE("HEAD is answered with the head that GET would have") {
  RunningTransport server;
  auto client = server.connect();
  client.send("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.read_response(true).has("Content-Length: 8"));
  CHECK(client.ask("GET /next HTTP/1.1\r\nHost: h\r\n\r\n").body == "GET /next ");
}

TEST_CASE("204 and 304 have no body and no length") {
  RunningTransport server(test_options(), [](std::shared_ptr<Exchange> exchange) {
    Response response;
    response.status = 204;
    response.body = "not to be sent";
    exchange->respond(std::move(response));
  });
  auto client = server.connect();
  const auto answer = client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(answer.status == 204);
  CHECK(answer.head.find("Content-Length") == std::string::npos);
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status == 204);
}

TEST_CASE("a large shared body arrives whole") {
  const auto shared = std::make_shared<const std::string>(20 << 20, 'x');
  RunningTransport server(test_options(), [&](std::shared_ptr<Exchange> exchange) {
    Response response;
    response.shared_body = shared;
    exchange->respond(std::move(response));
  });
  auto client = server.connect();
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").body == *shared);
}

TEST_CASE("an absolute-form target counts, and its authority is the Host") {
  RunningTransport server(test_options(), [](std::shared_ptr<Exchange> exchange) {
    Response response;
    response.body = exchange->request().path + " " + std::string(exchange->request().header("host"));
    exchange->respond(std::move(response));
  });
  auto client = server.connect();
  CHECK(client.ask("GET http://real:81/p?q HTTP/1.1\r\nHost: other\r\n\r\n").body == "/p real:81");
}

TEST_CASE("a request that nobody answers, and one whose handler throws, get 500") {
  RunningTransport server(test_options(), [](std::shared_ptr<Exchange> exchange) {
    if (exchange->request().path == "/throw") throw std::runtime_error("a bug");
  });
  auto client = server.connect();
  const auto dropped = client.ask("GET /drop HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(dropped.status == 500);
  CHECK(dropped.body.find("\"code\":\"internal\"") != std::string::npos);
  CHECK(client.ask("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n").status == 500);
}

TEST_CASE("a peer that goes away while its poll waits is noticed") {
  Awaited<bool> aborted;
  std::shared_ptr<Exchange> waiting;
  RunningTransport server(test_options(), [&](std::shared_ptr<Exchange> exchange) {
    waiting = exchange;
    exchange->on_abort([&] {
      waiting.reset();
      aborted.set(true);
    });
  });
  SECTION("with FIN") {
    {
      auto client = server.connect();
      client.send("GET /poll HTTP/1.1\r\nHost: h\r\n\r\n");
      server.await_stats([](const auto& stats) { return stats.requests == 1; });
    }
    CHECK(aborted.get());
  }
  SECTION("with RST") {
    auto client = server.connect();
    client.send("GET /poll HTTP/1.1\r\nHost: h\r\n\r\n");
    server.await_stats([](const auto& stats) { return stats.requests == 1; });
    client.reset();
    CHECK(aborted.get());
  }
  server.await_stats([](const auto& stats) { return stats.connections == 0 && stats.aborted == 1; });
}

TEST_CASE("a client that only ends its own half still gets its answers") {
  std::shared_ptr<Exchange> waiting;
  RunningTransport server(test_options(), [&](std::shared_ptr<Exchange> exchange) {
    if (exchange->request().path == "/now") return echo(std::move(exchange));
    waiting = std::move(exchange);
  });
  auto client = server.connect();
  client.send("GET /later HTTP/1.1\r\nHost: h\r\n\r\nGET /now HTTP/1.1\r\nHost: h\r\n\r\n");
  client.shutdown_send();
  server.await_stats([](const auto& stats) { return stats.aborted == 1; });
  server.on_loop([&] { std::exchange(waiting, nullptr)->respond({}); });
  CHECK(client.read_response().status == 200);
  CHECK(client.read_response().body == "GET /now ");
  CHECK(client.ends());
}

TEST_CASE("an answer after the peer went away is dropped") {
  std::shared_ptr<Exchange> waiting;
  RunningTransport server(test_options(), [&](std::shared_ptr<Exchange> exchange) { waiting = std::move(exchange); });
  {
    auto client = server.connect();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    server.await_stats([](const auto& stats) { return stats.requests == 1; });
    client.reset();
  }
  server.await_stats([](const auto& stats) { return stats.connections == 0; });
  server.on_loop([&] { std::exchange(waiting, nullptr)->respond({}); });
  CHECK(server.stats().requests == 1);
}
