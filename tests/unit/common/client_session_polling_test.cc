// The long-poll side and the climb back.
#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {
void polling(ScriptedClient& client) {
  client.session.follow(client.now, {user_channel("alice")});
  client.session.start(client.now);
  client.fall_to_polling();
  push::Changes answer = synced_at(5);
  answer.followed = {user_channel("alice")};
  client.answer(answer);
}
}  // namespace

TEST_CASE("a page whose first WebSocket fails polls at once, and says why") {
  ScriptedClient client;
  client.session.follow(client.now, {user_channel("alice")});
  client.session.start(client.now);
  const ChangesRequest request = client.fall_to_polling();
  CHECK(request.wait == 0);  // the first answer comes at once
  CHECK_FALSE(request.cursor);
  CHECK(request.channels.empty());
  CHECK(request.join == std::vector<Channel>{user_channel("alice")});
  push::Changes answer = synced_at(5);
  answer.followed = {user_channel("alice")};
  answer.jobs = {job_at("a", 5, 2)};
  answer.user = "alice";
  answer.role = "user";
  client.pass(30);
  client.answer(answer);
  CHECK(client.session.status().user == "alice");
  CHECK(client.session.status().role == "user");
  CHECK(client.session.status().state == ConnectionState::polling);
  CHECK(client.session.status().reason == "WebSocket is blocked here; polling");
  CHECK(client.session.status().latency == 30);
  CHECK(client.session.status().synced);
  CHECK(client.store.find(JobId{"a"}) != nullptr);
  client.wake();
  const ChangesRequest next = client.asked();
  CHECK(next.wait == 25'000);
  CHECK(next.cursor == at(5));
  CHECK(next.channels == std::vector<Channel>{user_channel("alice")});
  CHECK(next.join.empty());
  CHECK(next.session == request.session);
}

TEST_CASE("after a WebSocket that worked, it takes two failures in a row") {
  ScriptedClient client;
  client.session.start(client.now);
  client.go_online();
  client.pass(10'000);
  client.closed();
  client.wake();
  client.socket = client.took_one<action::OpenSocket>().socket;
  client.closed();
  CHECK(client.took_none<action::Poll>());
  client.wake();
  client.socket = client.took_one<action::OpenSocket>().socket;
  client.closed();
  client.wake();
  CHECK(client.took<action::Poll>().size() == 1);
}

TEST_CASE("where polling is switched off, WebSocket is tried for ever, with growing pauses") {
  ClientOptions options;
  options.polling = false;
  ScriptedClient client(options);
  client.session.start(client.now);
  DurationMs longest = 0;
  for (int i = 0; i < 20; ++i) {
    client.socket = client.took_one<action::OpenSocket>().socket;
    client.closed();
    longest = std::max(longest, client.session.wake_at() - client.now);
    client.wake();
  }
  CHECK(longest > 5'000);
  CHECK(longest <= 30'000);
}

TEST_CASE("where WebSocket is switched off, it polls and never climbs") {
  ClientOptions options;
  options.websocket = false;
  ScriptedClient client(options);
  client.session.start(client.now);
  for (int i = 0; i < 30; ++i) {
    client.asked();
    client.pass(25'000);
    client.answer(synced_at(i));
    client.wake();
  }
  CHECK(client.took_none<action::OpenSocket>());
}

TEST_CASE("channels followed together while a poll waits make one new poll") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  const std::uint32_t waiting = client.poll;
  client.session.follow(client.now, {job_channel("a")});
  client.session.follow(client.now, {job_channel("b")});
  client.wake();
  CHECK(client.took_one<action::AbortPoll>().poll == waiting);
  const ChangesRequest request = client.asked();
  CHECK(request.join == std::vector<Channel>{job_channel("a"), job_channel("b")});
  client.session.polled(client.now, waiting, 200, "{\"cursor\":\"0000000000000abc:99\"}");
  CHECK(client.session.cursor() == at(5));  // given up: its answer does not count
}

TEST_CASE("pages of one answer follow one another without a pause") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  push::Changes page;
  page.cursor = at(6);
  page.jobs = {job_at("a", 6, 1)};
  client.answer(page);
  CHECK(client.session.wake_at() == client.now + 1);
  client.wake();
  CHECK(client.asked().cursor == at(6));
}

TEST_CASE("a proxy that answers at once with nothing is not asked in a tight loop") {
  ScriptedClient client;
  polling(client);
  const UnixMs begin = client.now;
  for (int i = 0; i < 10; ++i) {
    while (client.took<action::Poll>().empty()) client.wake();
    // The poll just taken is the newest.
    client.poll = static_cast<std::uint32_t>(i + 2);
    for (const auto& open : client.took<action::OpenSocket>())
      client.session.socket_closed(client.now, open.socket, 1006, "");
    client.answer(synced_at(5));
  }
  CHECK(client.now - begin > 60'000);
}

TEST_CASE("a poll without an answer in time is given up") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  client.live_through(34'900);
  client.forget_actions();
  client.live_through(200);
  CHECK(client.took<action::AbortPoll>().size() == 1);
}

TEST_CASE("a server that is busy is asked again when it says") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  client.refuse_poll(503, "unavailable", 4'000);
  CHECK(client.session.status().reason == "The server is restarting");
  CHECK(client.session.status().next_try_at >= client.now + 4'000);
  CHECK(client.session.status().next_try_at <= client.now + 5'000);
}

TEST_CASE("while neither transport works they take turns") {
  ScriptedClient client;
  client.session.start(client.now);
  std::string turns;
  for (int i = 0; i < 12; ++i) {
    for (const auto& open : client.took<action::OpenSocket>()) {
      turns += 'w';
      client.session.socket_closed(client.now, open.socket, 1006, "");
    }
    for (const auto& poll : client.took<action::Poll>()) {
      turns += 'p';
      client.session.polled(client.now, poll.poll, 0, "");
    }
    if (client.session.wake_at() != 0 && client.session.status().state == ConnectionState::offline) client.wake();
  }
  CHECK(turns.substr(0, 8) == "wpwpwpwp");
}

TEST_CASE("polling climbs back: the socket takes over with hello's cursor, the poll ends") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  std::vector<action::OpenSocket> opened;
  while ((opened = client.took<action::OpenSocket>()).empty()) {
    REQUIRE(client.now < 1'764'000'060'000);
    client.wake();
  }
  client.socket = opened[0].socket;
  client.session.socket_opened(client.now, client.socket);
  CHECK(client.session.status().state == ConnectionState::polling);  // until the welcome
  const auto hello = client.sent<command::Hello>();
  CHECK(hello[0].first.cursor == at(5));
  CHECK(hello[0].first.channels == std::vector<Channel>{user_channel("alice")});

  SECTION("where polls join a channel meanwhile, the climb begins anew from there") {
    client.session.follow(client.now, {job_channel("b")});
    CHECK(client.sent<command::Subscribe>().size() == 1);
    push::Changes answer = synced_at(8);
    answer.followed = {job_channel("b")};
    answer.jobs = {job_at("b", 8, 1)};
    client.live_through(50);
    for (const auto& poll : client.took<action::Poll>()) client.poll = poll.poll;
    client.answer(answer);
    CHECK(client.session.is_followed(job_channel("b")));
    CHECK(client.took<action::CloseSocket>().size() == 1);
    const auto anew = client.took<action::OpenSocket>();
    REQUIRE(anew.size() == 1);
    client.socket = anew[0].socket;
    client.session.socket_opened(client.now, client.socket);
    const auto second = client.sent<command::Hello>();
    REQUIRE(second.size() == 1);
    CHECK(second[0].first.cursor == at(8));
    CHECK(second[0].first.channels.size() == 2);
    client.welcome();
    CHECK(client.session.is_followed(job_channel("b")));
    CHECK(client.store.find(JobId{"b"}) != nullptr);
  }
  SECTION("and from then on it is the socket") {
    client.welcome();
    CHECK(client.took<action::AbortPoll>().size() == 1);
    CHECK(client.session.status().state == ConnectionState::online);
    client.answer(synced_at(77));
    CHECK(client.session.cursor() == at(5));
  }
  SECTION("a climb that fails leaves the polling alone, and the next comes later") {
    client.closed();
    CHECK(client.session.status().state == ConnectionState::polling);
    CHECK(client.took_none<action::AbortPoll>());
  }
  SECTION("a poll that fails during the climb leaves the socket as the attempt") {
    client.session.polled(client.now, 2, 0, "");
    CHECK(client.session.status().state == ConnectionState::connecting);
    client.welcome();
    CHECK(client.session.status().state == ConnectionState::online);
  }
}

TEST_CASE("climbs become rarer") {
  ScriptedClient client;
  polling(client);
  const UnixMs begin = client.now;
  int climbs = 0;
  while (client.now < begin + 3'600'000) {
    client.wake();
    for (const auto& open : client.took<action::OpenSocket>()) {
      ++climbs;
      client.session.socket_closed(client.now, open.socket, 1006, "");
    }
    for (const auto& poll : client.took<action::Poll>()) {
      client.poll = poll.poll;
      client.pass(25'000);
      client.answer(synced_at(5));
    }
  }
  CHECK(climbs >= 10);
  CHECK(climbs <= 30);
}

TEST_CASE("one channel that may not be polled is found, the others go on") {
  ScriptedClient client;
  client.session.follow(client.now, {job_channel("a"), job_channel("b"), user_channel("bob")});
  client.session.start(client.now);
  client.fall_to_polling();
  client.refuse_poll(403, "forbidden");
  for (int round = 0; round < 10; ++round) {
    client.wake();
    for (const auto& poll : client.took<action::Poll>()) {
      client.poll = poll.poll;
      const auto request = decode_changes_request(poll.body);
      if (!request->join.empty() && request->join.back() == user_channel("bob")) {
        client.refuse_poll(403, "forbidden");
      } else {
        push::Changes answer = synced_at(3);
        answer.followed = request->join;
        client.answer(answer);
      }
    }
  }
  CHECK(client.took_one<action::ChannelRefused>().channel == user_channel("bob"));
  CHECK(client.session.is_followed(job_channel("a")));
  CHECK(client.session.is_followed(job_channel("b")));
  CHECK(client.session.status().state == ConnectionState::polling);
}

TEST_CASE("a followed channel that may not be polled any more is found too") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  client.refuse_poll(403, "forbidden");
  client.wake();
  CHECK(client.asked().join == std::vector<Channel>{user_channel("alice")});
  client.refuse_poll(403, "forbidden");
  CHECK(client.took_one<action::ChannelRefused>().channel == user_channel("alice"));
}

TEST_CASE("a firewall's 403 is no verdict of the server") {
  ScriptedClient client;
  polling(client);
  client.wake();
  client.asked();
  client.session.polled(client.now, client.poll, 403, "<html>blocked</html>");
  CHECK(client.session.status().state == ConnectionState::offline);
  CHECK(client.session.wake_at() != 0);
}
