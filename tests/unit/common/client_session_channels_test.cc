// What is wanted, asked for and followed.
#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a channel is followed from the message that names it, and not before") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  client.session.follow(client.now, {user_channel("alice")});
  CHECK(client.sent<command::Subscribe>().size() == 1);
  CHECK_FALSE(client.session.status().synced);
  push::Changes page;
  page.cursor = at(11);
  page.jobs = {job_at("x", 3, 1)};
  client.receive(page);
  CHECK_FALSE(client.session.is_followed(user_channel("alice")));
  page.cursor = at(12);
  page.followed = {user_channel("alice")};
  client.receive(page);
  CHECK(client.session.is_followed(user_channel("alice")));
  CHECK(client.session.status().synced);
}

TEST_CASE("a channel that broke off while joining is asked for again, not resumed") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  client.session.follow(client.now, {user_channel("alice")});
  push::Changes page;
  page.cursor = at(11);
  page.jobs = {job_at("x", 3, 1)};
  client.receive(page);
  client.closed();
  client.forget_actions();
  client.wake();
  client.open();
  CHECK(client.sent<command::Hello>()[0].first.channels == std::vector<Channel>{job_channel("a")});
  CHECK(client.sent<command::Subscribe>()[0].first.channels == std::vector<Channel>{user_channel("alice")});
}

TEST_CASE("following what is wanted already asks nothing") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  client.session.follow(client.now, {job_channel("a")});
  CHECK(client.sent<command::Subscribe>().empty());
}

TEST_CASE("unfollow leaves the channel and forgets the jobs that no other channel carries") {
  ScriptedClient client;
  online_with(client, {job_channel("a"), job_channel("b"), user_channel("alice")},
              {job_at("a", 3, 1), job_at("b", 4, 1, "bob")});
  client.session.unfollow(client.now, {job_channel("a"), job_channel("b")});
  CHECK(client.sent<command::Unsubscribe>()[0].first.channels.size() == 2);
  CHECK(client.store.find(JobId{"a"}) != nullptr);  // alice's
  CHECK(client.store.find(JobId{"b"}) == nullptr);
  CHECK_FALSE(client.session.is_followed(job_channel("a")));
}

TEST_CASE("what was under way when a channel was left brings no ghost back") {
  ScriptedClient client;
  online_with(client, {job_channel("b")}, {job_at("b", 4, 1, "bob")});
  client.session.unfollow(client.now, {job_channel("b")});
  push::Changes late;
  late.cursor = at(11);
  late.events = {event_at("b", 11, 2)};
  client.receive(late);
  late.events.clear();
  late.jobs = {job_at("b", 12, 3, "bob")};
  client.receive(late);
  CHECK(client.store.size() == 0);
  CHECK(client.sent<command::Sync>().empty());
  reply(client, client.sent<command::Unsubscribe>()[0].second);
}

TEST_CASE("a user's queue channel carries no jobs, so it keeps none") {
  ScriptedClient client;
  JobState job = job_at("a", 3, 1);
  job.identity.queue = "normal";
  online_with(client, {user_channel("alice"), Channel{ChannelKind::queue, "normal"}}, {job});
  client.session.unfollow(client.now, {user_channel("alice")});
  CHECK(client.store.size() == 0);
}

TEST_CASE("what a broken join had told is gone where the next telling does not repeat it") {
  ScriptedClient client;
  online_with(client, {});
  client.session.follow(client.now, {user_channel("alice")});
  push::Changes page;
  page.cursor = at(11);
  page.jobs = {job_at("kept", 3, 1), job_at("removed", 4, 1)};
  client.receive(page);
  client.pass(10'000);
  client.closed();
  SECTION("over the next socket") {
    client.wake();
    client.forget_actions();
    client.session.socket_opened(client.now, 2);
    client.socket = 2;
    client.welcome();
    CHECK(client.store.size() == 0);
  }
  SECTION("over polls") {
    for (int tries = 0; tries < 2; ++tries) {
      client.wake();
      client.session.socket_closed(client.now, client.took_one<action::OpenSocket>().socket, 1006, "");
    }
    client.wake();
    CHECK(client.asked().join == std::vector<Channel>{user_channel("alice")});
    push::Changes answer = synced_at(13);
    answer.jobs = {job_at("kept", 3, 1)};
    answer.followed = {user_channel("alice")};
    client.answer(answer);
    CHECK(client.store.find(JobId{"kept"}) != nullptr);
    CHECK(client.store.size() == 1);
  }
}

TEST_CASE("a channel left and wanted again counts only with its second stay") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  client.session.follow(client.now, {user_channel("alice")});
  client.session.unfollow(client.now, {user_channel("alice")});
  client.session.follow(client.now, {user_channel("alice")});
  const auto left = client.sent<command::Unsubscribe>();
  CHECK(client.sent<command::Subscribe>().size() == 2);
  push::Changes page;
  page.cursor = at(11);
  page.followed = {user_channel("alice")};
  page.jobs = {job_at("removed", 3, 1)};
  client.receive(page);  // of the first stay
  CHECK(client.store.size() == 0);
  page.jobs = {job_at("kept", 4, 1)};
  CHECK_FALSE(client.session.is_followed(user_channel("alice")));
  reply(client, left[0].second);
  client.receive(page);
  CHECK(client.session.is_followed(user_channel("alice")));
  CHECK(client.store.find(JobId{"kept"}) != nullptr);
}

TEST_CASE("what was under way when a channel was left is not kept for another that is asked for behind it") {
  ScriptedClient client;
  online_with(client, {job_channel("a"), job_channel("b")}, {job_at("a", 3, 1), job_at("b", 4, 1)});
  client.session.unfollow(client.now, {job_channel("b")});
  client.session.follow(client.now, {user_channel("alice")});  // carries b, and may begin with newer jobs than it
  push::Changes late;
  late.cursor = at(11);
  late.jobs = {job_at("b", 11, 2)};
  client.receive(late);
  CHECK(client.store.find(JobId{"b"}) == nullptr);
  CHECK(client.store.find(JobId{"a"}) != nullptr);
  reply(client, client.sent<command::Unsubscribe>()[0].second);
  late.cursor = at(12);
  late.jobs = {job_at("b", 12, 3)};
  client.receive(late);
  CHECK(client.store.find(JobId{"b"}) != nullptr);
}

TEST_CASE("a channel that a fresh view leaves out while it is joined is asked for by itself") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  client.session.follow(client.now, {user_channel("alice"), job_channel("b")});
  reply(client, client.sent<command::Subscribe>()[0].second);
  push::Changes fresh;
  fresh.cursor = at(11);
  fresh.reset = fresh.synced = true;
  fresh.user = "alice";
  fresh.role = "user";
  fresh.followed = {job_channel("a"), job_channel("b")};
  client.forget_actions();
  client.receive(fresh);
  CHECK(client.session.is_followed(job_channel("b")));
  const auto asked = client.sent<command::Subscribe>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].first.channels == std::vector<Channel>{user_channel("alice")});
}

TEST_CASE("a refused channel is told of and not asked for again") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  client.session.follow(client.now, {Channel{ChannelKind::admin, ""}});
  reply(client, client.sent<command::Subscribe>()[0].second, Error{ErrorCode::forbidden, "not yours", "channels", 0});
  const auto refused = client.took_one<action::ChannelRefused>();
  CHECK(refused.channel.kind == ChannelKind::admin);
  CHECK(refused.error.code == ErrorCode::forbidden);
  CHECK(client.session.status().synced);
  client.closed();
  client.wake();
  client.open();
  CHECK(client.sent<command::Subscribe>().empty());
}

TEST_CASE("a channel that the answer to hello leaves out is asked for by itself, and told of when it is refused") {
  ScriptedClient client;
  online_with(client, {job_channel("a"), job_channel("b")});
  client.closed();
  client.sent<command::Subscribe>();
  client.wake();
  client.open();
  client.welcome();
  push::Changes page = synced_at(9);
  page.followed = {job_channel("b")};
  client.receive(page);
  CHECK_FALSE(client.session.is_followed(job_channel("a")));
  CHECK(client.session.is_followed(job_channel("b")));
  const auto asked = client.sent<command::Subscribe>();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].first.channels == std::vector<Channel>{job_channel("a")});
  reply(client, asked[0].second, Error{ErrorCode::forbidden, "not yours", "job:a", 0});
  CHECK(client.took_one<action::ChannelRefused>().channel == job_channel("a"));
}

TEST_CASE("among many channels the refused one is found by halves") {
  ScriptedClient client;
  online_with(client, {});
  const std::vector<Channel> wanted = {job_channel("a"), job_channel("b"), job_channel("c"), user_channel("bob")};
  client.session.follow(client.now, wanted);
  std::vector<Channel> refused;
  for (int round = 0; round < 10; ++round) {
    for (const auto& [subscribe, id] : client.sent<command::Subscribe>()) {
      const bool holds_bob = subscribe.channels.back() == user_channel("bob");
      if (holds_bob) {
        reply(client, id, Error{ErrorCode::forbidden, "not yours", "channels", 0});
      } else {
        reply(client, id);
        push::Changes page;
        page.cursor = at(11);
        page.followed = subscribe.channels;
        client.receive(page);
      }
    }
  }
  CHECK(client.took_one<action::ChannelRefused>().channel == user_channel("bob"));
  CHECK(client.session.is_followed(job_channel("a")));
  CHECK(client.session.is_followed(job_channel("c")));
  CHECK(client.session.status().synced);
}

TEST_CASE("a subscribe that the server cannot serve just now is asked again later") {
  ScriptedClient client;
  online_with(client, {});
  client.session.follow(client.now, {job_channel("a")});
  reply(client, client.sent<command::Subscribe>()[0].second, Error{ErrorCode::rate_limited, "slowly", "", 7'000});
  CHECK(client.took_none<action::ChannelRefused>());
  client.pass(6'999);
  client.session.tick(client.now);
  CHECK(client.sent<command::Subscribe>().empty());
  client.pass(1);
  client.session.tick(client.now);
  CHECK(client.sent<command::Subscribe>().size() == 1);
}

TEST_CASE("the thousand and first channel is refused here") {
  ScriptedClient client;
  std::vector<Channel> many;
  for (int i = 0; i < 1'001; ++i) many.push_back(job_channel("j" + std::to_string(i)));
  client.session.follow(client.now, many);
  CHECK(client.took<action::ChannelRefused>().size() == 1);
}
