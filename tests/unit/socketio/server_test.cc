#include "socketio/server.h"

#include <catch2/catch.hpp>

#include "scripted_conversation.h"
#include "support/clock.h"
#include "support/fake_exchange.h"
#include "support/loop.h"
#include "transport/http_rules.h"
#include "wire.h"

using namespace jobwire;
using namespace jobwire::socketio;
using namespace jobwire::test;

namespace {

transport::Request request(std::string method, std::string_view target, std::string body = {}, Headers headers = {}) {
  transport::Request made;
  made.method = std::move(method);
  REQUIRE_FALSE(transport::apply_target(target, made));
  made.headers = std::move(headers);
  made.headers.emplace_back("host", "jobs.example");
  made.body = std::move(body);
  made.client = "10.0.0.1";
  return made;
}

constexpr const char* kPolling = "/socket.io/?EIO=4&transport=polling";
constexpr const char* kWebSocket = "/socket.io/?EIO=4&transport=websocket";

struct Play {
  explicit Play(ServerOptions options = {}) {
    server = make_server(options, {}, {scripted("/jobs", script)},
                         {clock, loop.post(), [this] { return "sid-" + std::to_string(++ids); },
                          [this](const transport::Request& asking) { return admit(asking); }});
  }
  Status admit(const transport::Request& asking) {
    admitted.push_back(asking.client);
    if (static_cast<int>(admitted.size()) <= most) return Done{};
    return Error{ErrorCode::rate_limited, "too many", {}, 1'500};
  }
  std::shared_ptr<FakeExchange> begin(transport::Request made) {
    auto exchange = std::make_shared<FakeExchange>(std::move(made));
    server->handle(exchange);
    loop.run_posted();
    return exchange;
  }
  transport::Response ask(transport::Request made) {
    const auto exchange = begin(std::move(made));
    REQUIRE(exchange->response);
    CHECK(exchange->answers == 1);
    return *exchange->response;
  }
  transport::Response get(const std::string& target, Headers headers = {}) {
    return ask(request("GET", target, {}, std::move(headers)));
  }
  transport::Response post(const std::string& sid, std::string body) {
    return ask(request("POST", at(sid), std::move(body)));
  }
  static std::string at(const std::string& sid, const char* target = kPolling) { return target + ("&sid=" + sid); }

  // Over polling, in /jobs.
  std::string join() {
    get(kPolling);
    const std::string sid = "sid-" + std::to_string(ids);
    post(sid, "40/jobs,");
    get(at(sid));
    return sid;
  }
  // As the transport does it: asked first, then opened.
  std::unique_ptr<transport::SessionPort> open(Wire& wire, const std::string& target, Headers headers = {}) {
    const auto made = request("GET", target, {}, std::move(headers));
    const auto routes = server->routes();
    if (const auto refusal = routes.front().check(made)) {
      refused = *refusal;
      return nullptr;
    }
    return routes.front().open(wire, made);
  }
  void pass(DurationMs time) {
    clock.advance(time);
    server->tick();
    loop.run_posted();
  }

  Script script;
  ManualClock clock;
  Loop loop;
  int ids = 0;
  int most = 1000;                    // handshakes that are admitted
  std::vector<std::string> admitted;  // who asked
  std::optional<transport::Response> refused;
  std::unique_ptr<Server> server;
};

}  // namespace

TEST_CASE("a handshake that is none is 400 with Engine.IO's own code") {
  Play play;
  const std::pair<std::string, std::string> bad[] = {
      {"/socket.io/", R"({"code":0,"message":"Transport unknown"})"},
      {"/socket.io/?EIO=4", R"({"code":0,"message":"Transport unknown"})"},
      {"/socket.io/?EIO=4&transport=abc", R"({"code":0,"message":"Transport unknown"})"},
      {"/socket.io/?transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
      {"/socket.io/?EIO=3&transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
      {"/socket.io/?EIO=abc&transport=polling", R"({"code":5,"message":"Unsupported protocol version"})"},
      {"/socket.io/?EIO=4&transport=websocket", R"({"code":3,"message":"Bad request"})"},  // without an upgrade
      {"/socket.io/?EIO=4&transport=polling&sid=nobody", R"({"code":1,"message":"Session ID unknown"})"},
      {"/socket.io/?EIO=4&transport=polling&sid=", R"({"code":1,"message":"Session ID unknown"})"},
  };
  for (const auto& [target, body] : bad) {
    INFO(target);
    const auto response = play.get(target);
    CHECK(response.status == 400);
    CHECK(response.body == body);
    CHECK(header(response, "content-type") == "application/json");
  }
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    CHECK(play.ask(request(method, kPolling, "4a")).body == R"({"code":2,"message":"Bad handshake method"})");
  }
  CHECK(play.server->stats().sessions == 0);
}

TEST_CASE("the path is served with and without its slash, and no other") {
  Play play;
  CHECK(play.server->serves("/socket.io/"));
  CHECK(play.server->serves("/socket.io"));
  for (const char* path : {"/", "/socket.i", "/socket.io/x", "/socket.iox", ""}) CHECK_FALSE(play.server->serves(path));
  CHECK(play.get("/socket.io?EIO=4&transport=polling").status == 200);
}

TEST_CASE("a WebSocket's handshake is refused before its upgrade") {
  Play play;
  for (const char* target : {"/socket.io/?EIO=3&transport=websocket", "/socket.io/?EIO=4&transport=polling",
                             "/socket.io/?EIO=4&transport=websocket&sid=nobody"}) {
    Wire wire;
    CHECK_FALSE(play.open(wire, target));
    CHECK(play.refused->status == 400);
  }
  Wire wire;
  CHECK(play.open(wire, kWebSocket));
  CHECK(wire.last().starts_with(R"(0{"sid":"sid-1")"));
}

TEST_CASE("a poll and a POST are answered in Engine.IO's types, and are not kept by caches") {
  Play play;
  const auto handshake = play.get(kPolling);
  CHECK(header(handshake, "content-type") == "text/plain; charset=UTF-8");
  CHECK(header(handshake, "cache-control") == "no-store");
  const auto said = play.post("sid-1", "40/jobs,");
  CHECK(said.status == 200);
  CHECK(said.body == "ok");
  CHECK(header(said, "content-type") == "text/html");
  CHECK(header(said, "x-content-type-options") == "nosniff");
  CHECK(play.get(Play::at("sid-1")).body == R"(40/jobs,{"sid":"id-of-it"})");
  CHECK(play.ask(request("DELETE", Play::at("sid-1"))).status == 400);
}

TEST_CASE("who comes is known to the conversation: credentials and address") {
  Play play;
  play.ask(request("GET", kPolling, {}, {{"authorization", "Bearer token-1"}}));
  play.post("sid-1", R"(40/jobs,{"token":"token-2"})");
  CHECK(play.script.opening.address == "10.0.0.1");
  CHECK(play.script.opening.credentials.authorization == "Bearer token-1");
  CHECK(play.script.opening.auth.text == R"({"token":"token-2"})");
}

TEST_CASE("pages of other origins are refused; allowed ones are named in the answer, with credentials") {
  ServerOptions options;
  options.origins.allowed = {"https://app.example"};
  options.origins.credentials = true;
  Play play(options);
  const auto foreign = play.get(kPolling, {{"origin", "https://evil.example"}});
  CHECK(foreign.status == 403);
  CHECK(header(foreign, "access-control-allow-origin").empty());
  CHECK(play.server->stats().sessions == 0);
  const auto ours = play.get(kPolling, {{"origin", "https://app.example"}});
  CHECK(ours.status == 200);
  CHECK(header(ours, "access-control-allow-origin") == "https://app.example");
  CHECK(header(ours, "access-control-allow-credentials") == "true");
  CHECK(header(ours, "vary") == "Origin");
  const auto bad = play.get("/socket.io/", {{"origin", "https://app.example"}});
  CHECK(header(bad, "access-control-allow-origin") == "https://app.example");  // a page may read why
}

TEST_CASE("a preflight is answered with what the page asked to send") {
  ServerOptions options;
  options.origins.allowed = {"https://app.example"};
  Play play(options);
  const auto response = play.ask(request("OPTIONS", kPolling, {},
                                         {{"origin", "https://app.example"},
                                          {"access-control-request-method", "POST"},
                                          {"access-control-request-headers", "content-type,x-own"}}));
  CHECK(response.status == 204);
  CHECK(header(response, "access-control-allow-origin") == "https://app.example");
  CHECK(header(response, "access-control-allow-methods") == "GET, POST");
  CHECK(header(response, "access-control-allow-headers") == "content-type,x-own");
  CHECK(play.server->stats().sessions == 0);
}

TEST_CASE("an upgraded session takes no more polls, and counts as a WebSocket") {
  Play play;
  const std::string sid = play.join();
  CHECK(play.server->stats().polling == 1);
  Wire wire;
  const auto socket = play.open(wire, Play::at(sid, kWebSocket));
  socket->received("2probe");
  socket->received("5");
  CHECK(play.server->stats().polling == 0);
  CHECK(play.get(Play::at(sid)).status == 400);
  play.script.emit("hello", values({"1"}));
  CHECK(wire.last() == R"(42/jobs,["hello",1])");
}

TEST_CASE("a session that has ended is not known any more, and its conversation is gone") {
  Play play;
  const std::string sid = play.join();
  CHECK(play.post(sid, "1").status == 200);
  CHECK(play.script.ended == 1);
  CHECK(play.get(Play::at(sid)).body == R"({"code":1,"message":"Session ID unknown"})");
  CHECK(play.server->stats().sessions == 0);
  CHECK(play.server->stats().opened == 1);
}

TEST_CASE("a poll that its client gives up ends the session") {
  Play play;
  const std::string sid = play.join();
  const auto waiting = play.begin(request("GET", Play::at(sid)));
  CHECK_FALSE(waiting->response);
  waiting->abort();
  play.loop.run_posted();
  CHECK(play.server->stats().sessions == 0);
  CHECK(play.script.ended == 1);
}

TEST_CASE("whose WebSocket goes, goes") {
  Play play;
  Wire wire;
  auto socket = play.open(wire, kWebSocket);
  socket->received("40/jobs,");
  CHECK(play.script.begun == 1);
  socket.reset();
  play.loop.run_posted();
  CHECK(play.script.ended == 1);
  CHECK(play.server->stats().sessions == 0);
}

TEST_CASE("who sends garbage loses its own session and nothing else") {
  const std::string garbage[] = {std::string("\x00\xff\xfe", 3),
                                 "",
                                 "4",
                                 "4x",
                                 "42[\"not joined\"]",
                                 "40/jobs,[]",
                                 "451-[\"a\"]",
                                 "9",
                                 "42/jobs,[\"disconnect\"]",
                                 "42/jobs," + std::string(100, '['),
                                 "4" + std::string(5000, '2'),
                                 "bnot base64!",
                                 "\x1e\x1e",
                                 "40/jobs,\x1e"
                                 "40/jobs,",
                                 "42/jobs,{\"a\":1}",
                                 "5",
                                 "0{}"};
  for (const std::string& body : garbage) {
    INFO(body.substr(0, 40));
    Play play;
    Wire beside;
    const auto socket = play.open(beside, kWebSocket);
    socket->received("40/jobs,");
    Script& heard = play.script;
    play.get(kPolling);
    const std::string sid = "sid-2";
    play.post(sid, body);
    CHECK(play.server->stats().sessions == 1);
    CHECK(play.get(Play::at(sid)).status == 400);

    socket->received(R"(42/jobs,1["ask"])");
    CHECK(heard.heard.back() == "ask[]");
    CHECK_FALSE(beside.closed);
    CHECK(play.get(kPolling).status == 200);  // and others may come
  }
}

TEST_CASE("the same garbage on a WebSocket closes that one only") {
  for (const std::string& message : {std::string("\xff"), std::string("4"), std::string("x"), std::string("42[")}) {
    Play play;
    Wire beside, bad;
    const auto good = play.open(beside, kWebSocket);
    good->received("40/jobs,");
    const auto other = play.open(bad, kWebSocket);
    other->received(message);
    play.loop.run_posted();
    CHECK(bad.closed);
    other->received("40/jobs,");  // not heard any more
    other->received_binary("x");
    CHECK_FALSE(beside.closed);
    CHECK(play.server->stats().sessions == 1);
  }
}

TEST_CASE("time: pings go out, and who is silent is gone, however seldom the server looks") {
  Play play;
  const std::string sid = play.join();
  const auto waiting = play.begin(request("GET", Play::at(sid)));
  play.pass(25'000);
  REQUIRE(waiting->response);
  CHECK(waiting->response->body == "2");
  play.clock.advance(20'000);  // no tick comes in time
  CHECK(play.get(Play::at(sid)).status == 400);
  CHECK(play.server->stats().sessions == 0);
}

TEST_CASE("all whose time is over go in one look, and who has answered stays") {
  Play play;
  std::vector<std::string> sids;
  for (int i = 0; i < 5; ++i) sids.push_back(play.join());
  play.pass(25'000);
  play.get(Play::at(sids[2]));  // the ping
  play.post(sids[2], "3");
  play.pass(20'000);
  CHECK(play.server->stats().sessions == 1);
  CHECK(play.post(sids[2], "3").status == 200);
}

TEST_CASE("a draining server ends its connections and takes no new ones; so does a full one") {
  Play play({.most_sessions = 1});
  const std::string sid = play.join();
  CHECK(play.get(kPolling).status == 503);
  const auto waiting = play.begin(request("GET", Play::at(sid)));
  play.server->drain();
  play.loop.run_posted();
  CHECK(waiting->response->body == "1");
  CHECK(play.script.ended == 1);
  const auto refused = play.get(kPolling);
  CHECK(refused.status == 503);
  CHECK(refused.body == R"({"code":4,"message":"Forbidden"})");
}

TEST_CASE("what was posted for a server that is gone does nothing") {
  Play play;
  play.get(kPolling);
  const auto waiting = std::make_shared<FakeExchange>(request("GET", Play::at("sid-1")));
  play.server->handle(waiting);
  play.server->handle(std::make_shared<FakeExchange>(request("POST", Play::at("sid-1"), "40/jobs,")));
  play.server.reset();
  play.loop.run_posted();
  CHECK_FALSE(waiting->response);
}

TEST_CASE("each handshake is asked about once, and nothing else is; one too many is 429 and says when to try again") {
  Play play;
  const std::string sid = play.join();
  Wire wire, late, probe;
  const auto socket = play.open(wire, kWebSocket);
  const auto upgrade = play.open(probe, Play::at(sid, kWebSocket));
  play.get("/socket.io/?EIO=3&transport=polling");
  play.ask(request("OPTIONS", kPolling));
  CHECK(play.admitted == std::vector<std::string>{"10.0.0.1", "10.0.0.1"});
  play.most = 2;
  const auto refused = play.get(kPolling);
  CHECK(refused.status == 429);
  CHECK(header(refused, "retry-after") == "2");
  CHECK(play.open(late, kWebSocket) == nullptr);
  CHECK(play.refused->status == 429);
  CHECK(play.server->stats().sessions == 2);
}

TEST_CASE("a handshake counts for its first namespace; whoever joins another one counts anew") {
  Play play;
  const std::string sid = play.join();
  CHECK(play.script.opening.is_counted);
  play.post(sid, "41/jobs,");
  play.post(sid, "40/jobs,");
  CHECK_FALSE(play.script.opening.is_counted);
}
