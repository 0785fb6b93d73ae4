#include "socketio/plain_events.h"

#include <catch2/catch.hpp>

#include "scripted_conversation.h"
#include "wire.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Play {
  explicit Play(CodecLimits limits = {}) : routes(socketio::plain_routes({scripted("/jobs", script)}, {}, limits)) {}
  void open() {
    transport::Request request;
    request.method = "GET";
    request.path = "/jobs";
    request.headers = {{"authorization", "Bearer token-1"}};
    request.client = "10.0.0.1";
    session = routes.front().open(wire, request);
  }
  Lines say(std::string_view message) {
    session->received(message);
    return wire.take();
  }

  Script script;
  Wire wire;
  std::vector<transport::WebSocketRoute> routes;
  std::unique_ptr<transport::SessionPort> session;
};

}  // namespace

TEST_CASE("each namespace has a route at its name, which answers plain requests too") {
  Script a, b;
  const auto routes = socketio::plain_routes({scripted("/a", a), scripted("/b", b)}, {});
  REQUIRE(routes.size() == 2);
  CHECK(routes[0].path == "/a");
  CHECK(routes[1].path == "/b");
  CHECK(routes[0].also_http);
}

TEST_CASE("a conversation is opened with what the request said, and begins at once") {
  Play play;
  play.script.on_begin = [&] { play.script.emit("hello", values({"1"})); };
  play.open();
  CHECK(play.script.opening.credentials.authorization == "Bearer token-1");
  CHECK(play.script.opening.address == "10.0.0.1");
  CHECK(play.script.opening.auth.empty());
  CHECK(play.wire.take() == Lines{R"({"event":"hello","data":1})"});
}

TEST_CASE("a refused client is closed with the refusal's code, and nothing more is heard of it") {
  Play play;
  play.script.refusal = hub::Refused{"no token", {}, CloseCode::unauthenticated};
  play.open();
  CHECK(play.wire.closed == CloseCode::unauthenticated);
  play.session->received(R"({"event":"a"})");
  play.session->drained();
  CHECK(play.script.heard.empty());
}

TEST_CASE("a message is its event and its data; order, space and further members do not matter") {
  Play play;
  play.open();
  for (const char* text :
       {R"({"event":"a","data":{"jobId":"42"}})", R"({ "data" : {"jobId":"42"} , "id":7, "event" : "a"})"}) {
    CHECK(play.say(text).empty());
    CHECK(play.script.heard.back() == R"(a[{"jobId":"42"}])");
  }
  play.say(R"({"event":"a"})");
  CHECK(play.script.heard.back() == "a[]");
  play.say(R"({"event":"a","data":null})");
  CHECK(play.script.heard.back() == "a[null]");
  play.session->received_binary(R"({"event":"b","data":"x"})");
  CHECK(play.script.heard.back() == R"(b["x"])");
}

TEST_CASE("an acknowledgement goes back as its value by itself") {
  Play play;
  play.open();
  play.say(R"({"event":"subscribe:jobs","data":{}})");
  play.script.acknowledge(values({R"({"success":true,"room":"all-jobs"})"}));
  CHECK(play.wire.take() == Lines{R"({"success":true,"room":"all-jobs"})"});
  play.script.acknowledge({});
  CHECK(play.wire.take().empty());
}

TEST_CASE("an acknowledgement that outlives its client goes nowhere") {
  Play play;
  play.open();
  play.say(R"({"event":"a"})");
  const hub::Acknowledge late = play.script.acknowledge;
  play.session.reset();
  CHECK(play.script.ended == 1);
  late(values({"1"}));
  CHECK(play.wire.take().empty());
}

TEST_CASE("a broken message is answered with the event exception that names the field and the rule") {
  Play play({.message_bytes = 200, .depth = 5});
  play.open();
  const auto complaint = [&](std::string_view message) {
    const Lines told = play.say(message);
    play.say(R"({"event":"fine"})");  // so that they are not one after another
    REQUIRE(told.size() == 1);
    CHECK(told[0].starts_with(R"({"event":"exception","data":{"status":"error","code":)"));
    return told[0];
  };
  CHECK(complaint("{").find("bad_json") != std::string::npos);
  CHECK(complaint("").find("bad_json") != std::string::npos);
  CHECK(complaint("\xff").find("bad_json") != std::string::npos);
  CHECK(complaint("[]").find("a message must be an object") != std::string::npos);
  CHECK(complaint("{}").find(R"("field":"event")") != std::string::npos);
  CHECK(complaint(R"({"event":7})").find(R"("field":"event")") != std::string::npos);
  CHECK(complaint(R"({"event":""})").find(R"("field":"event")") != std::string::npos);
  CHECK(complaint(R"({"event":"disconnect"})").find("reserved") != std::string::npos);
  CHECK(complaint(R"({"event":"a","data":[[[[[[]]]]]]})").find("bad_json") != std::string::npos);
  CHECK(complaint("\"" + std::string(300, 'x') + "\"").find("too_large") != std::string::npos);
  for (const std::string& heard : play.script.heard) CHECK(heard == "fine[]");
}

TEST_CASE("who sends one broken message after another is closed with 4400") {
  Play play;
  play.open();
  for (int i = 0; i < 9; ++i) play.say("{");
  play.say(R"({"event":"fine"})");
  for (int i = 0; i < 9; ++i) play.say("{");
  CHECK_FALSE(play.wire.closed);
  play.session->received("{");
  CHECK(play.wire.closed == CloseCode::bad_message);
}

TEST_CASE("what the conversation says, asks and ends reaches the client") {
  Play play;
  play.open();
  play.script.emit("job:update", values({R"({"jobId":"42"})", "2"}), "epoch:7");
  play.script.emit("bare", {});
  play.script.sink->ask({"question", values({"1"})}, nullptr);
  CHECK(play.wire.take() == Lines{R"({"event":"job:update","data":{"jobId":"42"}})", R"({"event":"bare"})",
                                  R"({"event":"question","data":1})"});
  play.wire.unsent = 5;
  CHECK(play.script.sink->unsent_exceeds(4));
  CHECK_FALSE(play.script.sink->unsent_exceeds(5));
  play.session->drained();
  CHECK(play.script.drains == 1);
  play.script.sink->disconnect(CloseCode::unauthenticated, "expired");
  CHECK(play.wire.closed == CloseCode::unauthenticated);
}

TEST_CASE("one emission to many is written once") {
  Play one, other;
  one.open();
  other.open();
  const auto emission = std::make_shared<const hub::Emission>(hub::NamedEvent{"all", values({"1"})});
  one.script.sink->emit(emission);
  other.script.sink->emit(emission);
  CHECK(one.wire.frames.at(0).get() == other.wire.frames.at(0).get());
}
