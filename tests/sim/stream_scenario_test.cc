// What befalls a reader of the streamed response.
#include "scenario.h"

using namespace jobwire;
using namespace jobwire::sim;

TEST_CASE("a streamed response that is cut anywhere is gone on with: a message that is not whole was not told") {
  ServerOptions options;
  options.hub.page_jobs = 3;
  options.hub.page_bytes = 800;
  World world(21, options);
  world.add_publisher(0, 12).run(world.timeline.now() + 90'000, 40);
  Reader& reader = world.add_reader(admin(), {kAll}, {job_channel("j1")});
  reader.start();
  for (int cut = 0; cut < 150; ++cut) {
    world.run_for(static_cast<DurationMs>(world.random.below(600)));
    for (int wait = 0; wait < 300 && !reader.amid_message(); ++wait) world.run_for(1);
    reader.break_wire();
  }
  CHECK(reader.cut_short() > 20);
  world.heal();
  everything_holds(world);
}

TEST_CASE("a stream over a restart, a restored backup and a drain goes on where it was, or begins anew") {
  World world(22);
  Reader& reader = world.add_reader(user("alice"), {kAlice});
  reader.start();
  report(world, test::started("a"));
  world.back_up();
  report(world, test::progress("a", 50));
  report(world, test::started("b"));
  world.run_for(1'000);
  world.kill_server();
  SECTION("the same store") {}
  SECTION("a backup, which does not know what was told") { world.restore_backup(); }
  world.start_server();
  report(world, test::completed("a"));
  world.server().drain();
  world.run_for(2'000);
  world.kill_server();
  world.start_server();
  world.run_for(90'000);
  CHECK(reader.store().find({"a"})->status == JobStatus::completed);
  everything_holds(world);
}

TEST_CASE("a stream whose reader reads nothing costs bounded memory, and then shows how things stand") {
  World world(23);
  Reader& reader = world.add_reader(admin(), {kAll});
  reader.start();
  world.run_for(2'000);
  reader.weather.bytes_per_ms = 0;
  world.add_publisher(0, 20).run(world.timeline.now() + 15'000, 20);
  world.run_for(15'000);
  world.heal();
  everything_holds(world);
}

TEST_CASE("a half-open stream is noticed by its silence") {
  World world(24);
  Reader& reader = world.add_reader(user("alice"), {kAlice});
  reader.start();
  world.run_for(2'000);
  reader.lose_wire();
  report(world, test::started("a"));
  world.run_for(60'000);
  CHECK(reader.opened() == 2);
  everything_holds(world);
}

TEST_CASE("a stream that resumes a channel with more jobs than it began with is told the others whole") {
  ServerOptions options;
  options.node.wide_channel_start = 2;
  options.node.remove_after = 5'000;
  options.node.tombstone_for = 5'000;
  World world(25, options);
  for (const char* job : {"old", "b", "c"}) report(world, test::started(job));
  Reader& reader = world.add_reader(user("alice"), {kAlice});
  reader.start();
  world.run_for(2'000);
  REQUIRE(reader.store().find({"old"}) == nullptr);
  for (const char* job : {"b", "c"}) report(world, test::completed(job));
  world.run_for(30'000);  // they are removed and forgotten: now it is among the newest
  reader.break_wire();
  world.run_for(5'000);
  REQUIRE(reader.opened() == 2);
  report(world, test::progress("old", 40));
  CHECK(world.violations == Findings{});
  REQUIRE(reader.store().find({"old"}) != nullptr);
  CHECK(reader.store().find({"old"})->progress == Percent{4'000});
}
