#include "node/retention.h"

#include <catch2/catch.hpp>

#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

node::NodeOptions short_lived() {
  node::NodeOptions options;
  options.remove_after = 10'000;
  options.tombstone_for = 5'000;
  return options;
}

log::MemoryLogOptions holding() {
  log::MemoryLogOptions options;
  options.hold_commits = true;
  return options;
}

}  // namespace

TEST_CASE("every kind of end is removed, each job by its own end, and none that still runs") {
  NodeFixture f(short_lived());
  f.submit({completed("a"), failed("b"), cancelled("c"), queued("d"), started("e")});
  f.clock.advance(5'000);
  f.submit({completed("late")});
  f.tick_after(5'000);
  for (const char* id : {"a", "b", "c"}) CHECK(f.job(id)->removed);
  for (const char* id : {"d", "e", "late"}) CHECK_FALSE(f.job(id)->removed);
}

TEST_CASE("a retried job lives, and is removed after its next end") {
  NodeFixture f(short_lived());
  f.submit({completed("a")});
  f.clock.advance(9'000);
  f.submit({retried("a")});
  f.tick_after(5'000);
  CHECK_FALSE(f.job("a")->removed);
  f.submit({completed("a")});
  f.tick_after(9'999);
  CHECK_FALSE(f.job("a")->removed);
  f.tick_after(1);
  CHECK(f.job("a")->removed);
}

TEST_CASE("a retry in flight wins over the removal") {
  NodeFixture f(short_lived(), holding());
  f.submit({completed("a")});
  const auto retry = f.give({retried("a")});
  f.tick_after(10'000);
  CHECK((**retry)[0].appended);
  CHECK_FALSE(f.job("a")->removed);
}

TEST_CASE("a removal that the store refuses is tried again") {
  NodeFixture f(short_lived());
  f.submit({completed("a")});
  f.log->fail("the disk is full");
  f.tick_after(10'000);
  CHECK_FALSE(f.job("a")->removed);
  f.log->fail("");
  f.tick_after(1'000);
  CHECK(f.job("a")->removed);
}

TEST_CASE("a job passed over for an event in flight that then fails is met again") {
  NodeFixture f(short_lived(), holding());
  f.submit({completed("a")});
  const auto retry = f.give({retried("a")});
  f.clock.advance(10'000);
  f.node->tick();
  f.log->fail("the disk is full");
  f.log->commit();
  f.log->fail("");
  f.settle();
  CHECK(code_of((**retry)[0]) == ErrorCode::unavailable);
  f.tick_after(1'000);
  CHECK(f.job("a")->removed);
}

TEST_CASE("a tick does a bounded part of much work, and the next ticks the rest") {
  NodeFixture f(short_lived());
  std::vector<JobEvent> events;
  for (int i = 0; i < 5'000; ++i) events.push_back(completed("j" + std::to_string(i)));
  f.submit(std::move(events));
  f.tick_after(10'000);
  CHECK(f.node->table().live() == 3'000);
  f.tick_after(1'000);
  f.tick_after(1'000);
  CHECK(f.node->table().live() == 0);
  for (int i = 0; i < 5; ++i) f.tick_after(5'000);
  CHECK(f.node->table().size() == 0);
}

TEST_CASE("silence is declared a stall only where that is configured, and once") {
  node::NodeOptions options;
  options.stalled_after = GENERATE(0, 3'000);
  NodeFixture f(options);
  f.submit({queued("waiting"), started("a"), started("b")});
  f.clock.advance(2'000);
  f.submit(progress("b", 10));
  f.tick_after(1'500);
  CHECK(f.job("a")->stalled == (options.stalled_after > 0));
  CHECK_FALSE(f.job("b")->stalled);
  CHECK_FALSE(f.job("waiting")->stalled);
  const std::int64_t seq = f.job("a")->seq;
  f.tick_after(1'000);
  f.tick_after(1'000);
  CHECK(f.job("a")->seq == seq);
  f.submit(progress("a", 10));
  CHECK_FALSE(f.job("a")->stalled);
  f.tick_after(3'000);
  CHECK(f.job("a")->stalled == (options.stalled_after > 0));
}

TEST_CASE("a report in flight is no silence") {
  node::NodeOptions options;
  options.stalled_after = 3'000;
  NodeFixture f(options, holding());
  f.submit({started("a")});
  f.clock.advance(3'000);
  const auto report = f.give({progress("a", 10)});
  f.node->tick();
  f.settle();
  CHECK((**report)[0].appended);
  CHECK_FALSE(f.job("a")->stalled);
}
