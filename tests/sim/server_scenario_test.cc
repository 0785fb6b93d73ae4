// What befalls the server and its store.
#include "scenario.h"

using namespace jobwire;
using namespace jobwire::sim;

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
