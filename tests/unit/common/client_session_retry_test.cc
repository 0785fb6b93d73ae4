// Pauses between tries, and tokens.
#include <map>

#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a thousand clients that lose their server at once come back spread over a second") {
  std::map<DurationMs, int> slots;
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    ScriptedClient client({}, seed);
    client.session.start(client.now);
    client.go_online();
    client.pass(60'000);
    client.closed();
    ++slots[(client.session.wake_at() - client.now) / 100];
  }
  for (const auto& [slot, clients] : slots) CHECK(clients < 170);
}

TEST_CASE("a server that takes every client and drops it is tried ever more seldom") {
  ScriptedClient client;
  client.session.start(client.now);
  const UnixMs begin = client.now;
  for (int i = 0; i < 12; ++i) {
    for (const auto& open : client.took<action::OpenSocket>()) {
      client.socket = open.socket;
      client.session.socket_opened(client.now, open.socket);
      client.welcome();
      client.closed(1011);
    }
    for (const auto& poll : client.took<action::Poll>()) client.session.polled(client.now, poll.poll, 502, "");
    client.wake();
  }
  CHECK(client.now - begin > 60'000);
}

TEST_CASE("a connection that lasted begins the pauses anew") {
  ScriptedClient client;
  client.session.start(client.now);
  for (int i = 0; i < 10; ++i) {
    client.go_online();
    client.pass(6'000);
    client.closed();
    CHECK(client.session.wake_at() - client.now <= 1'000);
    client.wake();
  }
}

TEST_CASE("try now does not wait") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.closed();
  client.session.retry_now(client.now);
  CHECK(client.took<action::OpenSocket>().size() == 1);
  client.session.retry_now(client.now);
  CHECK(client.took_none<action::OpenSocket>());  // one at a time
}

// ---- tokens ----

TEST_CASE("the first connection waits for its token") {
  ScriptedClient client(with_token_source());
  client.session.start(client.now);
  CHECK(client.took<action::NeedToken>().size() == 1);
  CHECK(client.took_none<action::OpenSocket>());
  CHECK(client.session.wake_at() == 0);
  client.session.set_token(client.now, "t1");
  client.open();
  CHECK(client.sent<command::Hello>()[0].first.token == "t1");
}

TEST_CASE("an owner that cannot get a token is asked again, with backoff") {
  ScriptedClient client(with_token_source());
  client.session.start(client.now);
  const UnixMs begin = client.now;
  for (int i = 0; i < 8; ++i) {
    CHECK(client.took<action::NeedToken>().size() == 1);
    client.session.token_failed(client.now, "login page is down");
    CHECK(client.session.status().state == ConnectionState::offline);
    CHECK(client.session.status().reason == "Could not sign in: login page is down");
    CHECK(client.session.status().next_try_at == client.session.wake_at());
    client.wake();
  }
  CHECK(client.now - begin > 10'000);
}

TEST_CASE("4401 asks for a token and connects with it; the view is told again, for it may see less") {
  ScriptedClient client(with_token_source());
  client.session.follow(client.now, {user_channel("alice")});
  client.session.set_token(client.now, "t1");
  client.session.start(client.now);
  client.open();
  client.welcome();
  push::Changes changes = synced_at(9);
  changes.followed = {user_channel("alice")};
  changes.jobs = {job_at("a", 9, 1)};
  client.receive(changes);
  client.pass(60'000);
  client.closed(4401);
  CHECK(client.took<action::NeedToken>().size() == 1);
  CHECK(client.took_none<action::CloseSocket>());
  client.sent<command::Hello>();
  client.session.set_token(client.now, "t2");
  client.open();
  const auto hello = client.sent<command::Hello>();
  REQUIRE(hello.size() == 1);
  CHECK(hello[0].first.token == "t2");
  CHECK(hello[0].first.cursor == Cursor{});
  CHECK(hello[0].first.channels == std::vector<Channel>{user_channel("alice")});
  client.welcome();
  changes = synced_at(12);
  changes.reset = true;
  client.receive(changes);
  CHECK(client.store.size() == 0);
  client.closed();
  client.wake();
  client.open();
  CHECK(client.sent<command::Hello>()[0].first.cursor == at(12));  // told under t2
}

TEST_CASE("a token in place keeps connection and cursor") {
  ScriptedClient client(with_token_source());
  client.session.set_token(client.now, "t1");
  client.session.start(client.now);
  client.go_online(4);
  client.receive(push::AuthError{{ErrorCode::unauthenticated, "expires soon", "", 0}});
  CHECK(client.took<action::NeedToken>().size() == 1);
  client.receive(push::AuthError{{ErrorCode::unauthenticated, "expires soon", "", 0}});
  CHECK(client.took_none<action::NeedToken>());  // asked already
  client.session.set_token(client.now, "t2");
  const auto token = client.sent<command::Token>();
  REQUIRE(token.size() == 1);
  CHECK(token[0].first.token == "t2");
  client.receive(push::Reply{*token[0].second, {}});
  CHECK(client.session.status().state == ConnectionState::online);
  CHECK(client.session.status().user == "alice");
  client.closed();
  client.sent<command::Hello>();
  client.wake();
  client.open();
  CHECK(client.sent<command::Hello>()[0].first.cursor == at(4));
}

TEST_CASE("a token in place may be another's: the fresh view says whose") {
  ScriptedClient client(with_token_source());
  const Channel queue{ChannelKind::queue, "normal"};
  client.session.set_token(client.now, "t1");
  client.session.follow(client.now, {queue, user_channel("alice")});
  client.session.start(client.now);
  client.open();
  client.receive(push::Welcome{"s1", at(0), 25'000, "root", "admin", client.now, {}});
  push::Changes changes = synced_at(4);
  changes.followed = {queue, user_channel("alice")};
  client.receive(changes);
  client.session.set_token(client.now, "t2");
  client.receive(push::Reply{*client.sent<command::Token>()[0].second, {}});
  changes.reset = true;
  changes.user = "alice";
  changes.role = "user";
  changes.jobs = {job_at("a", 3, 1)};
  changes.jobs[0].identity.queue = "normal";
  client.receive(changes);
  CHECK(client.session.status().user == "alice");
  CHECK(client.session.status().role == "user");
  client.session.unfollow(client.now, {user_channel("alice")});
  CHECK(client.store.size() == 0);  // for a user the queue only counts
}

TEST_CASE("an owner whose tokens are all refused is not asked in a tight loop") {
  ScriptedClient client(with_token_source());
  client.session.start(client.now);
  const UnixMs begin = client.now;
  for (int i = 0; i < 10; ++i) {
    while (client.took<action::NeedToken>().empty()) client.wake();
    client.session.set_token(client.now, "bad");
    client.open();
    client.closed(4401);
  }
  CHECK(client.now - begin > 20'000);
}

TEST_CASE("without a source of tokens 4401 stops, and a new token starts again") {
  ScriptedClient client;
  client.session.set_token(client.now, "t1");
  client.session.start(client.now);
  client.go_online();
  client.closed(4401);
  CHECK(client.session.status().state == ConnectionState::stopped);
  CHECK(client.session.wake_at() == 0);
  CHECK(client.took<action::NeedToken>().size() == 1);
  client.session.retry_now(client.now);
  CHECK(client.took_none<action::OpenSocket>());
  client.session.set_token(client.now, "t2");
  CHECK(client.took<action::OpenSocket>().size() == 1);
}

TEST_CASE("a poll answered by 401 asks for a token too") {
  ScriptedClient client(with_token_source());
  client.session.set_token(client.now, "t1");
  client.session.start(client.now);
  client.fall_to_polling();
  client.answer(synced_at(3));
  client.wake();
  client.asked();
  client.refuse_poll(401, "unauthenticated");
  CHECK(client.took<action::NeedToken>().size() == 1);
  client.session.set_token(client.now, "t2");
  CHECK(client.asked().cursor == Cursor{});
}

TEST_CASE("a token that came while the refused one was under way is tried before asking") {
  ScriptedClient client(with_token_source());
  client.session.set_token(client.now, "t1");
  client.session.start(client.now);
  client.open();
  client.session.set_token(client.now, "t2");
  client.closed(4401);
  CHECK(client.took_none<action::NeedToken>());
  client.sent<command::Hello>();
  client.wake();
  client.open();
  CHECK(client.sent<command::Hello>()[0].first.token == "t2");
}
