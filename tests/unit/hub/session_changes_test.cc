// How a session tells changes: pages while it catches up, events while it is live.
#include <catch2/catch.hpp>
#include <functional>
#include <utility>

#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a live session gets events, once each, whatever the number of its channels that carry the job") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice"), channel("job:a")});
  client.forget();
  core.publish({progress("a", 10), progress("a", 20)});

  const auto changes = client.all<push::Changes>();
  REQUIRE(changes.size() == 1);  // one message a batch
  CHECK(changes[0].events.size() == 2);
  CHECK(changes[0].jobs.empty());
  check_same(client.seen, core, "a");
}

TEST_CASE("everybody who follows the same gets the same bytes") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient one(core);
  TestClient two(core);
  one.hello("alice", {channel("job:a")});
  two.hello("alice", {channel("user:alice")});
  core.publish({progress("a", 10)});
  CHECK(one.frames.back() == two.frames.back());
}

TEST_CASE("a resumed session is told what changed since its cursor and nothing else") {
  ServerCore core;
  core.publish({owned("a", "alice"), owned("b", "alice")});
  Cursor cursor;
  {
    TestClient before(core);
    before.hello("alice", {channel("user:alice")});
    cursor = before.cursor;
  }
  core.publish({progress("b", 30)});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")}, cursor);
  const auto changes = client.last<push::Changes>();
  CHECK_FALSE(changes.reset);
  CHECK(changes.synced);
  REQUIRE(changes.jobs.size() == 1);
  CHECK(changes.jobs[0].id.value == "b");
}

TEST_CASE("a cursor of another epoch or from the future begins a fresh view") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  Cursor cursor = core.node.head();
  SECTION("another epoch") { cursor.epoch ^= 2; }
  SECTION("the future") { cursor.offset += 1; }
  TestClient client(core);
  client.hello("alice", {channel("user:alice")}, cursor);
  CHECK(client.last<push::Changes>().reset);
  check_same(client.seen, core, "a");
}

TEST_CASE("a subscribe is answered by snapshots, and its channels are live from there on") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.hello("alice", {});
  client.command(command::Subscribe{{channel("job:a")}}, 5);
  CHECK(client.last<push::Reply>() == push::Reply{5, std::nullopt});
  CHECK(client.last<push::Changes>().followed == std::vector<Channel>{channel("job:a")});
  core.publish({progress("a", 60)});
  check_same(client.seen, core, "a");
  client.command(command::Unsubscribe{{channel("job:a")}}, 6);
  client.forget();
  core.publish({progress("a", 70)});
  CHECK(client.all<push::Changes>().empty());
}

TEST_CASE("somebody else's job is answered as an unknown one") {
  ServerCore core;
  core.publish({owned("b", "bob")});
  TestClient client(core);
  client.hello("alice", {channel("job:b"), channel("job:nowhere")});
  core.publish({progress("b", 10)});
  CHECK(client.seen.size() == 0);
  client.command(command::Sync{{JobId{"b"}, JobId{"nowhere"}}});
  const auto changes = client.last<push::Changes>();
  CHECK(changes.jobs.empty());
  REQUIRE(changes.removed.size() == 2);
  CHECK(changes.removed[0].version == changes.removed[1].version);
  client.command(command::Cancel{JobId{"b"}, ""}, 1);
  const auto foreign = client.last<push::Reply>();
  client.command(command::Cancel{JobId{"nowhere"}, ""}, 1);
  CHECK(foreign == client.last<push::Reply>());
  CHECK(foreign.error->code == ErrorCode::not_found);
}

TEST_CASE("a job followed before it exists appears with its first event") {
  ServerCore core;
  TestClient client(core);
  client.hello("alice", {channel("job:later")});
  core.publish({owned("later", "alice")});
  check_same(client.seen, core, "later");
}

TEST_CASE("a job that enters a channel late arrives as a snapshot") {
  ServerCore core;
  core.publish({progress("a", 10)});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  core.publish({with_user(progress("a", 20), "alice")});
  check_same(client.seen, core, "a");
}

TEST_CASE("a wide channel begins with its newest jobs, and an older one arrives when it changes") {
  node::NodeOptions options;
  options.wide_channel_start = 3;
  ServerCore core({}, options);
  for (const char* id : {"a", "b", "c", "d", "e"}) core.publish({owned(id, "alice")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  CHECK(client.last<push::Changes>().truncated == std::vector<Channel>{channel("user:alice")});
  CHECK(client.seen.size() == 3);
  core.publish({progress("a", 50)});
  check_same(client.seen, core, "a");
  CHECK(client.seen.take_stale().empty());
}

TEST_CASE("who joins a wide channel is told of all that changed since, also of what is not among its newest") {
  hub::HubOptions options;
  options.high_water = 100;
  options.page_jobs = 1;
  node::NodeOptions node_options;
  node_options.wide_channel_start = 2;
  ServerCore core(options, node_options);
  for (const char* id : {"a", "b", "c", "d", "e"}) core.publish({owned(id, "alice")});
  TestClient client(core);
  client.hello("admin", {channel("job:a"), channel("job:b"), channel("job:c")});
  client.stuck = true;
  const auto others_change = [&] {
    for (const char* id : {"b", "c", "d", "e"}) core.publish({progress(id, 50)});
  };
  client.unsent = options.high_water + 1;
  SECTION("a job of a channel that is left then") {
    client.command(command::Subscribe{{channel("user:alice")}});
    client.command(command::Unsubscribe{{channel("job:a")}});
    core.publish({progress("a", 20)});
    others_change();
  }
  SECTION("a job of a channel that was left while there was more to tell") {
    core.publish({progress("b", 20)});
    client.command(command::Unsubscribe{{channel("job:a")}});
    core.publish({progress("a", 20)});
    others_change();
    client.unsent = 0;
    client.session->drained();  // takes a page
    REQUIRE(client.unsent > options.high_water);
    client.command(command::Subscribe{{channel("user:alice")}});
  }
  SECTION("a job that a sync has told") {
    client.command(command::Unsubscribe{{channel("job:a")}});
    client.command(command::Subscribe{{channel("user:alice")}});
    client.command(command::Sync{{JobId{"a"}}});
    core.publish({progress("a", 20)});
    others_change();
  }
  client.drain();
  check_same(client.seen, core, "a");
}

TEST_CASE("with the answer to an unsubscribe nothing of the channel is under way any more") {
  struct Meddler : TestClient {
    using TestClient::TestClient;
    void send(hub::Frame frame) override {
      TestClient::send(std::move(frame));
      if (const auto meddle = std::exchange(on_send, nullptr)) meddle();
    }
    std::function<void()> on_send;
  };
  ServerCore core;
  core.publish({owned("a", "alice")});
  Meddler one(core), other(core);
  for (Meddler* client : {&one, &other}) client->hello("alice", {channel("job:a")});
  // Whoever is told first makes the other leave, for whom the same is about to be sent.
  const auto leaves = [&](Meddler& first, Meddler& second) {
    return [&] {
      first.on_send = second.on_send = nullptr;
      second.forget();
      second.session->received(encode_command({command::Unsubscribe{{channel("job:a")}}, 1}));
      REQUIRE(second.messages.size() == 2);
      CHECK(std::holds_alternative<push::Changes>(second.messages[0]));
      CHECK(std::holds_alternative<push::Reply>(second.messages[1]));
    };
  };
  one.on_send = leaves(one, other);
  other.on_send = leaves(other, one);
  core.publish({progress("a", 20)});
  for (Meddler* client : {&one, &other}) {
    CHECK_FALSE(client->on_send);
    check_same(client->seen, core, "a");
  }
}

TEST_CASE("a client of another reducer gets snapshots only") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.command(command::Hello{"alice", {}, {channel("job:a")}, "old", kReducerVersion + 1, false});
  client.forget();
  core.publish({progress("a", 5)});
  const auto changes = client.last<push::Changes>();
  CHECK(changes.events.empty());
  CHECK(changes.jobs.size() == 1);
}

TEST_CASE("a client that does not read is owed bounded memory, and sees the newest state once it reads") {
  hub::HubOptions options;
  options.high_water = 4'000;
  ServerCore core(options);
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  client.stuck = true;
  for (int i = 1; i <= 2'000; ++i) core.publish({with_message(progress("a", i / 20.0), "a step of the work")});
  CHECK(client.unsent < options.high_water + 1'000);
  CHECK(core.hub->stats().lagging == 1);
  client.forget();
  client.drain();
  check_same(client.seen, core, "a");
  CHECK(client.messages.size() <= 3);  // conflated: the snapshot, not the events
  CHECK(core.hub->stats().lagging == 0);
  core.publish({completed("a")});
  check_same(client.seen, core, "a");
}

TEST_CASE("a large answer comes in pages of bounded size, each with a cursor that is true") {
  hub::HubOptions options;
  options.page_bytes = 2'000;
  options.page_jobs = 7;
  ServerCore core(options);
  for (int i = 0; i < 60; ++i) core.publish({owned("job" + std::to_string(i), "alice")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  const auto pages = client.all<push::Changes>();
  REQUIRE(pages.size() > 5);
  JobStore partial;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    partial.fold(pages[i]);
    CHECK(pages[i].synced == (i + 1 == pages.size()));
    for (const auto& [version, record] : core.node.table().all()) {
      if (version <= pages[i].cursor.offset) CHECK(partial.find(record->state.id) != nullptr);
    }
  }
  for (const hub::Frame& frame : client.frames) CHECK(frame->size() < 3'500);
}

TEST_CASE("several wide channels begin with their newest jobs each, on however many pages") {
  hub::HubOptions options;
  options.page_jobs = 3;
  node::NodeOptions node_options;
  node_options.wide_channel_start = 10;
  ServerCore core(options, node_options);
  for (int i = 0; i < 10; ++i) core.publish({owned("old" + std::to_string(i), "alice")});
  for (int i = 0; i < 100; ++i) core.publish({owned("new" + std::to_string(i), "bob")});
  TestClient greeting(core), joining(core);
  greeting.hello("admin", {channel("user:alice"), channel("all-jobs")});
  joining.hello("admin", {});
  joining.command(command::Subscribe{{channel("user:alice"), channel("all-jobs")}});
  for (const TestClient* client : {&greeting, &joining}) {
    CHECK(client->seen.size() == 20);
    CHECK(client->last<push::Changes>().truncated == std::vector<Channel>{channel("all-jobs")});
  }
  core.publish({progress("new50", 10)});  // it was not told yet, so it comes whole
  check_same(greeting.seen, core, "new50");
}

TEST_CASE("a burst larger than a message is sent in parts, of which the last carries the cursor") {
  hub::HubOptions options;
  options.page_bytes = 2'000;
  ServerCore core(options);
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  client.forget();
  std::vector<JobEvent> burst;
  for (int i = 0; i < 50; ++i) burst.push_back(owned("job" + std::to_string(i), "alice"));
  core.publish(std::move(burst));
  const auto parts = client.all<push::Changes>();
  REQUIRE(parts.size() > 2);
  CHECK(parts.front().cursor.offset == 0);
  CHECK(parts.back().cursor == core.node.head());
  CHECK(client.seen.size() == 50);
}

TEST_CASE("a removed job is told to those who follow it") {
  ServerCore core;
  core.publish({owned("a", "alice")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  const Cursor before = client.cursor;
  core.publish({removed("a")});
  CHECK(client.seen.size() == 0);
  TestClient resumed(core);
  resumed.hello("alice", {channel("user:alice")}, before);
  REQUIRE(resumed.last<push::Changes>().removed.size() == 1);
}

TEST_CASE("a token that sees less takes away what it does not see") {
  ServerCore core;
  core.publish({owned("a", "alice"), owned("b", "bob")});
  TestClient client(core);
  client.hello("admin", {channel("all-jobs"), channel("job:a"), channel("job:b")});
  CHECK(client.seen.size() == 2);
  client.command(command::Token{"alice"}, 2);
  CHECK(client.last<push::Changes>().user == "alice");
  CHECK(client.last<push::Changes>().role == "user");
  CHECK(client.seen.size() == 1);
  check_same(client.seen, core, "a");
  core.publish({progress("b", 50)});
  CHECK(client.seen.size() == 1);
}

TEST_CASE("the fresh view of another token begins before its reply, however slow the page is") {
  ServerCore core({.high_water = 1000});
  core.publish({owned("a", "alice"), with_message(owned("b", "bob"), std::string(2000, 'x'))});
  TestClient client(core);
  client.hello("admin", {channel("all-jobs"), channel("user:alice")});
  client.stuck = GENERATE(true, false);
  core.publish({with_message(progress("b", 50), std::string(2000, 'x'))});
  client.forget();
  client.command(command::Token{"alice"}, 2);
  REQUIRE(client.all<push::Reply>().size() == 1);
  CHECK(std::holds_alternative<push::Reply>(client.messages.back()));
  const auto begun = std::get<push::Changes>(client.messages.front());
  CHECK(begun.reset);
  CHECK(begun.user == "alice");
  client.drain();
  CHECK(client.seen.size() == 1);
  CHECK(client.seen.find(JobId{"b"}) == nullptr);
  CHECK_FALSE(client.seen.resetting());
}

TEST_CASE("a viewer's queue channel counts jobs and shows none; an admin's shows them") {
  ServerCore core;
  core.publish({with_queue(owned("b", "bob"), "premium")});
  TestClient viewer(core);
  TestClient admin(core);
  viewer.hello("alice", {channel("queue:premium")});
  admin.hello("admin", {channel("queue:premium")});
  const auto counts = viewer.last<push::QueueStatus>();
  const auto premium = std::find_if(counts.queues.begin(), counts.queues.end(),
                                    [](const QueueCounts& queue) { return queue.queue == "premium"; });
  REQUIRE(premium != counts.queues.end());
  CHECK(premium->waiting == 1);
  CHECK(viewer.seen.size() == 0);
  CHECK(admin.seen.size() == 1);
  core.publish({started("b")});
  core.pass(1'500);
  CHECK(viewer.seen.size() == 0);
  CHECK(viewer.last<push::QueueStatus>() != counts);
}

TEST_CASE("estimates come with the state, again when they change, and never for somebody else's job") {
  ServerCore core;
  core.publish({with_queue(owned("a", "alice"), "normal"), with_queue(owned("b", "bob"), "normal")});
  core.pass(1'100);
  TestClient client(core);
  client.hello("bob", {channel("user:bob"), channel("job:a")});
  REQUIRE(client.last<push::Estimates>().jobs.size() == 1);
  CHECK(client.last<push::Estimates>().jobs[0].queue_position == 2);
  core.publish({started("a")});
  core.pass(1'500);
  REQUIRE(client.last<push::Estimates>().jobs.size() == 1);
  CHECK(client.last<push::Estimates>().jobs[0].queue_position == 1);
  for (const auto& estimates : client.all<push::Estimates>()) {
    for (const JobEstimate& estimate : estimates.jobs) CHECK(estimate.job_id.value == "b");
  }
}

TEST_CASE("a job that was held through a channel just left, and is gone when its own is joined, is told as removed") {
  ServerCore core;
  core.publish({owned("a", "alice"), owned("b", "alice")});
  core.publish({removed("b")});
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  CHECK(client.last<push::Changes>().removed.empty());  // gone before it began: no news
  client.unsent = std::size_t{1} << 30;                 // a slow reader: what is live waits
  core.publish({removed("a")});
  client.command(command::Subscribe{{channel("job:a"), channel("job:b")}}, 5);
  client.command(command::Unsubscribe{{channel("user:alice")}}, 6);
  client.unsent = 0;
  client.session->drained();
  core.run();
  CHECK(client.last<push::Changes>().followed == std::vector<Channel>{channel("job:a"), channel("job:b")});
  CHECK(client.seen.find(JobId{"a"}) == nullptr);
}
