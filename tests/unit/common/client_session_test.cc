// The owner's and the platform's calls.
#include "jobwire/client_session.h"

#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a session that is not started does nothing") {
  ScriptedClient client;
  CHECK(client.session.status().state == ConnectionState::idle);
  CHECK(client.session.wake_at() == 0);
  client.session.follow(client.now, {job_channel("a")});
  client.session.set_online(client.now, true);
  client.session.set_visible(client.now, true);
  client.session.retry_now(client.now);
  CHECK(client.took_none<action::OpenSocket>());
  CHECK(client.session.wake_at() == 0);
}

TEST_CASE("start opens a socket, says hello, asks for the wanted channels, and is online with the welcome") {
  ScriptedClient client;
  client.session.follow(client.now, {job_channel("a"), user_channel("alice")});
  client.session.start(client.now);
  CHECK(client.session.status().state == ConnectionState::connecting);
  client.open();
  const auto hello = client.sent<command::Hello>();
  REQUIRE(hello.size() == 1);
  CHECK_FALSE(hello[0].first.cursor);
  CHECK(hello[0].first.channels.empty());
  CHECK(hello[0].first.reducer == kReducerVersion);
  const auto subscribes = client.sent<command::Subscribe>();
  REQUIRE(subscribes.size() == 1);
  CHECK(subscribes[0].first.channels.size() == 2);
  client.welcome();
  CHECK(client.session.status().state == ConnectionState::online);
  CHECK(client.session.status().transport == Transport::websocket);
  CHECK(client.session.status().user == "alice");
  CHECK_FALSE(client.session.status().synced);

  push::Changes changes = synced_at(9);
  changes.followed = {job_channel("a"), user_channel("alice")};
  client.receive(changes);
  CHECK(client.session.status().synced);
  CHECK(client.session.is_followed(job_channel("a")));
  CHECK(client.session.cursor() == at(9));
}

TEST_CASE("starting twice is starting once") {
  ScriptedClient client;
  client.session.start(client.now);
  client.session.start(client.now);
  CHECK(client.took<action::OpenSocket>().size() == 1);
}

TEST_CASE("close ends the socket, the timers and the commands; start goes on from the cursor") {
  ScriptedClient client;
  client.session.follow(client.now, {job_channel("a")});
  client.session.start(client.now);
  client.open();
  client.welcome();
  push::Changes changes = synced_at(5);
  changes.followed = {job_channel("a")};
  client.receive(changes);
  client.session.cancel(client.now, JobId{"a"}, "");
  client.session.close(client.now);
  CHECK(client.took_one<action::CloseSocket>().socket == client.socket);
  CHECK(client.took_one<action::CommandDone>().error->code == ErrorCode::unavailable);
  CHECK(client.session.wake_at() == 0);
  CHECK(client.session.status().state == ConnectionState::idle);

  client.forget_actions();
  client.session.start(client.now);
  client.open();
  const auto hello = client.sent<command::Hello>();
  REQUIRE(hello.size() == 1);
  CHECK(hello[0].first.cursor == at(5));
  CHECK(hello[0].first.channels == std::vector<Channel>{job_channel("a")});
  CHECK(client.sent<command::Subscribe>().empty());
}

TEST_CASE("StatusChanged comes once for a change, and not for every message heard") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.took<action::StatusChanged>();
  client.pass(1'000);
  client.receive(synced_at(2));
  client.receive(push::Heartbeat{client.now});
  CHECK(client.took_none<action::StatusChanged>());
  CHECK(client.session.status().last_heard_at == client.now);
  client.closed();
  CHECK(client.took<action::StatusChanged>().size() == 1);
}

TEST_CASE("without a network the next try waits; when it is back, it comes at once") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.pass(10'000);
  client.session.set_online(client.now, false);
  CHECK(client.session.status().state == ConnectionState::online);  // a hint: what works is kept
  client.closed();
  CHECK(client.session.status().state == ConnectionState::offline);
  CHECK(client.session.status().reason_code == "no_network");
  CHECK(client.session.status().next_try_at == client.now + 30'000);
  client.pass(2'000);
  client.session.set_online(client.now, true);
  CHECK(client.took<action::OpenSocket>().size() == 1);
  CHECK(client.session.status().state == ConnectionState::connecting);
}

TEST_CASE("a network that is back makes a live socket prove itself") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.session.set_online(client.now, false);
  client.session.set_online(client.now, true);
  CHECK(client.sent<command::Heartbeat>().size() == 1);
}

TEST_CASE("a page that is shown again tries at once, except where the server gave it a slot") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.session.set_visible(client.now, false);
  SECTION("after a loss") {
    client.closed();
    client.session.set_visible(client.now, true);
    CHECK(client.took<action::OpenSocket>().size() == 1);
  }
  SECTION("after a goodbye") {
    client.receive(push::Goodbye{"restart", 4'000});
    client.session.set_visible(client.now, true);
    CHECK(client.took_none<action::OpenSocket>());
    CHECK(client.session.status().next_try_at == client.now + 4'000);
  }
}

TEST_CASE("a hidden page is disconnected after its grace, and connects when shown") {
  ClientOptions options;
  options.hidden_grace = 60'000;
  ScriptedClient client(options);
  client.session.start(client.now);
  client.go_online();
  client.session.set_visible(client.now, false);
  client.pass(60'000);
  client.session.tick(client.now);
  CHECK(client.took<action::CloseSocket>().size() == 1);
  CHECK(client.session.status().reason_code == "hidden");
  CHECK(client.session.wake_at() == 0);
  client.session.set_visible(client.now, true);
  CHECK(client.took<action::OpenSocket>().size() == 1);

  SECTION("but not when its owner closed it meanwhile") {
    client.session.set_visible(client.now, false);
    client.session.close(client.now);
    client.session.set_visible(client.now, true);
    CHECK(client.took_none<action::OpenSocket>());
  }
}

TEST_CASE("a clock that is set back by an hour delays nothing by an hour") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.closed();
  const DurationMs wait = client.session.wake_at() - client.now;
  client.now -= 3'600'000;
  client.session.tick(client.now);
  CHECK(client.session.wake_at() == client.now + wait);
}

TEST_CASE("where neither transport may be used the session stops and says so") {
  ClientOptions options;
  options.websocket = options.polling = false;
  ScriptedClient client(options);
  client.session.start(client.now);
  CHECK(client.session.status().state == ConnectionState::stopped);
  CHECK(client.session.status().reason_code == "no_transport");
}

TEST_CASE("what the session does not fold itself is pushed to the owner") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.receive(push::QueueStatus{{{"normal", 3, 1, {}}}});
  client.receive(push::AppMessage{"toast", RawJson{"{\"a\":1}"}});
  const auto pushed = client.took<action::Pushed>();
  REQUIRE(pushed.size() == 2);
  CHECK(std::get<push::QueueStatus>(pushed[0].message).queues[0].waiting == 3);
  CHECK(std::get<push::AppMessage>(pushed[1].message).name == "toast");
}

TEST_CASE("news beside the jobs are pushed as they came, and changes without them are not") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.took<action::Pushed>();
  const auto changes = [](const std::string& news) { return R"({"cursor":"aaaaaaaaaaaaaaaa:9")" + news + "}"; };
  for (const char* news :
       {R"(,"unread":0)", R"(,"notifications":[{"id":"n"}],"unread":1)", R"(,"messages":[{"name":"m"}])",
        R"(,"queues":[{"queue":"normal"}])", R"(,"truncated":["all-jobs"])", R"(,"reset":true)"}) {
    client.session.socket_received(client.now, client.socket, R"({"event":"changes","data":)" + changes(news) + "}");
    const auto pushed = client.took<action::Pushed>();
    REQUIRE(pushed.size() == 1);
    CHECK(pushed[0].json == changes(news));
  }
  client.session.socket_received(client.now, client.socket, R"({"event":"changes","data":)" + changes("") + "}");
  CHECK(client.took<action::Pushed>().empty());
  CHECK(client.session.cursor()->offset == 9);
}
