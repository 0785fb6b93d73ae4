// Jobs in doubt, and commands that wait for their answer.
#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

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

TEST_CASE("a job that was in doubt when its channel was left is not asked for") {
  ScriptedClient client;
  online_with(client, {user_channel("alice"), job_channel("b")}, {job_at("a", 10, 3)});
  push::Changes changes;
  changes.cursor = at(12);
  changes.events = {event_at("a", 12, 5)};
  client.receive(changes);
  client.pass(10'000);
  client.closed();
  for (int tries = 0; tries < 2; ++tries) {
    client.wake();
    client.session.socket_closed(client.now, client.took_one<action::OpenSocket>().socket, 1006, "");
  }
  client.wake();  // a poll takes up the doubt, and is lost
  client.asked();
  client.session.polled(client.now, client.poll, 0, "");
  client.session.unfollow(client.now, {user_channel("alice")});
  client.forget_actions();
  client.wake();
  client.open();
  client.welcome();
  CHECK(client.sent<command::Sync>().empty());
}

TEST_CASE("a job heard of while another channel is being left is asked for") {
  ScriptedClient client;
  online_with(client, {user_channel("alice"), job_channel("b")});
  client.session.unfollow(client.now, {job_channel("b")});
  const auto left = client.sent<command::Unsubscribe>();
  REQUIRE(left.size() == 1);
  push::Changes changes;
  changes.cursor = at(12);
  changes.events = {event_at("a", 12, 5)};  // of a job that was never told
  client.receive(changes);
  const auto sync = client.sent<command::Sync>();
  REQUIRE(sync.size() == 1);
  CHECK(sync[0].first.job_ids == std::vector<JobId>{JobId{"a"}});
  reply(client, left[0].second);
  changes.events.clear();
  SECTION("it is alice's") {
    changes.jobs = {job_at("a", 13, 6)};
    client.receive(changes);
    CHECK(client.store.find(JobId{"a"}) != nullptr);
  }
  SECTION("it came through the channel that was left") {
    changes.removed = {{JobId{"a"}, 13}};
    client.receive(changes);
    CHECK(client.store.size() == 0);
  }
}

TEST_CASE("a job heard of before the connection broke is asked for over the next one, whatever was left meanwhile") {
  ScriptedClient client;
  online_with(client, {user_channel("alice"), Channel{ChannelKind::all_jobs, {}}});
  push::Changes changes;
  changes.cursor = at(12);
  changes.events = {event_at("a", 12, 5)};
  client.receive(changes);
  client.closed();
  client.session.unfollow(client.now, {Channel{ChannelKind::all_jobs, {}}});
  client.forget_actions();
  client.wake();
  client.open();
  client.welcome();
  const auto sync = client.sent<command::Sync>();
  REQUIRE(sync.size() == 1);
  CHECK(sync[0].first.job_ids == std::vector<JobId>{JobId{"a"}});
  changes.events.clear();
  SECTION("alice's is kept") {
    changes.jobs = {job_at("a", 13, 6)};
    client.receive(changes);
    CHECK(client.store.find(JobId{"a"}) != nullptr);
  }
  SECTION("another's, and one that is unknown, is forgotten") {
    changes.removed = {{JobId{"a"}, 13}};
    client.receive(changes);
    CHECK(client.store.size() == 0);
  }
}

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
