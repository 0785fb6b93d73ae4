// What a connection may ask for in a time, and what it is told beyond that.
#include "hub/conversation.h"
#include "hub/dialects.h"
#include "hub/notifications_conversation.h"
#include "support/dialect_play.h"
#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

hub::HubOptions with(auth::Act act, auth::Scope scope, auth::Rate rate) {
  hub::HubOptions options;
  options.rates.of(act, scope) = rate;
  return options;
}

hub::Opening opening(std::string auth, std::string address = {}) {
  hub::Opening opening;
  opening.auth.text = std::move(auth);
  opening.address = std::move(address);
  return opening;
}

// All namespaces of a server with these limits.
struct Conversations {
  explicit Conversations(hub::HubOptions options) : core(std::move(options)), all(dialects.namespaces()) {
    all.push_back(hub::notifications_namespace(*core.hub, [this] { return next_id(); }));
  }
  std::string next_id() { return "id-" + std::to_string(++ids); }
  hub::Opened open(DialectPage& page, const std::string& path, const std::string& token, std::string address = {}) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == path; });
    REQUIRE(at != all.end());
    return at->open(page, opening(R"({"token":")" + token + "\"}", std::move(address)));
  }
  void enter(DialectPage& page, const std::string& path, const std::string& token) {
    hub::Opened opened = open(page, path, token, "192.0.2.1");
    REQUIRE(std::holds_alternative<hub::Accepted>(opened));
    page.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
    page.begin(core);
    page.told.clear();
  }
  std::string ask(DialectPage& page, const std::string& event, const std::string& data) {
    std::string answer;
    page.conversation->received({event, {{{data}}, {}}},
                                [&](const hub::Arguments& given) { answer = given.values[0].text; });
    core.run();
    return answer;
  }

  ServerCore core;
  int ids = 0;
  hub::Dialects dialects{{}, *core.hub, core.clock, [this] { return next_id(); }};
  std::vector<hub::Namespace> all;
};

constexpr const char* kPaths[] = {"/", "/queue", "/jobs", "/file-processing", "/notifications"};
constexpr const char* kLater = R"("retryAfter":10000)";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a command beyond the limit is answered by rate_limited and when to try again, and does nothing") {
  ServerCore core(with(auth::Act::subscribe, auth::Scope::connection, {2, 10'000}));
  core.publish({owned("a", "alice"), owned("b", "alice"), owned("c", "alice")});
  TestClient client(core);
  client.hello("alice", {});
  client.command(command::Subscribe{{channel("job:a")}}, 1);
  client.command(command::Subscribe{{channel("job:b")}}, 2);
  CHECK_FALSE(client.last<push::Reply>().error);
  client.command(command::Subscribe{{channel("job:c")}}, 3);
  const auto refused = client.last<push::Reply>().error;
  REQUIRE(refused);
  CHECK(refused->code == ErrorCode::rate_limited);
  CHECK(refused->retry_after_ms == 5'000);
  CHECK(client.seen.find(JobId{"c"}) == nullptr);
  CHECK_FALSE(client.closed);
  core.pass(5'000);
  client.command(command::Subscribe{{channel("job:c")}}, 4);
  CHECK_FALSE(client.last<push::Reply>().error);
  CHECK(client.seen.find(JobId{"c"}) != nullptr);
}

TEST_CASE("who has asked for no reply is told by goodbye and 4429") {
  ServerCore core(with(auth::Act::command, auth::Scope::connection, {1, 10'000}));
  TestClient client(core);
  client.hello("alice", {});
  client.command(command::Heartbeat{});
  CHECK_FALSE(client.closed);
  client.command(command::Heartbeat{});
  CHECK(client.last<push::Goodbye>().reconnect_after == 10'000);
  CHECK(client.closed == CloseCode::rate_limited);
}

TEST_CASE("a user's tabs count together, another user's do not") {
  ServerCore core(with(auth::Act::subscribe, auth::Scope::user, {2, 10'000}));
  TestClient one(core), two(core), other(core);
  for (TestClient* client : {&one, &two}) client->hello("alice", {});
  other.hello("bob", {});
  const auto refused = [](TestClient& client) {
    client.command(command::Subscribe{{channel("job:x")}}, 1);
    return client.last<push::Reply>().error.has_value();
  };
  CHECK_FALSE(refused(one));
  CHECK_FALSE(refused(two));
  CHECK(refused(one));
  CHECK(refused(two));
  CHECK_FALSE(refused(other));
  two.command(command::Token{"bob"}, 9);  // from here on it is bob's
  CHECK_FALSE(refused(two));
}

TEST_CASE("too many connections of a user: the next one is told when to come, and those that are open stay") {
  ServerCore core(with(auth::Act::connect, auth::Scope::user, {2, 10'000}));
  TestClient one(core), two(core), three(core);
  for (TestClient* client : {&one, &two, &three}) client->hello("alice", {});
  CHECK_FALSE(one.closed);
  CHECK_FALSE(two.closed);
  CHECK(three.closed == CloseCode::rate_limited);
  CHECK(three.last<push::Goodbye>().reconnect_after == 5'000);
  CHECK(three.all<push::Welcome>().empty());
}

TEST_CASE("opening a conversation counts as a connect of its user and address, whoever it turns out to be") {
  hub::HubOptions options = with(auth::Act::connect, auth::Scope::address, {3, 9'000});
  options.rates.of(auth::Act::connect, auth::Scope::user) = {1, 9'000};
  ServerCore core(options);
  CHECK(core.hub->authenticate(opening(R"({"token":"alice"})", "192.0.2.1")));
  const auto again = core.hub->authenticate(opening(R"({"token":"alice"})", "192.0.2.2"));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::rate_limited);
  for (int i = 0; i < 2; ++i) {
    const auto nobody = core.hub->authenticate(opening("{}", "192.0.2.1"));
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error().code == ErrorCode::unauthenticated);
  }
  const auto flood = core.hub->authenticate(opening("{}", "192.0.2.1"));
  REQUIRE_FALSE(flood);
  CHECK(flood.error().code == ErrorCode::rate_limited);
  CHECK(flood.error().retry_after_ms == 3'000);
  CHECK(core.hub->rate_limited() == 2);
}

TEST_CASE("whose handshake was counted is not counted again for its address, but for its user") {
  hub::HubOptions options = with(auth::Act::connect, auth::Scope::address, {1, 9'000});
  options.rates.of(auth::Act::connect, auth::Scope::user) = {2, 9'000};
  ServerCore core(options);
  hub::Opening counted = opening(R"({"token":"alice"})", "192.0.2.1");
  counted.is_counted = true;
  for (int i = 0; i < 2; ++i) CHECK(core.hub->authenticate(counted));
  CHECK(core.hub->authenticate(counted).error().code == ErrorCode::rate_limited);
  CHECK(core.hub->authenticate(opening(R"({"token":"bob"})", "192.0.2.1")));
  CHECK_FALSE(core.hub->authenticate(opening(R"({"token":"bob"})", "192.0.2.1")));
}

TEST_CASE("a conversation is who its auth payload says, else who its request says") {
  ServerCore core;
  hub::Opening by_header = opening("");
  by_header.credentials.authorization = "Bearer bob";
  CHECK(core.hub->authenticate(by_header)->user == "bob");
  by_header.auth.text = R"({"token":"alice"})";
  CHECK(core.hub->authenticate(by_header)->user == "alice");
  by_header.auth.text = R"({"token":7})";
  CHECK(core.hub->authenticate(by_header).error().field == "auth.token");
}

TEST_CASE("a conversation's commands are limited as a native session's are") {
  ServerCore core(with(auth::Act::subscribe, auth::Scope::connection, {1, 10'000}));
  const auto who = core.hub->authenticate(opening(R"({"token":"alice"})", "192.0.2.1"));
  REQUIRE(who);
  auth::Caller caller = auth::caller_of(*who, "192.0.2.1");
  CHECK(core.hub->take(auth::Act::subscribe, caller));
  const Status refused = core.hub->take(auth::Act::subscribe, caller);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().retry_after_ms == 10'000);
}

TEST_CASE("opening a namespace is one connect of its user and of its address, and beyond the limit it says when") {
  for (const char* path : kPaths) {
    for (const auth::Scope scope : {auth::Scope::user, auth::Scope::address}) {
      INFO(path << " by " << auth::scope_name(scope));
      Conversations play(with(auth::Act::connect, scope, {2, 20'000}));
      DialectPage page;
      for (int i = 0; i < 2; ++i)
        CHECK(std::holds_alternative<hub::Accepted>(play.open(page, path, "alice", "192.0.2.1")));
      const hub::Opened third = play.open(page, path, "alice", "192.0.2.1");
      REQUIRE(std::holds_alternative<hub::Refused>(third));
      CHECK(std::get<hub::Refused>(third).code == CloseCode::rate_limited);
      CHECK(has(std::get<hub::Refused>(third).data.text, kLater));
      CHECK(std::holds_alternative<hub::Accepted>(play.open(page, path, "bob", "192.0.2.2")));
      play.core.pass(10'000);
      CHECK(std::holds_alternative<hub::Accepted>(play.open(page, path, "alice", "192.0.2.1")));
    }
  }
}

TEST_CASE("a subscription beyond the limit does nothing, and its acknowledgement says when to try again") {
  struct Case {
    const char *path, *event, *data;
  };
  for (const auth::Scope scope : {auth::Scope::connection, auth::Scope::user, auth::Scope::address}) {
    for (const Case& each : {Case{"/jobs", "subscribe:jobs", R"({"jobId":"j"})"},
                             Case{"/file-processing", "subscribe:file", R"({"fileId":"j"})"},
                             Case{"/", "subscribe-admin", "null"}, Case{"/", "request-system-metrics", "null"}}) {
      INFO(each.event << " by " << auth::scope_name(scope));
      Conversations play(with(auth::Act::subscribe, scope, {1, 10'000}));
      DialectPage page;
      play.enter(page, each.path, "admin");
      play.ask(page, each.event, R"({"jobId":"other","fileId":"other"})");
      page.told.clear();
      const std::string refused = play.ask(page, each.event, each.data);
      CHECK(has(refused, R"("success":false)"));
      CHECK(has(refused, kLater));
      play.core.publish({owned("j", "alice")});
      play.core.pass(1'000);
      for (const auto& told : page.told) CHECK_FALSE(has(told.json, R"("j")"));
      play.core.pass(9'000);
      CHECK(has(play.ask(page, each.event, each.data), R"("success":true)"));
    }
  }
}

TEST_CASE("what a namespace does not know counts as a command, and so does what it does for a user") {
  for (const char* path : {"/", "/queue", "/jobs", "/file-processing"}) {
    INFO(path);
    Conversations play(with(auth::Act::command, auth::Scope::connection, {1, 10'000}));
    DialectPage page;
    play.enter(page, path, "alice");
    play.ask(page, "nonsense", "1");
    play.ask(page, "nonsense", "2");
    REQUIRE(page.told.size() == 2);
    CHECK(has(page.told[0].json, "bad_request"));
    CHECK(has(page.told[1].json, "rate_limited"));
    CHECK(has(page.told[1].json, kLater));
    CHECK(has(play.ask(page, "token", R"("alice")"), kLater));
  }
  Conversations play(with(auth::Act::command, auth::Scope::connection, {1, 10'000}));
  DialectPage page;
  play.enter(page, "/notifications", "alice");
  play.ask(page, "get-unread-count", "null");
  CHECK(has(play.ask(page, "get-unread-count", "null"), kLater));
}
