// The WebSocket side: what is heard, silence, and sockets of the past.
#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {
ScriptedClient& online(ScriptedClient& client) {
  client.session.start(client.now);
  client.go_online();
  client.forget_actions();
  return client;
}
}  // namespace

TEST_CASE("after a loss hello resumes the followed channels from the cursor, and subscribes to the rest") {
  ScriptedClient client;
  client.session.follow(client.now, {job_channel("a")});
  client.session.start(client.now);
  client.open();
  client.welcome();
  push::Changes changes = synced_at(5);
  changes.followed = {job_channel("a")};
  client.receive(changes);
  client.closed();
  client.session.follow(client.now, {job_channel("b")});
  client.sent<command::Hello>();
  client.sent<command::Subscribe>();
  client.wake();
  client.open();
  const auto hello = client.sent<command::Hello>();
  REQUIRE(hello.size() == 1);
  CHECK(hello[0].first.cursor == at(5));
  CHECK(hello[0].first.channels == std::vector<Channel>{job_channel("a")});
  const auto subscribes = client.sent<command::Subscribe>();
  REQUIRE(subscribes.size() == 1);
  CHECK(subscribes[0].first.channels == std::vector<Channel>{job_channel("b")});
}

TEST_CASE("reports of a socket that is no longer in use are ignored") {
  ScriptedClient client;
  online(client);
  const std::uint32_t old = client.socket;
  client.closed();
  client.wake();
  client.go_online(7);
  client.session.socket_received(client.now, old, encode_server_message(synced_at(99)));
  client.session.socket_closed(client.now, old, 4403, "");
  client.session.socket_opened(client.now, old);
  CHECK(client.session.status().state == ConnectionState::online);
  CHECK(client.session.cursor() == at(7));
}

TEST_CASE("nothing counts before the welcome") {
  ScriptedClient client;
  client.session.start(client.now);
  client.open();
  client.receive(synced_at(3));
  CHECK_FALSE(client.session.cursor());
  CHECK(client.session.status().state == ConnectionState::connecting);
}

TEST_CASE("a socket that opens but never welcomes is given up") {
  ScriptedClient client;
  client.session.start(client.now);
  client.open();
  client.pass(10'000);
  client.session.tick(client.now);
  CHECK(client.took<action::CloseSocket>().size() == 1);
  CHECK(client.session.status().state == ConnectionState::connecting);  // polling is tried
  CHECK(client.took<action::Poll>().size() == 1);
}

TEST_CASE("silence is probed at one and a half heartbeats, and ends the socket at two") {
  ScriptedClient client;
  online(client);
  CHECK(client.session.wake_at() == client.now + 37'500);
  client.wake();
  CHECK(client.sent<command::Heartbeat>().size() == 1);
  SECTION("an answer keeps it, and tells the latency") {
    client.pass(80);
    client.receive(push::Heartbeat{client.now});
    CHECK(client.session.status().latency == 80);
    CHECK(client.session.wake_at() == client.now + 37'500);
  }
  SECTION("no answer ends it") {
    CHECK(client.session.wake_at() == client.now + 12'500);
    client.wake();
    CHECK(client.took<action::CloseSocket>().size() == 1);
    CHECK(client.session.status().state == ConnectionState::offline);
    CHECK(client.session.status().reason_code == "silent");
  }
}

TEST_CASE("any message is a sign of life") {
  ScriptedClient client;
  online(client);
  for (int i = 0; i < 20; ++i) {
    client.pass(20'000);
    client.session.tick(client.now);
    client.receive(synced_at(i + 2));
  }
  CHECK(client.sent<command::Heartbeat>().empty());
  CHECK(client.session.status().state == ConnectionState::online);
}

TEST_CASE("a page that slept asks before it judges") {
  ScriptedClient client;
  online(client);
  client.pass(3'600'000);
  client.session.tick(client.now);
  CHECK(client.sent<command::Heartbeat>().size() == 1);
  CHECK(client.took_none<action::CloseSocket>());
  SECTION("the socket lives") {
    client.pass(100);
    client.receive(push::Heartbeat{client.now});
    client.live_through(30'000);
    CHECK(client.took_none<action::CloseSocket>());
  }
  SECTION("the socket died in the sleep") {
    client.live_through(6'000);
    CHECK(client.took<action::CloseSocket>().size() == 1);
  }
  SECTION("it slept again before the answer could be read") {
    client.pass(3'600'000);
    client.session.tick(client.now);
    CHECK(client.took_none<action::CloseSocket>());
    CHECK(client.sent<command::Heartbeat>().size() == 1);
    client.live_through(6'000);
    CHECK(client.took<action::CloseSocket>().size() == 1);
  }
}

TEST_CASE("a page that is shown after silence asks at once") {
  ScriptedClient client;
  online(client);
  client.session.set_visible(client.now, false);
  client.pass(20'000);
  client.session.set_visible(client.now, true);
  CHECK(client.sent<command::Heartbeat>().size() == 1);
}

TEST_CASE("a goodbye is left at once and answered in the slot that it gives") {
  ScriptedClient client;
  online(client);
  client.receive(push::Goodbye{"restart", 3'210});
  CHECK(client.took_one<action::CloseSocket>().socket == client.socket);
  CHECK(client.session.status().state == ConnectionState::offline);
  CHECK(client.session.status().reason == "The server is restarting");
  CHECK(client.session.status().next_try_at == client.now + 3'210);
  client.closed(1001);  // the driver's late report
  CHECK(client.session.status().next_try_at == client.now + 3'210);
  client.wake();
  CHECK(client.took<action::OpenSocket>().size() == 1);
}

TEST_CASE("a goodbye of a year is not obeyed to the letter") {
  ScriptedClient client;
  online(client);
  client.receive(push::Goodbye{"restart", 31'536'000'000});
  CHECK(client.session.status().next_try_at <= client.now + 600'000);
}

TEST_CASE("close codes: some stop, the others come again") {
  ScriptedClient client;
  online(client);
  const auto code = GENERATE(4400, 4403, 4413);
  client.closed(static_cast<std::uint16_t>(code));
  CHECK(client.session.status().state == ConnectionState::stopped);
  CHECK(client.session.wake_at() == 0);
  CHECK_FALSE(client.session.status().reason.empty());
  client.session.start(client.now);
  CHECK(client.took<action::OpenSocket>().size() == 1);
}

TEST_CASE("close codes that come again") {
  ScriptedClient client;
  online(client);
  const auto code = GENERATE(1000, 1001, 1005, 1006, 1011, 4408, 4429, 4503, 4999);
  client.closed(static_cast<std::uint16_t>(code));
  CHECK(client.session.status().state == ConnectionState::offline);
  client.wake();
  CHECK(client.took<action::OpenSocket>().size() == 1);
}

TEST_CASE("a message that cannot be read ends the socket, not the session") {
  ScriptedClient client;
  online(client);
  const auto text = GENERATE("{\"event\":", R"({"event":"changes","data":{"events":[]}})",
                             R"({"event":"changes","data":{"cursor":"","events":[]}})");
  client.session.socket_received(client.now, client.socket, text);
  CHECK(client.took_one<action::CloseSocket>().code == 4400);
  CHECK(client.session.status().reason_code == "unreadable");
  client.wake();
  CHECK(client.took<action::OpenSocket>().size() == 1);
}

TEST_CASE("a message of a kind that this build does not know is ignored") {
  ScriptedClient client;
  online(client);
  client.session.socket_received(client.now, client.socket, R"({"event":"confetti","data":{"n":3}})");
  CHECK(client.session.status().state == ConnectionState::online);
}

TEST_CASE("a reset that breaks off is told again from its beginning") {
  ScriptedClient client;
  client.session.follow(client.now, {user_channel("alice")});
  client.session.start(client.now);
  client.open();
  client.welcome();
  push::Changes first = synced_at(5);
  first.jobs = {job_at("a", 5, 2)};
  first.followed = {user_channel("alice")};
  client.receive(first);
  push::Changes page;
  page.cursor = at(50, 0xdef);
  page.reset = true;
  page.jobs = {job_at("b", 50, 1)};
  client.receive(page);
  CHECK(client.store.resetting());
  CHECK_FALSE(client.session.status().synced);
  client.closed();
  client.sent<command::Hello>();
  client.wake();
  client.open();
  const auto hello = client.sent<command::Hello>();
  REQUIRE(hello.size() == 1);
  CHECK(hello[0].first.cursor == Cursor{});  // of no epoch: answered by a reset
  CHECK(client.store.find(JobId{"a"}) != nullptr);
}

TEST_CASE("a server that cannot store is told of") {
  ScriptedClient client;
  client.session.start(client.now);
  client.open();
  client.receive(push::Welcome{"s", at(0), 25'000, "alice", "user", client.now, "disk full"});
  CHECK(client.session.status().state == ConnectionState::online);
  CHECK(client.session.status().reason_code == "degraded");
}
