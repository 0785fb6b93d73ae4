// What is wanted, asked for and followed; doubts; commands.
#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {
void online_with(ScriptedClient& client, const std::vector<Channel>& channels, const std::vector<JobState>& jobs = {}) {
  client.session.follow(client.now, channels);
  client.session.start(client.now);
  client.open();
  client.welcome();
  push::Changes changes = synced_at(10);
  changes.followed = channels;
  changes.jobs = jobs;
  client.receive(changes);
  client.forget_actions();
}
void reply(ScriptedClient& client, std::optional<std::int64_t> id, std::optional<Error> error = {}) {
  REQUIRE(id);
  client.receive(push::Reply{*id, std::move(error)});
}
}  // namespace

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
  client.receive(page);  // of the first stay
  CHECK_FALSE(client.session.is_followed(user_channel("alice")));
  reply(client, left[0].second);
  client.receive(page);
  CHECK(client.session.is_followed(user_channel("alice")));
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

// ---- doubts ----

TEST_CASE("a gap in a job's events is asked about once, and again on the next connection") {
  ScriptedClient client;
  online_with(client, {user_channel("alice")}, {job_at("a", 10, 3)});
  push::Changes changes;
  changes.cursor = at(12);
  changes.events = {event_at("a", 12, 5)};
  client.receive(changes);
  const auto sync = client.sent<command::Sync>();
  REQUIRE(sync.size() == 1);
  CHECK(sync[0].first.job_ids == std::vector<JobId>{JobId{"a"}});
  changes.events = {event_at("a", 13, 6)};
  client.receive(changes);
  CHECK(client.sent<command::Sync>().empty());
  client.closed();
  client.wake();
  client.open();
  client.welcome();
  CHECK(client.sent<command::Sync>().size() == 1);
  changes.events.clear();
  changes.jobs = {job_at("a", 14, 7)};
  client.receive(changes);
  CHECK_FALSE(client.store.is_stale(JobId{"a"}));
}

TEST_CASE("over polls a job in doubt is joined by its own channel until that is told") {
  ScriptedClient client;
  online_with(client, {user_channel("alice"), job_channel("a")}, {job_at("a", 10, 3)});
  push::Changes changes;
  changes.cursor = at(12);
  changes.events = {event_at("a", 12, 5)};
  client.receive(changes);
  client.forget_actions();
  client.pass(10'000);
  client.closed();
  client.wake();
  client.session.socket_closed(client.now, client.took_one<action::OpenSocket>().socket, 1006, "");
  client.wake();
  client.session.socket_closed(client.now, client.took_one<action::OpenSocket>().socket, 1006, "");
  client.wake();
  ChangesRequest request = client.asked();
  CHECK(request.cursor == at(12));
  CHECK(request.channels == std::vector<Channel>{user_channel("alice")});
  CHECK(request.join == std::vector<Channel>{job_channel("a")});
  push::Changes answer = synced_at(13);
  client.answer(answer);  // without a word of it: asked again
  client.wake();
  request = client.asked();
  CHECK(request.join == std::vector<Channel>{job_channel("a")});
  answer.jobs = {job_at("a", 12, 5)};
  answer.followed = {job_channel("a")};
  client.answer(answer);
  client.wake();
  request = client.asked();
  CHECK(request.join.empty());
  CHECK(request.channels.size() == 2);
  CHECK_FALSE(client.store.is_stale(JobId{"a"}));
}

// ---- commands ----

TEST_CASE("a cancel is answered by the server's reply") {
  ScriptedClient client;
  online_with(client, {job_channel("a")});
  const std::int64_t id = client.session.cancel(client.now, JobId{"a"}, "no need");
  const auto cancel = client.sent<command::Cancel>();
  REQUIRE(cancel.size() == 1);
  CHECK(cancel[0].first.reason == "no need");
  SECTION("ok") {
    reply(client, cancel[0].second);
    const auto done = client.took_one<action::CommandDone>();
    CHECK(done.id == id);
    CHECK_FALSE(done.error);
  }
  SECTION("an error") {
    reply(client, cancel[0].second, Error{ErrorCode::conflict, "it has ended", "", 0});
    CHECK(client.took_one<action::CommandDone>().error->code == ErrorCode::conflict);
  }
  SECTION("nothing") {
    client.live_through(15'000);
    CHECK(client.took_one<action::CommandDone>().error->code == ErrorCode::unavailable);
    reply(client, cancel[0].second);
    CHECK(client.took_none<action::CommandDone>());
  }
}

TEST_CASE("a cancel waits for a connection, and goes again over the next one") {
  ScriptedClient client;
  client.session.cancel(client.now, JobId{"a"}, "");
  client.session.start(client.now);
  client.open();
  CHECK(client.sent<command::Cancel>().empty());
  client.welcome();
  CHECK(client.sent<command::Cancel>().size() == 1);
  client.closed();
  client.wake();
  client.open();
  client.welcome();
  const auto again = client.sent<command::Cancel>();
  REQUIRE(again.size() == 1);
  reply(client, again[0].second);
  CHECK(client.took<action::CommandDone>().size() == 1);
}

TEST_CASE("over polls a cancel is a request of its own") {
  ScriptedClient client;
  client.session.start(client.now);
  client.fall_to_polling();
  client.answer(synced_at(1));
  const std::int64_t id = client.session.cancel(client.now, JobId{"a"}, "enough");
  const auto request = client.took_one<action::Request>();
  CHECK(request.id == id);
  CHECK(request.reason == "enough");
  SECTION("accepted") {
    client.session.requested(client.now, id, 202, "{}");
    CHECK_FALSE(client.took_one<action::CommandDone>().error);
  }
  SECTION("refused") {
    client.session.requested(client.now, id, 409, R"({"code":"conflict","message":"it has ended"})");
    const auto done = client.took_one<action::CommandDone>();
    CHECK(done.error->code == ErrorCode::conflict);
    CHECK(done.error->message == "it has ended");
  }
  SECTION("no network: again with the next answer") {
    client.session.requested(client.now, id, 0, "");
    client.wake();
    client.asked();
    client.answer(synced_at(2));
    CHECK(client.took<action::Request>().size() == 1);
  }
  SECTION("a proxy's page instead of an answer") {
    client.session.requested(client.now, id, 404, "<html>");
    CHECK(client.took_one<action::CommandDone>().error->code == ErrorCode::internal);
  }
}
