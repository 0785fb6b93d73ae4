#include "integration/transport_fixture.h"
#include "support/raw_websocket.h"

using namespace jobwire;
using namespace jobwire::test;
using transport::Request;
using transport::SessionPort;

namespace {

constexpr int kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

// A session that the test drives.
struct Probe {
  hub::Sink* sink = nullptr;  // on the loop's thread only
  std::vector<std::string> received;
  int drained = 0;
  bool gone = false;
};
class ProbeSession : public SessionPort {
 public:
  ProbeSession(hub::Sink& sink, Probe& probe) : probe_(probe) { probe.sink = &sink; }
  ~ProbeSession() override { probe_.gone = true; }
  void received(std::string_view message) override { probe_.received.emplace_back(message); }
  void drained() override { ++probe_.drained; }

 private:
  Probe& probe_;
};
transport::WebSocketRoute probe_route(Probe& probe) {
  return {"/ws", {"jobwire.v1"}, [&probe](hub::Sink& sink, const Request&) {
            return std::make_unique<ProbeSession>(sink, probe);
          }};
}

std::string close_payload(int code) { return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}; }

}  // namespace

TEST_CASE("the upgrade is answered as RFC 6455 section 1.3 has it, with the subprotocol that was offered") {
  RunningTransport server;
  RawWebSocket client(server.port(), "Sec-WebSocket-Protocol: other, jobwire.v1\r\n");
  CHECK(client.upgrade_head.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  CHECK(client.upgrade_head.find("\r\nSec-WebSocket-Protocol: jobwire.v1\r\n") != std::string::npos);
  CHECK(client.upgrade_head.find("WebSocket++") == std::string::npos);
  RawWebSocket without(server.port(), "");
  CHECK(without.upgrade_head.find("Sec-WebSocket-Protocol") == std::string::npos);
  CHECK(server.stats().websockets == 2);
}

TEST_CASE("messages of every length form come through whole, in fragments and byte by byte") {
  RunningTransport server;
  RawWebSocket client(server.port());
  for (std::size_t length : {0, 1, 125, 126, 511, 512, 513, 65535, 65536, 1 << 20}) {
    client.text(std::string(length, 'x'));
    const auto frame = client.read_frame();
    CHECK(frame.opcode == kText);
    CHECK(frame.payload.size() == length);
  }
  client.socket.send(client_frame(kText, "a", {.fin = false}) + client_frame(kPing, "p") +
                     client_frame(kContinuation, "b", {.fin = false}) + client_frame(kContinuation, "c"));
  auto frame = client.read_frame();
  if (frame.opcode == kPong) frame = client.read_frame();
  CHECK(frame.payload == "abc");
  RawWebSocket slow(server.port());
  for (char c : client_frame(kText, "byte by byte")) slow.socket.send({&c, 1});
  CHECK(slow.read_frame().payload == "byte by byte");
}

TEST_CASE("a frame that comes with the upgrade itself is not lost") {
  RunningTransport server;
  auto raw = server.connect();
  raw.send(upgrade_request() + client_frame(kText, "early"));
  raw.read_until("\r\n\r\n");
  RawWebSocket client(std::move(raw));
  CHECK(client.read_frame().payload == "early");
}

TEST_CASE("an upgrade may follow other requests on its connection") {
  RunningTransport server;
  auto raw = server.connect();
  raw.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n" + upgrade_request() + client_frame(kText, "then"));
  CHECK(raw.read_response().body == "GET /first ");
  raw.read_until("\r\n\r\n");
  RawWebSocket client(std::move(raw));
  CHECK(client.read_frame().payload == "then");
}

TEST_CASE("a page of a foreign Origin may not connect") {
  auto options = test_options();
  options.origin_allowed = [](const Request& request) { return request.header("origin") == "http://good"; };
  RunningTransport server(options);
  auto foreign = server.connect();
  CHECK(foreign.ask(upgrade_request("Origin: http://evil\r\n")).status == 403);
  CHECK(RawWebSocket(server.port(), "Origin: http://good\r\n").upgrade_head.substr(9, 3) == "101");
}

TEST_CASE("a session that is refused is closed with 4403") {
  RunningTransport server(test_options(), echo, {"/ws", {}, [](hub::Sink&, const Request&) { return nullptr; }});
  RawWebSocket client(server.port());
  CHECK(client.read_close().close_code() == 4403);
}

TEST_CASE("what breaks RFC 6455 is answered with its close code and the connection closed") {
  RunningTransport server;
  struct Bad {
    const char* what;
    int code;
    std::string bytes;
  };
  const std::vector<Bad> all = {
      {"an unmasked frame", 1002, client_frame(kText, "x", {.masked = false})},
      {"RSV1 without an extension", 1002, client_frame(kText, "x", {.reserved_bits = 4})},
      {"RSV2", 1002, client_frame(kText, "x", {.reserved_bits = 2})},
      {"RSV3", 1002, client_frame(kText, "x", {.reserved_bits = 1})},
      {"a reserved opcode", 1002, client_frame(3, "x")},
      {"a reserved control opcode", 1002, client_frame(11, "x")},
      {"a continuation of nothing", 1002, client_frame(kContinuation, "x")},
      {"a new message inside a fragmented one", 1002,
       client_frame(kText, "a", {.fin = false}) + client_frame(kText, "b")},
      {"a fragmented ping", 1002, client_frame(kPing, "x", {.fin = false})},
      {"a ping of 126 bytes", 1002, client_frame(kPing, std::string(126, 'x'))},
      {"text that is not UTF-8", 1007, client_frame(kText, "\xc3\x28")},
      {"half a character at the end", 1007, client_frame(kText, "\xc3")},
      {"a Close of one byte", 1002, client_frame(kClose, "x")},
      {"a Close with a code that may not be sent", 1002, client_frame(kClose, close_payload(1005))},
      {"a message over the limit", 4413, client_frame(kText, std::string((1 << 20) + 1, 'x'))},
      {"fragments over the limit", 4413,
       client_frame(kText, std::string(1 << 20, 'x'), {.fin = false}) + client_frame(kContinuation, "x")},
  };
  for (const auto& bad : all) {
    INFO(bad.what);
    RawWebSocket client(server.port());
    client.socket.send(bad.bytes);
    CHECK(client.read_close().close_code() == bad.code);
    CHECK(client.socket.ends());
  }
}

TEST_CASE("a message fragmented for ever is ended, even where its fragments are empty") {
  auto options = test_options();
  options.message_bytes = 1000;
  RunningTransport server(options);
  RawWebSocket client(server.port());
  client.socket.send(client_frame(kText, "", {.fin = false}));
  std::string fragments;
  for (int i = 0; i < 1000; ++i) fragments += client_frame(kContinuation, "", {.fin = false});
  while (server.stats().websockets == 1 && client.socket.try_send(fragments)) {
  }
  CHECK(client.read_close().close_code() == 4413);
}

TEST_CASE("pings between the fragments of a long message do not count against it") {
  auto options = test_options();
  options.message_bytes = 1000;
  RunningTransport server(options);
  RawWebSocket client(server.port());
  client.socket.send(client_frame(kText, "begin ", {.fin = false}));
  for (int i = 0; i < 2000; ++i) client.socket.send(client_frame(kPing, std::string(100, 'p')));
  client.socket.send(client_frame(kContinuation, "end"));
  auto frame = client.read_frame();
  while (frame.opcode == kPong) frame = client.read_frame();
  CHECK(frame.payload == "begin end");
}

TEST_CASE("a ping is answered with its own payload") {
  RunningTransport server;
  RawWebSocket client(server.port());
  client.socket.send(client_frame(kPing, "are you there"));
  const auto pong = client.read_frame();
  CHECK(pong.opcode == kPong);
  CHECK(pong.payload == "are you there");
}

TEST_CASE("a flood of pings by a client that reads nothing costs no memory") {
  Probe probe;
  RunningTransport server(test_options(), echo, probe_route(probe));
  RawWebSocket client(server.port());
  const std::string pings = [] {
    std::string all;
    for (int i = 0; i < 500; ++i) all += client_frame(kPing, std::string(125, 'p'));
    return all;
  }();
  for (int i = 0; i < 500 && client.socket.try_send(pings); ++i) {  // 33 MB, or as much as it takes
  }
  server.on_loop([&] { CHECK_FALSE(probe.sink->unsent_exceeds(64 << 10)); });
}

TEST_CASE("the client's Close is answered with its code, and the server closes the socket") {
  Probe probe;
  RunningTransport server(test_options(), echo, probe_route(probe));
  RawWebSocket client(server.port());
  client.socket.send(client_frame(kClose, close_payload(1000) + "bye"));
  const auto close = client.read_close();
  CHECK(close.close_code() == 1000);
  CHECK(client.socket.ends());
  server.await_stats([](const auto& stats) { return stats.websockets == 0 || stats.connections <= 1; });
  server.on_loop([&] { CHECK(probe.gone); });
  RawWebSocket blank(server.port());
  blank.socket.send(client_frame(kClose, ""));
  blank.read_close();
  CHECK(blank.socket.ends());
}

TEST_CASE("the session's Close comes after what it sent, nothing comes after it, and the session goes") {
  Probe probe;
  RunningTransport server(test_options(), echo, probe_route(probe));
  RawWebSocket client(server.port());
  server.on_loop([&] {
    probe.sink->send(hub::make_frame(hub::Framing::websocket_text, "last"));
    probe.sink->close(CloseCode::rate_limited, "too fast");
    probe.sink->send(hub::make_frame(hub::Framing::websocket_text, "after"));
    probe.sink->close(CloseCode::normal, "again");
  });
  CHECK(client.read_frame().payload == "last");
  const auto close = client.read_frame();
  CHECK(close.close_code() == 4429);
  CHECK(close.payload.substr(2) == "too fast");
  client.text("ignored");
  client.socket.send(client_frame(kClose, close_payload(4429)));
  CHECK(client.socket.ends());
  server.on_loop([&] {
    CHECK(probe.gone);
    CHECK(probe.received.empty());
  });
}

TEST_CASE("a client that never answers a Close is cut") {
  Probe probe;
  auto options = test_options();
  options.timeouts.close = 50ms;
  RunningTransport server(options, echo, probe_route(probe));
  RawWebSocket client(server.port());
  server.on_loop([&] { probe.sink->close(CloseCode::normal, ""); });
  CHECK(client.read_close().close_code() == 1000);
  CHECK(client.socket.ends());
  CHECK(server.stats().timed_out == 1);
}

TEST_CASE("a client that never reads keeps bounded memory and is dropped when it makes no progress") {
  Probe probe;
  auto options = test_options();
  options.timeouts.write = 200ms;
  options.most_unsent = 1 << 20;
  RunningTransport server(options, echo, probe_route(probe));
  RawWebSocket client(server.port());
  const auto frame = hub::make_frame(hub::Framing::websocket_text, std::string(64 << 10, 'x'));
  SECTION("its sink tells what waits, and the connection is cut for its time") {
    // As a session does: past its high-water mark nothing more is queued.
    for (bool full = false; !full;) {
      server.on_loop([&] {
        full = probe.sink->unsent_exceeds(256 << 10);
        if (!full) probe.sink->send(frame);
      });
    }
    server.await_stats([](const auto& stats) { return stats.connections == 0; });
    CHECK(server.stats().timed_out == 1);
  }
  SECTION("a session that does not stop is cut for its bytes") {
    server.on_loop([&] {
      for (int i = 0; i < 400; ++i) probe.sink->send(frame);
      CHECK_FALSE(probe.sink->unsent_exceeds((1 << 20) + frame->size()));
    });
    server.await_stats([](const auto& stats) { return stats.connections == 0; });
  }
  server.on_loop([&] { CHECK(probe.gone); });
}

TEST_CASE("a session is told when all it sent has been taken") {
  Probe probe;
  RunningTransport server(test_options(), echo, probe_route(probe));
  RawWebSocket client(server.port());
  const auto frame = hub::make_frame(hub::Framing::websocket_text, std::string(64 << 10, 'x'));
  int before = 0;
  server.on_loop([&] {
    before = probe.drained;
    for (int i = 0; i < 100; ++i) probe.sink->send(frame);
    CHECK(probe.sink->unsent_exceeds(0));  // who has heard that something waits is told when nothing does
  });
  for (int i = 0; i < 100; ++i) CHECK(client.read_frame().payload.size() == 64 << 10);
  bool drained = false;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!drained && std::chrono::steady_clock::now() < deadline) {
    server.on_loop([&] { drained = probe.drained > before && !probe.sink->unsent_exceeds(0); });
  }
  CHECK(drained);
}

TEST_CASE("many messages of one turn leave in one system call") {
  Probe probe;
  RunningTransport server(test_options(), echo, probe_route(probe));
  RawWebSocket client(server.port());
  client.socket.send(client_frame(kPing, "settled"));
  client.read_frame();
  const auto before = server.stats().writes;
  const auto frame = hub::make_frame(hub::Framing::websocket_text, "small");
  server.on_loop([&] {
    for (int i = 0; i < 64; ++i) probe.sink->send(frame);
  });
  for (int i = 0; i < 64; ++i) client.read_frame();
  CHECK(server.stats().writes == before + 1);
}

TEST_CASE("the server pings, and drops a client that is silent for two periods") {
  auto options = test_options();
  options.timeouts.ping = 300ms;
  RunningTransport server(options);
  RawWebSocket alive(server.port());
  RawWebSocket silent(server.port());
  for (int i = 0; i < 4; ++i) {
    const auto ping = alive.read_frame();
    CHECK(ping.opcode == kPing);
    alive.socket.send(client_frame(kPong, ping.payload));
  }
  CHECK(silent.read_frame().opcode == kPing);
  CHECK(silent.read_frame().opcode == kPing);
  CHECK(silent.socket.ends());
  CHECK(server.stats().websockets == 1);
}

TEST_CASE("half a handshake, and a client that vanishes in it, leave nothing behind") {
  auto options = test_options();
  options.timeouts.head = 300ms;
  RunningTransport server(options);
  const auto request = upgrade_request();
  auto slow = server.connect();
  slow.send(request.substr(0, request.size() / 2));
  CHECK(slow.read_response().status == 408);
  auto gone = server.connect();
  gone.send(request.substr(0, request.size() / 2));
  gone.reset();
  slow.reset();
  server.await_stats([](const auto& stats) { return stats.connections == 0; });
}

TEST_CASE("a client that vanishes takes its session with it") {
  Probe probe;
  RunningTransport server(test_options(), echo, probe_route(probe));
  {
    RawWebSocket client(server.port());
    client.text("hello");
    server.await_stats([](const auto& stats) { return stats.websockets == 1; });
    SECTION("with FIN") {}
    SECTION("with RST") { client.socket.reset(); }
  }
  server.await_stats([](const auto& stats) { return stats.connections == 0; });
  server.on_loop([&] { CHECK(probe.gone); });
}

TEST_CASE("a session that closes from inside received() is safe") {
  class Closes : public EchoSession {
   public:
    using EchoSession::EchoSession;
    void received(std::string_view message) override {
      EchoSession::received(message);
      sink_.close(CloseCode::bad_message, "no");
      EchoSession::received("never sent");
    }
  };
  RunningTransport server(test_options(), echo,
                          {"/ws", {}, [](hub::Sink& sink, const Request&) { return std::make_unique<Closes>(sink); }});
  RawWebSocket client(server.port());
  client.socket.send(client_frame(kText, "a") + client_frame(kText, "b"));
  CHECK(client.read_frame().payload == "a");
  CHECK(client.read_frame().close_code() == 4400);
}

TEST_CASE("a sink outlives its session, whichever way they end") {
  struct Asks : EchoSession {
    Asks(hub::Sink& sink, Awaited<bool> waits) : EchoSession(sink), waits_(std::move(waits)) {}
    ~Asks() override { waits_.set(sink_.unsent_exceeds(4)); }  // for the address sanitizer to see
    Awaited<bool> waits_;
  };
  Awaited<bool> waits;
  RunningTransport server(test_options(), echo, {"/ws", {}, [&](hub::Sink& sink, const Request&) {
                                                   return std::make_unique<Asks>(sink, waits);
                                                 }});
  RawWebSocket client(server.port());
  SECTION("closed") { client.socket.send(client_frame(kClose, close_payload(1000))); }
  SECTION("reset") { client.socket.reset(); }
  CHECK_FALSE(waits.get());  // more than the Close
}

TEST_CASE("a session that closes while it is being made is let go") {
  Probe probe;
  RunningTransport server(test_options(), echo, {"/ws", {}, [&](hub::Sink& sink, const Request&) {
                                                   sink.close(CloseCode::draining, "not now");
                                                   return std::make_unique<ProbeSession>(sink, probe);
                                                 }});
  RawWebSocket client(server.port());
  CHECK(client.read_close().close_code() == 4503);
  server.on_loop([&] { CHECK(probe.gone); });
}

TEST_CASE("a session that throws is closed with 1011") {
  class Throws : public EchoSession {
   public:
    using EchoSession::EchoSession;
    void received(std::string_view) override { throw std::runtime_error("a bug"); }
  };
  RunningTransport server(test_options(), echo,
                          {"/ws", {}, [](hub::Sink& sink, const Request&) { return std::make_unique<Throws>(sink); }});
  RawWebSocket client(server.port());
  client.text("a");
  CHECK(client.read_close().close_code() == 1011);
}
