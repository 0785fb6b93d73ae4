// What befalls a page and its connection.
#include "scenario.h"

using namespace jobwire;
using namespace jobwire::sim;

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
