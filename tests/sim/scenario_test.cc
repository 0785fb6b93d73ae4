// One misfortune at a time, each named by what must hold.
#include <catch2/catch.hpp>

#include "invariants.h"
#include "support/events.h"

using namespace jobwire;
using namespace jobwire::sim;

namespace {

const Channel kAlice{ChannelKind::user, "alice"};
const Channel kAll{ChannelKind::all_jobs, ""};

Channel job_channel(const std::string& id) { return {ChannelKind::job, id}; }

// Publishes at once, and waits until it is committed and told.
void report(World& world, JobEvent event, const std::string& owner = "alice") {
  event.identity.user_id.value = owner;
  world.server().publish({std::move(event)}, {});
  world.run_for(300);
}

Client& page_of(World& world, auth::Principal who, const std::vector<Channel>& channels,
                ClientOptions options = World::default_options()) {
  Client& client = world.add_client(std::move(who), std::move(options));
  client.follow(channels);
  client.start();
  return client;
}

ConnectionState state_of(const Client& client) { return client.session().status().state; }
JobStatus status_of(const Client& client, const std::string& job) {
  const JobState* seen = client.store().find({job});
  REQUIRE(seen != nullptr);
  return seen->status;
}

void everything_holds(World& world) {
  CHECK(world.violations == Findings{});
  CHECK(everybody_is_served(world) == Findings{});
  CHECK(views_equal_the_table(world) == Findings{});
  CHECK(ends_were_told(world) == Findings{});
  CHECK(acknowledged_events_are_there(world) == Findings{});
}

}  // namespace

TEST_CASE("a job's end that came while the page was disconnected is seen and told once") {
  World world(1);
  Client& client = page_of(world, user("alice"), {kAlice});
  world.run_for(1'000);
  report(world, test::started("a"));
  client.weather.down = true;
  client.lose_wire();
  report(world, test::completed("a", "{\"pages\":3}"));
  client.weather.down = false;
  world.run_for(90'000);
  CHECK(status_of(client, "a") == JobStatus::completed);
  everything_holds(world);
}

TEST_CASE("a half-open socket is noticed within two heartbeats and a little") {
  World world(2);
  Client& client = page_of(world, user("alice"), {kAlice});
  world.run_for(5'000);
  REQUIRE(state_of(client) == ConnectionState::online);
  client.lose_wire();
  report(world, test::progress("a", 50));
  world.run_for(2 * 25'000 + 3'000);
  CHECK(state_of(client) == ConnectionState::online);
  CHECK(client.attempts() == 2);
  everything_holds(world);
}

TEST_CASE("what was appended and not committed when the server was killed has never been seen") {
  World world(3);
  Client& client = page_of(world, user("alice"), {kAlice});
  world.run_for(1'000);
  report(world, test::progress("a", 10));
  bool answered = false;
  world.server().publish({test::progress("a", 90)}, [&](const std::vector<node::Verdict>&) { answered = true; });
  world.kill_server();  // before any commit
  world.run_for(2'000);
  world.start_server();
  world.run_for(60'000);
  CHECK_FALSE(answered);
  CHECK(client.store().find({"a"})->progress == Percent{1'000});
  everything_holds(world);
}

TEST_CASE("what was committed and not sent when the server was killed is told by the next one") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    World world(seed);
    Client& client = page_of(world, user("alice"), {kAlice});
    world.run_for(1'000);
    report(world, test::progress("a", 10));
    JobEvent event = test::progress("a", 90);
    world.server().publish({event}, {});
    world.run_for(static_cast<DurationMs>(seed % 20));  // before the commit, between commit and send, or after it
    world.kill_server();
    world.run_for(2'000);
    world.start_server();
    world.run_for(60'000);
    const Percent truth = world.server().node().find({"a"})->state.progress;
    CHECK(client.store().find({"a"})->progress == truth);
    everything_holds(world);
  }
}

TEST_CASE("a restored backup is noticed: the view goes back with the store and then on with it") {
  World world(4);
  Client& client = page_of(world, user("alice"), {kAlice, job_channel("b")});
  world.run_for(1'000);
  report(world, test::progress("a", 10));
  world.back_up();
  for (int i = 2; i < 8; ++i) report(world, test::progress("a", i * 10));
  report(world, test::completed("b"));
  REQUIRE(status_of(client, "b") == JobStatus::completed);
  world.kill_server();
  world.restore_backup();
  world.start_server();
  // As many events as the backup has forgotten, so that the old cursor names an offset that exists again.
  for (int i = 0; i < 12; ++i) report(world, test::log_line("c", "line " + std::to_string(i)));
  world.run_for(60'000);
  CHECK(client.store().find({"b"}) == nullptr);
  CHECK(client.store().find({"a"})->progress == Percent{1'000});
  everything_holds(world);
}

TEST_CASE("an event published again under its id is applied once") {
  World world(5);
  Client& client = page_of(world, user("alice"), {kAlice});
  world.run_for(1'000);
  for (int i = 0; i < 5; ++i) report(world, test::with_event_id(test::log_line("a", "once"), "e1"));
  CHECK(client.store().find({"a"})->seq == 1);
  everything_holds(world);
}

TEST_CASE("where WebSocket is blocked the page polls, and climbs back when it is not") {
  const Passage blocked = GENERATE(Passage::refused, Passage::swallowed);
  World world(6);
  Client& client = world.add_client(user("alice"));
  client.weather.sockets = blocked;
  client.follow({kAlice});
  client.start();
  world.run_for(15'000);
  CHECK(state_of(client) == ConnectionState::polling);
  CHECK(client.session().status().reason == "WebSocket is blocked here; polling");
  report(world, test::progress("a", 30));
  world.run_for(2'000);
  CHECK(client.store().find({"a"})->progress == Percent{3'000});
  everything_holds(world);
  client.weather.sockets = Passage::open;
  world.run_for(400'000);
  CHECK(state_of(client) == ConnectionState::online);
  report(world, test::completed("a"));
  CHECK(status_of(client, "a") == JobStatus::completed);
  everything_holds(world);
}

TEST_CASE("long views survive a change of transport in the middle of their pages, and a restart under polling") {
  ServerOptions options;
  options.hub.page_jobs = 3;
  options.hub.page_bytes = 800;
  World world(7, options);
  for (int i = 0; i < 60; ++i) report(world, test::progress("j" + std::to_string(i), i));
  ClientOptions polling = World::default_options();
  polling.websocket = false;
  page_of(world, user("alice"), {kAlice}, polling);
  Client& changing = page_of(world, user("alice"), {kAlice, job_channel("j7")});
  changing.weather.bytes_per_ms = 4;
  world.run_for(1'000);
  changing.break_wire();
  changing.weather.sockets = Passage::refused;
  world.run_for(20'000);
  // Another epoch; of what is old every version lies before its beginning.
  world.kill_server();
  world.start_server();
  for (int i = 0; i < 60; i += 2) report(world, test::progress("j" + std::to_string(i), 99));
  world.back_up();
  for (int i = 0; i < 10; ++i) report(world, test::log_line("j3", "lost with the disk"));
  world.run_for(5'000);
  world.kill_server();
  world.restore_backup();
  world.start_server();
  world.run_for(60'000);
  everything_holds(world);
  CHECK(changing.store().size() == 60);
}

TEST_CASE("a client that reads nothing costs bounded memory, and then sees the newest state") {
  ServerOptions options;
  options.hub.high_water = 16 << 10;
  options.hub.page_bytes = 4 << 10;
  options.write_patience = 600'000;
  World world(8, options);
  Client& client = page_of(world, admin(), {kAll, {ChannelKind::admin, ""}});
  world.run_for(2'000);
  client.weather.bytes_per_ms = 0;
  for (int i = 0; i < 100; ++i) {
    report(world, test::with_message(test::progress("j" + std::to_string(i % 7), i / 4.0), std::string(1'500, 'x')));
  }
  CHECK(world.server().stats().lagging == 1);
  client.weather.bytes_per_ms = 200;
  world.run_for(90'000);
  everything_holds(world);
}

TEST_CASE("an expired token is replaced without losing the connection or anything else") {
  World world(9);
  Client& client = world.add_client(user("alice"));
  client.token_lasts = 20'000;
  client.follow({kAlice});
  client.start();
  for (int i = 0; i < 100; ++i) report(world, test::log_line("a", "line " + std::to_string(i)));
  world.run_for(60'000);
  CHECK(client.attempts() == 1);
  CHECK(client.store().find({"a"})->seq == 100);
  everything_holds(world);
}

TEST_CASE("a token that sees less takes from the view what it may not see") {
  const bool in_place = GENERATE(true, false);
  const bool polls = GENERATE(true, false);
  World world(10);
  ClientOptions options = World::default_options();
  options.websocket = !polls;
  Client& client = page_of(world, admin(), {kAll, kAlice, job_channel("b1")}, options);
  world.run_for(1'000);
  report(world, test::started("a1"));
  report(world, test::started("b1"), "bob");
  world.run_for(2'000);
  REQUIRE(client.store().size() == 2);
  if (!in_place) client.lose_wire();
  client.become(user("alice"), true);
  world.run_for(90'000);
  CHECK(client.store().find({"a1"}) != nullptr);
  CHECK(client.store().find({"b1"}) == nullptr);
  CHECK(client.wanted().count(kAll) == 0);  // refused, and told so
  everything_holds(world);
}

TEST_CASE("a page with an old reducer, and one that meets an unknown event, see the same as others") {
  World world(11);
  ClientOptions old = World::default_options();
  old.reducer = kReducerVersion - 1;
  page_of(world, user("alice"), {kAlice}, old);
  Client& strange = page_of(world, user("alice"), {kAlice});
  strange.weather.strange_events = true;
  world.run_for(1'000);
  for (int i = 0; i < 10; ++i) {
    report(world, test::log_line("a", "line " + std::to_string(i)));
    report(world, test::progress("a", i * 10));
  }
  world.run_for(2'000);
  CHECK(strange.store().find({"a"})->seq == 20);
  everything_holds(world);
}

TEST_CASE("a page that slept through everything is right soon after it wakes") {
  World world(12);
  Client& client = page_of(world, user("alice"), {kAlice});
  world.run_for(1'000);
  client.sleep(600'000);
  for (int i = 0; i < 30; ++i) report(world, test::progress("a", i));
  world.run_for(600'000);
  world.run_for(10'000);
  CHECK(state_of(client) == ConnectionState::online);
  everything_holds(world);
}

TEST_CASE("drained clients come back in their slots, to the next server") {
  World world(13);
  for (int i = 0; i < 50; ++i) page_of(world, user("alice"), {kAlice});
  world.run_for(3'000);
  report(world, test::started("a"));
  const UnixMs drained_at = world.timeline.now();
  world.server().drain();
  world.run_for(50);
  world.kill_server();
  world.start_server();
  world.run_for(10'000);
  for (const auto& client : world.clients()) {
    CHECK(client->attempts() == 2);
    CHECK(client->attempts_at().back() >= drained_at + 50);
  }
  everything_holds(world);
}

TEST_CASE("after a server's sudden end the clients do not come back all at once") {
  World world(14);
  for (int i = 0; i < 400; ++i) page_of(world, user("alice"), {kAlice});
  world.run_for(15'000);
  const UnixMs killed_at = world.timeline.now();
  world.kill_server();
  world.run_for(20'000);
  world.start_server();
  world.run_for(120'000);
  std::map<UnixMs, int> slots;
  int attempts = 0;
  for (const auto& client : world.clients()) {
    for (const UnixMs at : client->attempts_at()) {
      if (at < killed_at) continue;
      ++slots[(at - killed_at) / 100];
      ++attempts;
    }
  }
  for (const auto& [slot, many] : slots) {
    INFO("slot " << slot);
    CHECK(many < 400 * 18 / 100);
  }
  CHECK(attempts < 400 * 12);
  everything_holds(world);
}

TEST_CASE("a cancel asked for offline reaches the server, and everybody sees it") {
  World world(15);
  Client& client = page_of(world, user("alice"), {kAlice});
  Client& other = page_of(world, user("alice"), {kAlice});
  world.run_for(1'000);
  report(world, test::started("a"));
  client.break_wire();
  world.run_for(60);
  client.cancel({"a"});
  world.run_for(10'000);
  CHECK(other.store().find({"a"})->cancel_requested_at != 0);
  everything_holds(world);
}
