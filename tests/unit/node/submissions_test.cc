#include "node/submissions.h"

#include <catch2/catch.hpp>

#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

log::MemoryLogOptions holding() {
  log::MemoryLogOptions options;
  options.hold_commits = true;
  return options;
}

// Every commit waits for the test: what is submitted before it is in flight together.
struct InFlight : NodeFixture {
  explicit InFlight(node::NodeOptions options = {}) : NodeFixture(options, holding()) {}
};

}  // namespace

TEST_CASE("events of one batch are validated each against what the ones before make of the job") {
  NodeFixture f;
  const auto verdicts =
      f.submit({queued("a"), started("a"), progress("a", 50), completed("a", "1"), progress("a", 60), retried("a")});
  REQUIRE(verdicts.size() == 6);
  for (const int i : {0, 1, 2, 3, 5}) {
    CHECK(verdicts[i].appended);
    CHECK(verdicts[i].job_id == JobId{"a"});
  }
  CHECK(verdicts[3].seq == 4);
  CHECK(code_of(verdicts[4]) == ErrorCode::conflict);
  CHECK(verdicts[5].seq == 5);
  CHECK(f.job("a")->attempt == 2);
}

TEST_CASE("events in flight are validated against one another, before any of them is stored") {
  InFlight f;
  const auto first = f.give({queued("a")});
  const auto second = f.give({completed("a")});
  const auto third = f.give({progress("a", 10)});
  CHECK_FALSE(third->has_value());  // a refusal, too, is true only when what it rests on is stored
  f.settle();
  CHECK((**first)[0].seq == 1);
  CHECK((**second)[0].seq == 2);
  CHECK(code_of((**third)[0]) == ErrorCode::conflict);
}

TEST_CASE("nothing to do is a success that is not logged, and as durable as what it rests on") {
  InFlight f;
  f.submit({queued("a")});
  const auto request = f.give({cancel_requested("a")});
  const auto again = f.give({cancel_requested("a")});
  CHECK_FALSE(again->has_value());
  f.settle();
  const node::Verdict& verdict = (**again)[0];
  CHECK_FALSE(verdict.appended);
  CHECK_FALSE(verdict.repeated);
  CHECK_FALSE(verdict.error);
  CHECK(verdict.seq == 2);
  CHECK(verdict.offset == (**request)[0].offset);
  CHECK(verdict.cancel_requested);
  CHECK(f.store.head == 2);
}

TEST_CASE("every verdict tells of a request to cancel: appended, repeated, unchanged and refused ones") {
  NodeFixture f;
  f.submit({queued("a"), with_event_id(started("a"), "s"), cancel_requested("a")});
  for (JobEvent event : {progress("a", 10), with_event_id(started("a"), "s"), cancel_requested("a"), queued("a")}) {
    CHECK(f.submit(event).cancel_requested);
  }
  CHECK_FALSE(f.submit(queued("b")).cancel_requested);
}

TEST_CASE(
    "a failed commit takes back what was built on it: it is answered unavailable, and the job goes on as it was") {
  InFlight f;
  f.submit({queued("a")});
  const auto done = f.give({completed("a")});
  const auto late = f.give({progress("a", 10)});  // refused only because of the completion
  f.log->fail("the disk is full");
  f.log->commit();
  f.log->fail("");
  f.settle();
  CHECK(code_of((**done)[0]) == ErrorCode::unavailable);
  CHECK((**done)[0].error->message == "the disk is full");
  CHECK((**late)[0].appended);
  CHECK(f.job("a")->status == JobStatus::active);
}

TEST_CASE("what is in flight behind a failed commit is validated anew") {
  InFlight f;
  const auto created = f.give({queued("a")});
  f.log->fail("the disk is full");
  f.log->commit();
  const auto retry = f.give({retried("a")});            // the head says queued: refused for now
  const auto cancel = f.give({cancel_requested("a")});  // on the head of a job that will not exist
  f.log->fail("");
  f.settle();
  CHECK(code_of((**created)[0]) == ErrorCode::unavailable);
  CHECK(code_of((**retry)[0]) == ErrorCode::not_found);
  CHECK(code_of((**cancel)[0]) == ErrorCode::not_found);
  CHECK(f.job("a") == nullptr);
}

TEST_CASE("a repeated eventId gets its first verdict, even when the job has ended since") {
  NodeFixture f;
  const auto first = f.submit(with_event_id(progress("a", 10), "e1"));
  f.submit(with_event_id(completed("a"), "e2"));
  const auto again = f.submit(with_event_id(progress("a", 10), "e1"));
  CHECK(again.repeated);
  CHECK_FALSE(again.appended);
  CHECK_FALSE(again.error);
  CHECK(again.offset == first.offset);
  CHECK(again.seq == first.seq);
  CHECK(f.submit(with_event_id(completed("a"), "e2")).repeated);
  CHECK(f.store.head == 2);
}

TEST_CASE("a repeated request to cancel gets its first verdict, not `unchanged`") {
  NodeFixture f;
  f.submit(queued("a"));
  const auto first = f.submit(with_event_id(cancel_requested("a"), "c"));
  const auto again = f.submit(with_event_id(cancel_requested("a"), "c"));
  CHECK(again.repeated);
  CHECK(again.seq == first.seq);
}

TEST_CASE("an eventId with another body is refused, whatever the job is now") {
  NodeFixture f;
  f.submit(with_event_id(progress("a", 10), "e1"));
  CHECK(code_of(f.submit(with_event_id(progress("a", 20), "e1"))) == ErrorCode::event_id_reused);
  f.submit(completed("a"));
  CHECK(code_of(f.submit(with_event_id(progress("a", 30), "e1"))) == ErrorCode::event_id_reused);
  CHECK(code_of(f.submit(with_event_id(progress("a", 30), "e9"))) == ErrorCode::conflict);
}

TEST_CASE("the same eventId several times in one batch is stored once") {
  NodeFixture f;
  const auto one = with_event_id(progress("a", 10), "e1");
  const auto end = with_event_id(completed("a"), "e2");
  const auto verdicts = f.submit({one, one, with_event_id(progress("a", 11), "e1"), end, end, one});
  CHECK(verdicts[0].appended);
  CHECK(verdicts[1].repeated);
  CHECK(verdicts[1].offset == verdicts[0].offset);
  CHECK(code_of(verdicts[2]) == ErrorCode::event_id_reused);
  CHECK(verdicts[3].appended);
  CHECK(verdicts[3].seq == 2);
  CHECK(verdicts[4].repeated);
  CHECK(verdicts[5].repeated);
  CHECK(f.store.head == 2);
}

TEST_CASE("a batch of a thousand pairs of one eventId is stored in full") {
  NodeFixture f;
  std::vector<JobEvent> events;
  for (int i = 0; i < 1'000; ++i) events.push_back(with_event_id(log_line("a", "line"), std::to_string(i / 2)));
  const auto verdicts = f.submit(std::move(events));
  for (int i = 0; i < 1'000; ++i) {
    CHECK(verdicts[i].appended == (i % 2 == 0));
    CHECK(verdicts[i].repeated == (i % 2 == 1));
  }
}

TEST_CASE("a batch that repeats a refused event gets the same refusal each time") {
  NodeFixture f;
  f.submit(completed("a"));
  const auto verdicts = f.submit(std::vector<JobEvent>(100, with_event_id(progress("a", 10), "e")));
  for (const auto& verdict : verdicts) CHECK(code_of(verdict) == ErrorCode::conflict);
}

TEST_CASE("a batch that was stored in part is completed by sending it again") {
  InFlight f;
  std::vector<JobEvent> events;
  for (int i = 0; i < 20; ++i) events.push_back(with_event_id(progress("a", i), "e" + std::to_string(i)));
  std::vector<JobEvent> odd;
  for (int i = 1; i < 20; i += 2) odd.push_back(events[i]);
  f.submit(odd);
  const auto one = f.give(events);  // two connections at once
  const auto other = f.give(events);
  f.settle();
  for (int i = 0; i < 20; ++i) {
    CHECK((**one)[i].appended == (i % 2 == 0));
    CHECK((**one)[i].repeated == (i % 2 == 1));
    CHECK((**other)[i].repeated);
    CHECK((**other)[i].seq == (**one)[i].seq);
  }
  CHECK(f.job("a")->seq == 20);
}

TEST_CASE("of two racing writers one wins, and the other hears of it") {
  InFlight f;
  f.submit({queued("a"), started("a")});
  const auto worker = f.give({with_attempt(completed("a"), 1)});
  const auto user = f.give({cancelled("a")});
  f.settle();
  CHECK((**worker)[0].appended);
  CHECK(code_of((**user)[0]) == ErrorCode::conflict);
  CHECK(f.job("a")->status == JobStatus::completed);
}

TEST_CASE("a new job past the limit is unavailable; known ones go on, and a removal makes room") {
  node::NodeOptions options;
  options.most_jobs = 2;
  NodeFixture f(options);
  const auto verdicts = f.submit({queued("a"), queued("b"), queued("c"), progress("a", 10)});
  CHECK(verdicts[1].appended);
  CHECK(code_of(verdicts[2]) == ErrorCode::unavailable);
  CHECK(verdicts[3].appended);
  f.submit(removed("a"));
  CHECK(f.submit(queued("c")).appended);
}

TEST_CASE("an empty submission is answered") {
  NodeFixture f;
  CHECK(f.submit(std::vector<JobEvent>{}).empty());
}

TEST_CASE("while the store takes no writes events are unavailable; afterwards the job begins with its first event") {
  NodeFixture f;
  f.log->fail("the disk is full");
  CHECK(code_of(f.submit(queued("a"))) == ErrorCode::unavailable);
  CHECK(code_of(f.submit(started("a"))) == ErrorCode::unavailable);
  f.log->fail("");
  CHECK(f.submit(queued("a")).seq == 1);
}
