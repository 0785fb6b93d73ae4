// A repeated event id gets its first verdict: of a job's newest events, and of its first.
#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;
using log::Appended;
using log::EventIdReused;
using log::LookupOutcome;
using log::Outcome;
using log::Repeated;

TEST_CASE("a repeat gets the first verdict, whatever seq it expects by now") {
  EACH_STORE(kind);
  Server server(kind);
  const UnixMs first_at = server.clock.now();
  const JobEvent event = with_event_id(progress("a", 10), "e1");
  server.append(event, 0);
  server.append(progress("a", 20), 1);
  server.clock.advance(1000);
  CHECK(server.append(event, 0) == Outcome(Repeated{{1, 1, first_at}}));
  CHECK(server.append(event, 2) == Outcome(Repeated{{1, 1, first_at}}));
  CHECK(server.seen.size() == 2);
}

TEST_CASE("the same event id with another body is refused; another job may use it") {
  EACH_STORE(kind);
  Server server(kind);
  server.append(with_event_id(progress("a", 10), "e1"), 0);
  CHECK(server.append(with_event_id(progress("a", 11), "e1"), 1) == Outcome(EventIdReused{}));
  CHECK(server.append(with_event_id(progress("a", 10), "e1x"), 1) == Outcome(Appended{2, 2, server.clock.now()}));
  CHECK(server.append(with_event_id(progress("b", 10), "e1"), 0) == Outcome(Appended{3, 1, server.clock.now()}));
}

TEST_CASE("an event that was refused leaves its event id free") {
  EACH_STORE(kind);
  Server server(kind);
  server.append(queued("a"), 0);
  const JobEvent event = with_event_id(started("a"), "e1");
  CHECK(server.append(event, 7) == Outcome(log::Conflict{1}));
  CHECK(server.append(event, 1) == Outcome(Appended{2, 2, server.clock.now()}));
}

TEST_CASE("event ids outlive restarts, snapshots and the history that held their events") {
  EACH_STORE(kind);
  Server server(kind, {.chatter = 2, .lifecycle = 2});
  const UnixMs at = server.clock.now();
  const JobEvent event = with_event_id(progress("a", 10), "e1");
  server.append(event, 0);
  for (int i = 1; i < 20; ++i) server.append(progress("a", i), i);
  server.restart();
  CHECK(server.append(event, 20) == Outcome(Repeated{{1, 1, at}}));
  server.save_snapshots({snapshot("a", 20)}, 20);
  CHECK(server.append(event, 20) == Outcome(Repeated{{1, 1, at}}));
  server.restart();
  CHECK(server.append(event, 20) == Outcome(Repeated{{1, 1, at}}));
  CHECK(server.append(with_event_id(log_line("a", "x"), "e1"), 20) == Outcome(EventIdReused{}));
}

TEST_CASE("lookup sees every append that was given before it, and stores nothing") {
  EACH_STORE(kind);
  Server server(kind);
  const JobEvent event = with_event_id(progress("a", 10), "e1");
  CHECK(server.lookup(event) == LookupOutcome());
  std::optional<LookupOutcome> found, reused;
  server.log().append({{event, 0}}, [](const auto&) {});
  server.log().lookup(event, [&](LookupOutcome outcome) { found = outcome; });
  server.log().lookup(with_event_id(progress("a", 11), "e1"), [&](LookupOutcome outcome) { reused = outcome; });
  server.loop().run_until([&] { return reused.has_value(); });
  CHECK(*found == LookupOutcome(Repeated{{1, 1, server.clock.now()}}));
  CHECK(*reused == LookupOutcome(EventIdReused{}));
  CHECK(server.lookup(with_event_id(progress("a", 10), "e2")) == LookupOutcome());
  CHECK(server.lookup(progress("a", 10)) == LookupOutcome());
  CHECK(server.append(progress("a", 20), 1) == Outcome(Appended{2, 2, server.clock.now()}));
}

TEST_CASE("repeats are known of a job's newest events and of its first, in memory and on disk; an older one is new") {
  EACH_STORE(kind);
  Server server(kind, {.event_ids = 5});
  const UnixMs at = server.clock.now();
  const auto reported = [](int number) { return with_event_id(progress("a", number), "e" + std::to_string(number)); };
  for (int i = 1; i <= 20; ++i) server.append(reported(i), i - 1);
  const auto holds = [&] {
    CHECK(server.lookup(reported(1)) == LookupOutcome(Repeated{{1, 1, at}}));
    CHECK(server.lookup(with_event_id(progress("a", 99), "e1")) == LookupOutcome(EventIdReused{}));
    for (int i = 16; i <= 20; ++i) CHECK(server.lookup(reported(i)) == LookupOutcome(Repeated{{i, i, at}}));
    for (int i = 2; i <= 15; ++i) CHECK(server.lookup(reported(i)) == LookupOutcome());
  };
  holds();
  server.restart();
  holds();
  server.save_snapshots({snapshot("a", 20)}, 20);
  holds();
  server.restart();
  holds();
  CHECK(server.append(reported(15), 20) == Outcome(Appended{21, 21, at}));
  CHECK(server.append(reported(15), 21) == Outcome(Repeated{{21, 21, at}}));
  CHECK(server.lookup(reported(16)) == LookupOutcome());  // it was the fifth
}

TEST_CASE("however many events a job has, the store holds a bounded number of their ids") {
  EACH_STORE(kind);
  Server server(kind, {.chatter = 3, .lifecycle = 3, .event_ids = 50});
  constexpr int kRounds = 20, kARound = 100;
  int seq = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<JobEvent> events;
    for (int i = 0; i < kARound; ++i) {
      events.push_back(with_event_id(log_line("a", "line"), "e" + std::to_string(seq + i)));
    }
    server.append_all(std::move(events), seq);
    seq += kARound;
    server.save_snapshots({snapshot("a", seq)}, seq);
  }
  server.append(with_event_id(queued("b"), "e0"), 0);
  server.stop();
  CHECK(server.store().event_ids() >= 50 + 1);  // those not yet settled are with their records
  CHECK(server.store().event_ids() <= 2 * 50 + 2);
  server.start();
  CHECK(server.lookup(with_event_id(log_line("a", "line"), "e0")) != LookupOutcome());  // what created it
  CHECK(server.lookup(with_event_id(log_line("a", "line"), "e" + std::to_string(seq - 50))) != LookupOutcome());
  CHECK(server.lookup(with_event_id(log_line("a", "line"), "e" + std::to_string(seq - 51))) == LookupOutcome());
}
