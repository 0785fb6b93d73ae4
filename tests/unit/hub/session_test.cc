#include "hub/session.h"

#include <catch2/catch.hpp>

#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a hello is answered by a welcome and the present state, complete at synced") {
  ServerCore core;
  core.publish({owned("a", "alice"), progress("a", 40), owned("b", "bob")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});

  const auto welcome = client.last<push::Welcome>();
  CHECK(welcome.user == "alice");
  CHECK(welcome.role == "user");
  CHECK(welcome.heartbeat == 25'000);
  const auto changes = client.last<push::Changes>();
  CHECK(changes.reset);
  CHECK(changes.synced);
  CHECK(changes.followed == std::vector<Channel>{channel("user:alice")});
  check_same(client.seen, core, "a");
  CHECK(client.seen.size() == 1);
}

TEST_CASE("a channel that may not be followed is refused by name and nothing of that command is done") {
  ServerCore core;
  TestClient client(core);
  client.hello("alice", {});
  client.command(command::Subscribe{{channel("user:alice"), channel("all-jobs")}}, 9);
  const auto reply = client.last<push::Reply>();
  REQUIRE(reply.error);
  CHECK(reply.error->code == ErrorCode::forbidden);
  CHECK(reply.error->field == "all-jobs");
  core.publish({owned("a", "alice")});
  CHECK(client.seen.size() == 0);
}

TEST_CASE("a hello leaves channels that may not be followed out of `followed`") {
  ServerCore core;
  TestClient client(core);
  client.hello("alice", {channel("all-jobs"), channel("user:alice")});
  CHECK(client.last<push::Changes>().followed == std::vector<Channel>{channel("user:alice")});
}

TEST_CASE("a cancel over the wire is one request, and a second one is the same") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.hello("alice", {channel("job:a")});
  client.command(command::Cancel{JobId{"a"}, "enough"}, 1);
  CHECK(client.last<push::Reply>() == push::Reply{1, std::nullopt});
  client.command(command::Cancel{JobId{"a"}, "again"}, 2);
  CHECK(client.last<push::Reply>() == push::Reply{2, std::nullopt});
  CHECK(core.state("a").cancel_reason == "enough");
  CHECK(core.state("a").seq == 2);
  core.publish({completed("a")});
  client.command(command::Cancel{JobId{"a"}, ""}, 3);
  CHECK(client.last<push::Reply>().error->code == ErrorCode::conflict);
}

TEST_CASE("a sync is answered about jobs of the session's channels; any other is none") {
  ServerCore core;
  core.publish(
      {with_queue(owned("mine", "alice"), "normal"), owned("hers", "bob"), with_queue(queued("any"), "normal")});
  TestClient client(core);
  const auto told = [&](const std::string& id) {
    client.forget();
    client.command(command::Sync{{JobId{id}}});
    const auto changes = client.last<push::Changes>();
    CHECK(changes.jobs.size() + changes.removed.size() == 1);
    return changes.jobs.size() == 1;
  };
  client.hello("alice", {channel("user:alice"), channel("job:hers"), channel("queue:normal")});
  CHECK(told("mine"));
  CHECK_FALSE(told("hers"));
  CHECK_FALSE(told("unknown"));
  client.command(command::Unsubscribe{{channel("user:alice")}});
  CHECK_FALSE(told("mine"));  // the queue only counts, for a user
  client.command(command::Token{"admin"});
  CHECK(told("any"));
  CHECK(told("hers"));
  client.command(command::Unsubscribe{{channel("queue:normal")}});
  CHECK_FALSE(told("any"));
}

TEST_CASE("bad messages: what is not JSON closes, what breaks a rule is answered by name") {
  ServerCore core;
  TestClient client(core);
  client.hello("alice", {});
  client.session->received(R"({"event":"subscribe","id":3,"data":{"channels":["nonsense"]}})");
  const auto reply = client.last<push::Reply>();
  CHECK(reply.id == 3);
  CHECK(reply.error->field == "channels");
  CHECK_FALSE(client.closed);
  SECTION("not JSON") { client.session->received("{"); }
  SECTION("a second hello") { client.command(command::Hello{"alice", {}, {}, "", 1, false}); }
  CHECK(client.closed == CloseCode::bad_message);
}

TEST_CASE("who does not say hello first, or in time, is let go") {
  ServerCore core;
  TestClient client(core);
  SECTION("another command first") {
    client.command(command::Heartbeat{});
    CHECK(client.closed == CloseCode::bad_message);
  }
  SECTION("nothing") {
    core.pass(11'000);
    CHECK(client.closed == CloseCode::timed_out);
  }
}

TEST_CASE("a token that does not verify is told so and closed with 4401") {
  ServerCore core;
  TestClient client(core);
  client.hello("nobody", {});
  CHECK(client.last<push::AuthError>().error.code == ErrorCode::unauthenticated);
  CHECK(client.last<push::AuthError>().error.field.empty());
  CHECK(client.closed == CloseCode::unauthenticated);
}

TEST_CASE("an expired token has a grace in which a fresh one keeps the connection") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.hello("alice@" + std::to_string(core.clock.now() + 5'000), {channel("job:a")});
  core.pass(6'000);
  CHECK(client.last<push::AuthError>().error.code == ErrorCode::unauthenticated);
  CHECK(client.last<push::AuthError>().error.field.empty());
  CHECK_FALSE(client.closed);
  SECTION("without one it ends") {
    core.pass(28'000);
    CHECK_FALSE(client.closed);
    core.pass(3'000);
    CHECK(client.closed == CloseCode::unauthenticated);
  }
  SECTION("with one it goes on, without a new view") {
    client.forget();
    client.command(command::Token{"alice"}, 2);
    CHECK(client.all<push::Changes>().empty());
    core.pass(30'000);
    CHECK_FALSE(client.closed);
    core.publish({progress("a", 10)});
    check_same(client.seen, core, "a");
  }
}

TEST_CASE("a silent server sends a heartbeat, and answers one") {
  ServerCore core;
  TestClient client(core);
  client.hello("alice", {});
  core.pass(26'000);
  CHECK(client.all<push::Heartbeat>().size() == 1);
  client.command(command::Heartbeat{});
  CHECK(client.all<push::Heartbeat>().size() == 2);
}

TEST_CASE("a drain gives each client a slot of its own to come back in") {
  ServerCore core;
  TestClient one(core);
  TestClient two(core);
  one.hello("alice", {});
  two.hello("bob", {});
  core.hub->drain();
  CHECK(one.closed == CloseCode::draining);
  CHECK(one.last<push::Goodbye>().reconnect_after != two.last<push::Goodbye>().reconnect_after);
  CHECK(one.last<push::Goodbye>().reconnect_after < 2'000);  // two clients need not be spread over many seconds
  TestClient late(core);
  late.hello("carol", {});
  CHECK(late.closed == CloseCode::draining);
}

TEST_CASE("a streamed response is a session whose request is its hello") {
  ServerCore core;
  core.publish({owned("a", "alice"), owned("b", "alice")});
  TestClient pipe(core);
  ChangesRequest request;
  request.channels = {channel("job:a")};
  request.join = {channel("job:b")};
  request.reducer = kReducerVersion;
  const auto who = core.authenticator->authenticate("alice");
  auto stream = core.hub->stream(pipe, *who, request);
  REQUIRE(stream);
  core.publish({progress("a", 10), progress("b", 20)});
  check_same(pipe.seen, core, "a");
  check_same(pipe.seen, core, "b");
}
