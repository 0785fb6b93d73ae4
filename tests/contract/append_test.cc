// Conditional append: offsets, sequence numbers, and who wins.
#include <algorithm>

#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;
using log::Appended;
using log::Conflict;
using log::EventIdReused;
using log::Outcome;
using log::Repeated;

TEST_CASE("offsets begin at 1 and grow by 1; seq counts within the job") {
  EACH_STORE(kind);
  Server server(kind);
  CHECK(server.append(queued("a"), 0) == Outcome(Appended{1, 1, server.clock.now()}));
  CHECK(server.append(queued("b"), 0) == Outcome(Appended{2, 1, server.clock.now()}));
  CHECK(server.append(progress("a", 10), 1) == Outcome(Appended{3, 2, server.clock.now()}));
}

TEST_CASE("time never goes back, whatever the clock does") {
  EACH_STORE(kind);
  Server server(kind);
  server.clock.set(5000);
  CHECK(server.append(queued("a"), 0) == Outcome(Appended{1, 1, 5000}));
  server.clock.set(4000);
  CHECK(server.append(progress("a", 1), 1) == Outcome(Appended{2, 2, 5000}));
  server.restart();
  CHECK(server.append(progress("a", 2), 2) == Outcome(Appended{3, 3, 5000}));
  server.clock.set(6000);
  CHECK(server.append(progress("a", 3), 3) == Outcome(Appended{4, 4, 6000}));
  CHECK(server.seen.back().at == 6000);
}

TEST_CASE("of two appends that expect the same seq the first wins, the other learns where the job is") {
  EACH_STORE(kind);
  Server server(kind);
  server.append(started("a"), 0);
  std::vector<Outcome> first, second;
  server.log().append({{completed("a"), 1}}, [&](std::vector<Outcome> outcomes) { first = outcomes; });
  server.log().append({{cancelled("a"), 1}}, [&](std::vector<Outcome> outcomes) { second = outcomes; });
  server.loop().run_until([&] { return !second.empty(); });
  CHECK(std::holds_alternative<Appended>(first.at(0)));
  CHECK(second.at(0) == Outcome(Conflict{2}));
  CHECK(server.seen.back().body == EventBody(event::Completed{}));
}

TEST_CASE("an append to a job that exists, or to none where one is expected, is a conflict") {
  EACH_STORE(kind);
  Server server(kind);
  CHECK(server.append(progress("a", 1), 1) == Outcome(Conflict{0}));
  server.append(queued("a"), 0);
  CHECK(server.append(queued("a"), 0) == Outcome(Conflict{1}));
  CHECK(server.append(progress("a", 1), 2) == Outcome(Conflict{1}));
}

TEST_CASE("a batch counts its own earlier events, and each event has its own outcome") {
  EACH_STORE(kind);
  Server server(kind);
  const UnixMs now = server.clock.now();
  const JobEvent once = with_event_id(started("a"), "s1");
  const auto outcomes = server.append({{queued("a"), 0},
                                       {once, 1},
                                       {progress("a", 1), 1},
                                       {once, 2},
                                       {with_event_id(failed("a"), "s1"), 2},
                                       {queued("b"), 0},
                                       {completed("a"), 2}});
  REQUIRE(outcomes.size() == 7);
  CHECK(outcomes[0] == Outcome(Appended{1, 1, now}));
  CHECK(outcomes[1] == Outcome(Appended{2, 2, now}));
  CHECK(outcomes[2] == Outcome(Conflict{2}));
  CHECK(outcomes[3] == Outcome(Repeated{{2, 2, now}}));
  CHECK(outcomes[4] == Outcome(EventIdReused{}));
  CHECK(outcomes[5] == Outcome(Appended{3, 1, now}));
  CHECK(outcomes[6] == Outcome(Appended{4, 3, now}));
  CHECK(offsets_of(server.seen) == std::vector<std::int64_t>{1, 2, 3, 4});
}

TEST_CASE("the tail carries each event as it was given, stamped, before the answer to its batch") {
  EACH_STORE(kind);
  Server server(kind);
  JobEvent event = with_event_id(with_user(with_stage(progress("a", 12.5), "pages"), "alice"), "e1");
  event.message = "";
  event.attempt = 1;
  event.reported_at = 17;
  event = with_metadata(std::move(event), "title", R"({"x": 0.30000000000000004})");
  bool answered = false;
  bool told_before = false;
  server.log().append({{event, 0}}, [&](const std::vector<Outcome>&) {
    answered = true;
    told_before = server.seen.size() == 1;
  });
  CHECK_FALSE(answered);
  CHECK(server.seen.empty());
  server.loop().run_until([&] { return answered; });
  CHECK(told_before);
  CHECK(server.seen.at(0) == stamped(event, 1, 1, server.clock.now()));
}

TEST_CASE("batches are answered in the order in which they were given") {
  EACH_STORE(kind);
  Server server(kind);
  std::vector<int> order;
  for (int i = 0; i < 200; ++i) {
    server.log().append({{progress("a", 1), i}}, [&, i](const std::vector<Outcome>& outcomes) {
      CHECK(std::get<Appended>(outcomes.at(0)).offset == i + 1);
      CHECK(server.seen.size() >= static_cast<std::size_t>(i + 1));
      order.push_back(i);
    });
  }
  server.loop().run_until([&] { return order.size() == 200; });
  CHECK(std::is_sorted(order.begin(), order.end()));
  for (std::size_t i = 0; i < server.seen.size(); ++i) CHECK(server.seen[i].offset == static_cast<std::int64_t>(i + 1));
}

TEST_CASE("an empty batch is answered") {
  EACH_STORE(kind);
  Server server(kind);
  CHECK(server.append(std::vector<log::Append>{}).empty());
}

TEST_CASE("drain comes after the answers to everything that was given") {
  EACH_STORE(kind);
  Server server(kind);
  int answers = 0;
  int answers_at_drain = -1;
  for (int i = 0; i < 10; ++i) server.log().append({{log_line("a", "x"), i}}, [&](const auto&) { ++answers; });
  server.log().drain([&] { answers_at_drain = answers; });
  server.loop().run_until([&] { return answers_at_drain >= 0; });
  CHECK(answers_at_drain == 10);
}

TEST_CASE("nobody is called back once the log is gone, and what was given is there or not as a whole") {
  EACH_STORE(kind);
  auto store = kind.make({});
  Loop loop;
  ManualClock clock;
  auto log = store->open(clock, Random(1), loop.post());
  REQUIRE(log->restore());
  log->follow([](const log::Logged&) { FAIL("the log is gone"); });
  log->append({{queued("a"), 0}, {started("a"), 1}}, [](const auto&) { FAIL("the log is gone"); });
  log.reset();
  loop.run_posted();
  Server next(std::move(store));
  CHECK((next.restored.head == 0 || next.restored.head == 2));
}
