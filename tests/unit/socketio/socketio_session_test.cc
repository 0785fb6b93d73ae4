#include "socketio/socketio_session.h"

#include <catch2/catch.hpp>

#include "scripted_conversation.h"
#include "wire.h"

using namespace jobwire;
using namespace jobwire::socketio;
using namespace jobwire::test;

namespace {

constexpr UnixMs kStart = 1'764'000'000'000;

// One WebSocket with Socket.IO on it; namespaces / and /jobs.
struct Play {
  explicit Play(SocketIoOptions options = {})
      : session(engine, name_spaces, options, opening(), kStart,
                [this](std::shared_ptr<void> object) { released.push_back(std::move(object)); }) {
    engine.attach(session);
    engine.open(wire);
    wire.take();
  }
  static hub::Opening opening() {
    hub::Opening opening;
    opening.address = "10.0.0.1";
    return opening;
  }
  void say(std::string_view packet) { engine.received(wire, "4" + std::string(packet), false); }
  void bytes(std::string_view attachment) { engine.received(wire, attachment, true); }
  void turn() { released.clear(); }  // what may have been on the stack goes
  Lines join(std::string_view packet) {
    say(packet);
    return wire.take();
  }

  Script root, jobs;
  std::vector<hub::Namespace> name_spaces{scripted("/", root), scripted("/jobs", jobs)};
  std::vector<std::shared_ptr<void>> released;
  int ended = 0;
  Wire wire;
  EngineSession engine{{}, "sid-1", kStart, {[this] { ++ended; }, [] {}}};
  SocketIoSession session;
};

// The packet closes its connection.
void check_closes(std::initializer_list<const char*> packets) {
  Play play;
  play.join("0");
  for (const char* packet : packets) play.say(packet);
  INFO(*packets.begin());
  CHECK(play.ended == 1);
  CHECK(play.wire.closed);
}

}  // namespace

TEST_CASE("who joins is told its id, and the conversation begins after that") {
  Play play;
  play.jobs.on_begin = [&] { play.jobs.emit("hello", values({"1"})); };
  CHECK(play.join("0/jobs,") == Lines{R"(40/jobs,{"sid":"id-of-it"})", R"(42/jobs,["hello",1])"});
  CHECK(play.jobs.begun == 1);
  CHECK(play.root.begun == 0);
}

TEST_CASE("a conversation is opened with what CONNECT and the request said") {
  Play play;
  play.join(R"(0/jobs,{"token":"t","pid":"p","offset":"o"})");
  CHECK(play.jobs.opening.auth.text == R"({"token":"t","pid":"p","offset":"o"})");
  CHECK(play.jobs.opening.recover_id == "p");
  CHECK(play.jobs.opening.recover_offset == "o");
  CHECK(play.jobs.opening.address == "10.0.0.1");
  play.join("0");
  CHECK(play.root.opening.auth.empty());
  CHECK(play.root.opening.recover_id.empty());
}

TEST_CASE("what can be recovered has a pid, and its events carry their offset as last argument") {
  Play play;
  play.jobs.recover_id = "pid-1";
  CHECK(play.join("0/jobs,") == Lines{R"(40/jobs,{"sid":"id-of-it","pid":"pid-1"})"});
  play.jobs.emit("a", values({"1"}), "epoch:7");
  play.jobs.emit("b", values({"2"}));
  CHECK(play.wire.take() == Lines{R"(42/jobs,["a",1,"epoch:7"])", R"(42/jobs,["b",2])"});
  play.join("0");
  play.root.emit("a", values({"1"}), "epoch:7");
  CHECK(play.wire.take() == Lines{R"(42["a",1])"});
}

TEST_CASE("nobody is told an id that a restart would not know: in is who is kept") {
  Play play;
  play.jobs.recover_id = "pid-1";
  play.jobs.keeps_waiting = true;
  CHECK(play.join("0/jobs,").empty());
  CHECK(play.jobs.begun == 0);
  play.jobs.emit("too early", {});
  CHECK(play.wire.take().empty());
  play.jobs.kept(true);
  CHECK(play.wire.take() == Lines{R"(40/jobs,{"sid":"id-of-it","pid":"pid-1"})"});
  CHECK(play.jobs.begun == 1);
}

TEST_CASE("where the store does not keep it there is nothing to come back with, and all else is as ever") {
  Play play;
  play.jobs.recover_id = "pid-1";
  play.jobs.keeps_waiting = true;
  play.join("0/jobs,");
  play.jobs.kept(false);
  CHECK(play.wire.take() == Lines{R"(40/jobs,{"sid":"id-of-it"})"});
  play.jobs.emit("a", values({"1"}), "epoch:7");
  CHECK(play.wire.take() == Lines{R"(42/jobs,["a",1])"});
}

TEST_CASE("who is not yet in can say nothing there, nor ask again") {
  for (const char* packet :
       {R"(2/jobs,["early"])", "0/jobs,", "1/jobs,", R"(51-/jobs,["a",{"_placeholder":true,"num":0}])"}) {
    Play play;
    play.jobs.keeps_waiting = true;
    play.join("0/jobs,");
    play.say(packet);
    CHECK(play.ended == 1);
    CHECK(play.jobs.heard.empty());
    play.jobs.kept(true);  // too late
    CHECK(play.jobs.begun == 0);
  }
}

TEST_CASE("whose connection goes before it is in is let in nowhere") {
  std::function<void(bool)> kept;
  {
    Play play;
    play.jobs.keeps_waiting = true;
    play.join("0/jobs,");
    kept = play.jobs.kept;
  }
  kept(true);
}

TEST_CASE("a refusal is a connect_error with its data, and the connection goes on") {
  Play play;
  play.jobs.refusal = hub::Refused{"no token", RawJson{R"({"code":"unauthenticated"})"}, CloseCode::unauthenticated};
  CHECK(play.join("0/jobs,") == Lines{R"(44/jobs,{"message":"no token","data":{"code":"unauthenticated"}})"});
  CHECK(play.join("0/nowhere,") == Lines{R"(44/nowhere,{"message":"Invalid namespace"})"});
  CHECK(play.ended == 0);
  play.jobs.refusal.reset();
  CHECK(play.join("0/jobs,").size() == 1);
  CHECK(play.jobs.begun == 1);
}

TEST_CASE("a refusal that passes with time closes the connection, for a client told so would not come again") {
  for (const CloseCode code : {CloseCode::rate_limited, CloseCode::draining}) {
    Play play;
    play.jobs.refusal = hub::Refused{"later", {}, code};
    CHECK(play.join("0/jobs,").empty());
    CHECK(play.wire.closed);
    CHECK(play.ended == 1);
  }
}

TEST_CASE("where somebody else is on the connection such a refusal is told, and the connection goes on") {
  Play play;
  play.jobs.refusal = hub::Refused{"later", {}, CloseCode::rate_limited};
  play.join("0");
  CHECK(play.join("0/jobs,") == Lines{R"(44/jobs,{"message":"later"})"});
  CHECK_FALSE(play.wire.closed);
}

TEST_CASE("events are heard where they are said") {
  Play play;
  play.join("0");
  play.join("0/jobs,");
  play.say(R"(2["a",1,{"b":2}])");
  play.say(R"(2/jobs,["c"])");
  CHECK(play.root.heard == Lines{R"(a[1,{"b":2}])"});
  CHECK(play.jobs.heard == Lines{"c[]"});
  CHECK_FALSE(play.root.acknowledge);
}

TEST_CASE("an acknowledgement is given now or later, at most to who is still there") {
  Play play;
  play.join("0/jobs,");
  play.say(R"(2/jobs,7["ask"])");
  REQUIRE(play.jobs.acknowledge);
  play.jobs.acknowledge(values({R"({"success":true})", "2"}));
  CHECK(play.wire.take() == Lines{R"(43/jobs,7[{"success":true},2])"});
  play.say(R"(2/jobs,8["ask"])");
  const hub::Acknowledge late = play.jobs.acknowledge;
  play.say("1/jobs,");
  play.turn();
  late(values({"1"}));
  CHECK(play.wire.take().empty());
}

TEST_CASE("an acknowledgement that outlives its session goes nowhere") {
  hub::Acknowledge late;
  {
    Play play;
    play.join("0");
    play.say(R"(20["ask"])");
    late = play.root.acknowledge;
  }
  late(values({"1"}));
}

TEST_CASE("bytes come back in acknowledgements, and go out with events") {
  Play play;
  play.join("0");
  play.say(R"(20["ask"])");
  hub::Arguments arguments = values({R"({"_placeholder":true,"num":0})"});
  arguments.attachments = {"\x01\x02"};
  play.root.acknowledge(arguments);
  CHECK(play.wire.take() == Lines{R"(461-0[{"_placeholder":true,"num":0}])", "bytes:\x01\x02"});
  play.root.emit("file", arguments);
  CHECK(play.wire.take() == Lines{R"(451-["file",{"_placeholder":true,"num":0}])", "bytes:\x01\x02"});
}

TEST_CASE("an event is heard when its last attachment is there") {
  Play play;
  play.join("0");
  play.say(R"(52-["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  play.bytes("one");
  CHECK(play.root.heard.empty());
  play.bytes("two");
  CHECK(play.root.heard == Lines{R"(file[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]+one+two)"});
  play.say(R"(2["next"])");
  CHECK(play.root.heard.size() == 2);
}

TEST_CASE("the server asks, and the client's answer is heard once") {
  Play play;
  play.join("0/jobs,");
  Lines answers;
  play.jobs.sink->ask({"question", values({"1"})}, [&](hub::Arguments answer) { answers.push_back(written(answer)); });
  CHECK(play.wire.take() == Lines{R"(42/jobs,1["question",1])"});
  play.say("3/jobs,9[true]");
  CHECK(answers.empty());
  play.say("3/jobs,1[true]");
  play.say("3/jobs,1[false]");
  CHECK(answers == Lines{"[true]"});
  play.jobs.sink->ask({"bytes", {}}, [&](hub::Arguments answer) { answers.push_back(written(answer)); });
  play.say(R"(61-/jobs,2[{"_placeholder":true,"num":0}])");
  play.bytes("b");
  CHECK(answers.back() == R"([{"_placeholder":true,"num":0}]+b)");
}

TEST_CASE("who leaves a namespace is gone from it, and stays in the others") {
  Play play;
  play.join("0");
  play.join("0/jobs,");
  play.say("1/jobs,");
  play.turn();
  CHECK(play.jobs.ended == 1);
  CHECK(play.root.ended == 0);
  play.root.emit("still", {});
  CHECK(play.wire.take() == Lines{R"(42["still"])"});
  CHECK(play.join("0/jobs,") == Lines{R"(40/jobs,{"sid":"id-of-it"})"});
}

TEST_CASE("a conversation that disconnects its client says so, and is not dropped from inside itself") {
  Play play;
  play.join("0/jobs,");
  play.jobs.on_event = [&] {
    play.jobs.sink->disconnect(CloseCode::unauthenticated, "expired");
    CHECK(play.jobs.ended == 0);
    play.jobs.emit("not heard", {});
    CHECK_FALSE(play.jobs.sink->unsent_exceeds(0));
  };
  play.say(R"(2/jobs,["x"])");
  CHECK(play.wire.take() == Lines{"41/jobs,"});
  play.turn();
  CHECK(play.jobs.ended == 1);
  CHECK(play.ended == 0);
}

TEST_CASE("one may be disconnected as soon as one is in") {
  Play play;
  play.jobs.on_begin = [&] { play.jobs.sink->disconnect(CloseCode::unauthenticated, "no"); };
  CHECK(play.join("0/jobs,") == Lines{R"(40/jobs,{"sid":"id-of-it"})", "41/jobs,"});
  play.turn();
  CHECK(play.jobs.ended == 1);
  play.jobs.on_begin = nullptr;
  CHECK(play.join("0/jobs,").size() == 1);
}

TEST_CASE("what breaks the protocol closes the connection") {
  check_closes({"0"});                        // twice in the same namespace
  check_closes({"2/jobs,[\"not joined\"]"});  // an event for a namespace that it is not in
  check_closes({"3/jobs,1[]"});               // an answer there
  check_closes({"1/jobs,"});                  // a farewell there
  check_closes({"4{\"message\":\"no\"}"});    // only servers say this
  check_closes({"2[\"disconnect\"]"});        // a reserved name
  check_closes({"2{}"});                      // no arguments
  check_closes({"x"});                        // no packet
  check_closes({""});                         // nothing
  check_closes({"0/\xff,"});                  // no UTF-8
  check_closes({"51-[\"a\",{\"_placeholder\":true,\"num\":0}]", "2[\"b\"]"});  // bytes are due
  check_closes({"51-/jobs,[\"a\",{\"_placeholder\":true,\"num\":0}]"});        // nothing is gathered for a stranger
}

TEST_CASE("bytes that nobody announced close the connection") {
  Play play;
  play.join("0");
  play.bytes("x");
  CHECK(play.ended == 1);
}

TEST_CASE("attachments are bounded all together, not each by itself") {
  SocketIoOptions options;
  options.attached_bytes = 10;
  Play play(options);
  play.join("0");
  const char* two = R"(52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  for (int i = 0; i < 3; ++i) {
    play.say(two);
    play.bytes("12345");
    play.bytes("67890");
  }
  CHECK(play.root.heard.size() == 3);
  play.say(two);
  play.bytes("12345");
  play.bytes("67890a");
  CHECK(play.ended == 1);
  CHECK(play.root.heard.size() == 3);
}

TEST_CASE("who joins no namespace is closed in time; who has joined may leave and stay") {
  SocketIoOptions options;
  options.connect_timeout = 1000;
  Play waits(options);
  waits.say("0/nowhere,");
  waits.session.tick(kStart + 999);
  CHECK(waits.ended == 0);
  waits.session.tick(kStart + 1000);
  CHECK(waits.ended == 1);
  Play joined(options);
  joined.join("0");
  joined.session.tick(kStart + 5000);
  CHECK(joined.ended == 0);
}

TEST_CASE("a connection is in so many namespaces and no more") {
  SocketIoOptions options;
  options.most_namespaces = 1;
  Play play(options);
  play.join("0");
  play.say("0/jobs,");
  CHECK(play.ended == 1);
  CHECK(play.jobs.begun == 0);
}

TEST_CASE("whose client goes away has ended, in all its namespaces") {
  Play play;
  play.join("0");
  play.join("0/jobs,");
  play.engine.gone(play.wire);
  CHECK(play.ended == 1);
  play.root.emit("nobody", {});
  play.say(R"(2["nobody"])");
  CHECK(play.root.heard.empty());
}

TEST_CASE("one emission to many is written once for each framing") {
  Play one, other;
  one.join("0/jobs,");
  other.join("0/jobs,");
  const auto emission = std::make_shared<const hub::Emission>(hub::NamedEvent{"all", values({"1"})});
  one.wire.frames.clear();
  other.wire.frames.clear();
  one.jobs.sink->emit(emission);
  other.jobs.sink->emit(emission);
  REQUIRE(one.wire.frames.size() == 1);
  REQUIRE(other.wire.frames.size() == 1);
  CHECK(one.wire.frames[0].get() == other.wire.frames[0].get());
}

TEST_CASE("the network's taking is told to every conversation of the connection") {
  Play play;
  play.join("0");
  play.join("0/jobs,");
  play.engine.drained(play.wire);
  CHECK(play.root.drains == 1);
  CHECK(play.jobs.drains == 1);
}

TEST_CASE("over polling the same packets are told as text, bytes as base64") {
  Script jobs;
  const std::vector<hub::Namespace> name_spaces{scripted("/jobs", jobs)};
  EngineSession engine({}, "sid-1", kStart, {[] {}, [] {}});
  SocketIoSession session(engine, name_spaces, {}, {}, kStart, [](std::shared_ptr<void>) {});
  engine.attach(session);
  std::string told;
  const auto poll = [&] {
    engine.poll([&](HttpAnswer answer) { told = answer.body; });
    engine.flush();
  };
  engine.open_polling([](HttpAnswer) {});
  engine.post("40/jobs,");
  poll();
  CHECK(told == R"(40/jobs,{"sid":"id-of-it"})");
  hub::Arguments arguments = values({R"({"_placeholder":true,"num":0})"});
  arguments.attachments = {"\x01\x02"};
  jobs.emit("file", arguments);
  poll();
  CHECK(told ==
        "451-/jobs,[\"file\",{\"_placeholder\":true,\"num\":0}]\x1e"
        "bAQI=");
  engine.post(
      "451-/jobs,[\"back\",{\"_placeholder\":true,\"num\":0}]\x1e"
      "bAQI=");
  CHECK(jobs.heard.back() == "back[{\"_placeholder\":true,\"num\":0}]+\x01\x02");
  engine.detach();
}
