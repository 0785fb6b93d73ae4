#include "socketio/engine_session.h"

#include <catch2/catch.hpp>

#include "wire.h"

using namespace jobwire;
using namespace jobwire::socketio;
using jobwire::test::Lines;
using jobwire::test::Wire;

namespace {

constexpr UnixMs kStart = 1'764'000'000'000;

struct Heard final : EngineApplication {
  void received(std::string_view message, bool binary) override {
    messages.push_back((binary ? "bytes:" : "") + std::string(message));
    if (on_message) on_message();
  }
  void drained() override { ++drains; }
  void tick(UnixMs) override { ++ticks; }
  Lines messages;
  int drains = 0, ticks = 0;
  std::function<void()> on_message;
};

// A session and the world around it; `turn` is the end of an event loop's turn.
struct Play {
  explicit Play(EngineOptions options = {})
      : session(options, "sid-1", kStart, {[this] { ++ended; }, [this] { flush_asked = true; }}) {
    session.attach(heard);
  }
  std::shared_ptr<HttpAnswer> poll() {
    auto answer = std::make_shared<HttpAnswer>(HttpAnswer{0, ""});
    session.poll([answer](HttpAnswer given) { *answer = std::move(given); });
    return answer;
  }
  HttpAnswer open_polling() {
    HttpAnswer answer{0, ""};
    session.open_polling([&](HttpAnswer given) { answer = std::move(given); });
    turn();
    return answer;
  }
  void turn() {
    if (std::exchange(flush_asked, false)) session.flush();
  }
  void pass(DurationMs time) { session.tick(now += time); }
  void text(std::string_view message) { session.received(wire, message, false); }
  // From polling to this wire.
  void upgrade() {
    session.probe(wire);
    text("2probe");
    text("5");
  }

  Heard heard;
  int ended = 0;
  bool flush_asked = false;
  UnixMs now = kStart;
  Wire wire;
  EngineSession session;
};

}  // namespace

TEST_CASE("the first poll is answered at once: the handshake, and that an upgrade is possible") {
  Play play;
  const HttpAnswer answer = play.open_polling();
  CHECK(answer.status == 200);
  CHECK(answer.body ==
        R"(0{"sid":"sid-1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  CHECK_FALSE(play.session.on_websocket());
}

TEST_CASE("a WebSocket begins with the handshake, and there is nothing to upgrade to") {
  Play play;
  play.session.open(play.wire);
  CHECK(play.wire.take() ==
        Lines{R"(0{"sid":"sid-1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})"});
  CHECK(play.session.on_websocket());
}

TEST_CASE("a poll waits, and is answered at the end of the turn with all that was said in it") {
  Play play;
  play.open_polling();
  const auto answer = play.poll();
  CHECK(answer->status == 0);
  play.session.send("one");
  play.session.send(std::string("\x01\x02", 2), true);
  CHECK(answer->status == 0);
  play.turn();
  CHECK(answer->body ==
        "4one\x1e"
        "bAQI=");
}

TEST_CASE("what was said between two polls comes with the next one, in order") {
  Play play;
  play.open_polling();
  for (const char* each : {"a", "b", "c"}) play.session.send(each);
  const auto answer = play.poll();
  play.turn();
  CHECK(answer->body ==
        "4a\x1e"
        "4b\x1e"
        "4c");
}

TEST_CASE("two polls at once end the session: the first hears of it, the second is 400") {
  Play play;
  play.open_polling();
  const auto first = play.poll();
  const auto second = play.poll();
  CHECK(first->body == "1");
  CHECK(second->status == 400);
  CHECK(play.ended == 1);
  CHECK_FALSE(play.session.is_open());
}

TEST_CASE("a poll that is given up ends the session") {
  Play play;
  play.open_polling();
  const auto answer = play.poll();
  play.session.poll_aborted();
  CHECK(play.ended == 1);
  CHECK(answer->status == 0);  // nobody is there to answer
}

TEST_CASE("a body's packets are heard in order, and it is answered ok") {
  Play play;
  play.open_polling();
  const HttpAnswer answer = play.session.post(
      "4one\x1e"
      "bAQI=\x1e"
      "6\x1e"
      "4");
  CHECK(answer.status == 200);
  CHECK(answer.body == "ok");
  CHECK(play.heard.messages == Lines{"one", std::string("bytes:\x01\x02"), ""});
}

TEST_CASE("a malformed body ends the session, and none of it is heard") {
  for (const char* body : {"", "abc", "7", "4a\x1e",
                           "4one\x1e"
                           "bAQ-D"}) {
    Play play;
    play.open_polling();
    CHECK(play.session.post(body).status == 400);
    CHECK(play.heard.messages.empty());
    CHECK(play.ended == 1);
  }
}

TEST_CASE("a body over maxPayload is 413 and ends the session") {
  Play play({.max_payload = 10});
  play.open_polling();
  CHECK(play.session.post("4123456789").status == 200);
  CHECK(play.session.post("4123456789a").status == 413);
  CHECK(play.ended == 1);
}

TEST_CASE("a close from the client ends its poll with a noop; what it says after that is not heard") {
  Play play;
  play.open_polling();
  const auto answer = play.poll();
  CHECK(play.session
            .post("4a\x1e"
                  "1\x1e"
                  "4b")
            .body == "ok");
  CHECK(answer->body == "6");
  CHECK(play.heard.messages == Lines{"a"});
  CHECK(play.ended == 1);
}

TEST_CASE("a client that says what only a server says is sent away") {
  for (const char* packet : {"0{}", "2", "2probe", "5"}) {
    Play play;
    play.session.open(play.wire);
    play.text(packet);
    CHECK(play.wire.closed == CloseCode::normal);
    CHECK(play.ended == 1);
  }
}

TEST_CASE("on a WebSocket text is packets and bytes are messages") {
  Play play;
  play.session.open(play.wire);
  play.wire.take();
  play.text("4hello");
  play.session.received(play.wire, std::string("\x00\xff", 2), true);
  CHECK(play.heard.messages == Lines{"hello", std::string("bytes:\x00\xff", 8)});
  play.session.send("back");
  play.session.send(std::string("\x00\xff", 2), true);
  CHECK(play.wire.take() == Lines{"4back", std::string("bytes:\x00\xff", 8)});
}

TEST_CASE("what is no packet closes the WebSocket: base64 there too") {
  for (const char* text : {"", "x", "9", "bAQI="}) {
    Play play;
    play.session.open(play.wire);
    play.text(text);
    CHECK(play.wire.closed);
    CHECK(play.ended == 1);
    CHECK(play.heard.messages.empty());
  }
}

TEST_CASE("the heartbeat is the server's: a ping each interval, while it is answered") {
  Play play({.ping_interval = 1000, .ping_timeout = 500});
  play.session.open(play.wire);
  play.wire.take();
  for (int beat = 0; beat < 3; ++beat) {
    play.pass(999);
    CHECK(play.wire.take().empty());
    play.pass(1);
    CHECK(play.wire.take() == Lines{"2"});
    play.text("3");
  }
  CHECK(play.ended == 0);
  CHECK(play.heard.ticks == 6);
}

TEST_CASE("who does not answer a ping is sent away when its time is over, also while polling") {
  Play socket({.ping_interval = 1000, .ping_timeout = 500});
  socket.session.open(socket.wire);
  socket.pass(1000);
  socket.pass(499);
  CHECK(socket.ended == 0);
  socket.pass(1);
  CHECK(socket.ended == 1);
  CHECK(socket.wire.closed);

  Play polling({.ping_interval = 1000, .ping_timeout = 500});
  polling.open_polling();
  const auto first = polling.poll();
  polling.pass(1000);
  polling.turn();
  CHECK(first->body == "2");
  const auto second = polling.poll();
  polling.pass(500);
  CHECK(second->body == "1");
  CHECK(polling.ended == 1);
}

TEST_CASE("however late the tick, a client gets time to answer") {
  Play play({.ping_interval = 1000, .ping_timeout = 500});
  play.session.open(play.wire);
  play.pass(60'000);
  CHECK(play.wire.last() == "2");
  play.pass(249);
  CHECK(play.ended == 0);
  play.text("3");
  play.pass(500);
  CHECK(play.ended == 0);
}

TEST_CASE("an upgrade: the probe is answered, the waiting poll let go, what waits comes over the WebSocket") {
  Play play;
  play.open_polling();
  const auto answer = play.poll();
  play.session.probe(play.wire);
  play.text("2probe");
  CHECK(play.wire.take() == Lines{"3probe"});
  CHECK(answer->body == "6");
  play.session.send("queued");
  play.session.send(std::string("\x01", 1), true);
  CHECK_FALSE(play.session.on_websocket());
  play.text("5");
  CHECK(play.session.on_websocket());
  CHECK(play.wire.take() == Lines{"4queued", std::string("bytes:\x01")});
  play.session.send("now");
  CHECK(play.wire.take() == Lines{"4now"});
}

TEST_CASE("a poll that comes during the upgrade is let go too, and none is answered after it") {
  Play play;
  play.open_polling();
  play.session.probe(play.wire);
  play.text("2probe");
  CHECK(play.poll()->body == "6");
  play.text("5");
  CHECK(play.poll()->status == 400);
  CHECK(play.session.post("4a").status == 400);
  CHECK(play.ended == 0);
}

TEST_CASE("a probe that is none, comes too late, or goes away leaves the session to its polls") {
  Play play({.upgrade_timeout = 1000});
  play.open_polling();
  SECTION("says something else") {
    play.session.probe(play.wire);
    play.text("4hello");
    CHECK(play.wire.closed == CloseCode::bad_message);
  }
  SECTION("upgrades unasked") {
    play.session.probe(play.wire);
    play.text("5");
    CHECK(play.wire.closed);
  }
  SECTION("says bytes") {
    play.session.probe(play.wire);
    play.session.received(play.wire, "2probe", true);
    CHECK(play.wire.closed);
  }
  SECTION("takes too long") {
    play.session.probe(play.wire);
    play.text("2probe");
    play.pass(1000);
    CHECK(play.wire.closed == CloseCode::timed_out);
  }
  SECTION("goes away") {
    play.session.probe(play.wire);
    play.text("2probe");
    play.session.gone(play.wire);
  }
  CHECK_FALSE(play.session.on_websocket());
  CHECK(play.heard.messages.empty());
  const auto answer = play.poll();
  play.session.send("still here");
  play.turn();
  CHECK(answer->body == "4still here");
  CHECK(play.ended == 0);
}

TEST_CASE("a second probe, and one where nothing is to be upgraded, are closed") {
  Play play;
  play.open_polling();
  play.session.probe(play.wire);
  Wire second;
  play.session.probe(second);
  CHECK(second.closed);
  play.text("2probe");
  play.text("5");
  Wire third;
  play.session.probe(third);
  CHECK(third.closed);
  play.session.received(third, "4not heard", false);
  CHECK(play.heard.messages.empty());
  CHECK(play.ended == 0);
}

TEST_CASE("the WebSocket's end is the session's, once") {
  Play play;
  play.session.open(play.wire);
  play.session.gone(play.wire);
  CHECK(play.ended == 1);
  play.session.close();
  play.session.send("nobody");
  play.pass(100'000);
  CHECK(play.ended == 1);
}

TEST_CASE("closing tells a waiting poll, after what was said before") {
  Play play;
  play.open_polling();
  const auto answer = play.poll();
  play.session.send("last words");
  play.session.close();
  CHECK(answer->body ==
        "4last words\x1e"
        "1");
  CHECK(play.ended == 1);
  CHECK(play.poll()->status == 400);
  CHECK(play.session.post("4a").status == 400);
}

TEST_CASE("closing from inside a message: nothing of the same body is heard after it") {
  Play play;
  play.open_polling();
  play.heard.on_message = [&] { play.session.close(); };
  CHECK(play.session
            .post("4a\x1e"
                  "4b")
            .body == "ok");
  CHECK(play.heard.messages == Lines{"a"});
}

TEST_CASE("who polls too seldom is sent away when too much waits") {
  Play play({.most_queued = 100});
  play.open_polling();
  for (int i = 0; i < 11 && play.ended == 0; ++i) play.session.send("0123456789");
  CHECK(play.ended == 1);
}

TEST_CASE("who has heard that something waits is told, once, when it was taken") {
  Play play;
  play.open_polling();
  play.session.send("a");
  CHECK(play.session.unsent_exceeds(1));
  CHECK(play.heard.drains == 0);
  play.poll();
  play.turn();
  CHECK(play.heard.drains == 1);
  CHECK_FALSE(play.session.unsent_exceeds(0));
  play.poll();
  play.session.send("b");
  CHECK_FALSE(play.session.unsent_exceeds(2));  // who goes on has nothing to wait for
  play.turn();
  CHECK(play.heard.drains == 1);
}

TEST_CASE("an upgrade takes what waits: who has heard of it is told") {
  Play play;
  play.open_polling();
  play.session.send("a");
  CHECK(play.session.unsent_exceeds(0));
  play.upgrade();
  CHECK(play.heard.drains == 1);
  play.wire.unsent = 7;
  CHECK(play.session.unsent_exceeds(6));
  CHECK_FALSE(play.session.unsent_exceeds(7));
  play.session.drained(play.wire);
  CHECK(play.heard.drains == 2);
}
