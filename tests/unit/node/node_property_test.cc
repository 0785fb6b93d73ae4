// Whatever is submitted, in whatever batches, while commits wait, fail and servers restart.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <map>

#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

JobEvent body_of(int kind, const std::string& job, int value) {
  switch (kind) {
    case 0:
      return queued(job);
    case 1:
      return started(job);
    case 2:
      return progress(job, value);
    case 3:
      return with_message(log_line(job, "line"), std::to_string(value));
    case 4:
      return updated(job, "warming up");
    case 5:
      return completed(job, std::to_string(value));
    case 6:
      return failed(job);
    case 7:
      return cancel_requested(job);
    case 8:
      return cancelled(job);
    case 9:
      return retried(job);
    case 10:
      return stalled(job);
    case 11:
      return resumed(job);
    default:
      return removed(job);
  }
}

rc::Gen<JobEvent> an_event() {
  return rc::gen::exec([] {
    // Chatter more often than ends, so that jobs live long enough for something to happen to them.
    const int kind = *rc::gen::weightedOneOf<int>(
        {{6, rc::gen::inRange(0, 5)}, {3, rc::gen::inRange(5, 12)}, {1, rc::gen::just(12)}});
    JobEvent event = body_of(kind, "j" + std::to_string(*rc::gen::inRange(0, 4)), *rc::gen::inRange(0, 101));
    const int id = *rc::gen::inRange(0, 12);
    if (id < 6) event.event_id = "e" + std::to_string(id);
    if (*rc::gen::inRange(0, 10) == 0) event.attempt = 1;
    if (*rc::gen::inRange(0, 4) == 0) event.identity.user_id.value = *rc::gen::inRange(0, 4) == 0 ? "bob" : "alice";
    return event;
  });
}

// What the log holds, checked as it grows: every event valid on what came before, and the fold of all of them.
struct Fold {
  std::map<JobId, JobState> jobs;
  std::map<std::int64_t, JobEvent> events;  // by offset

  void take(const JobEvent& event) {
    JobState& job = jobs[event.job_id];
    const Result<Admission> admission = validate(job.seq == 0 ? nullptr : &job, event);
    RC_ASSERT(static_cast<bool>(admission));
    RC_ASSERT(*admission == Admission::append);
    RC_ASSERT(event.seq == job.seq + 1);
    RC_ASSERT(event.offset > newest());
    apply(job, event);
    events[event.offset] = event;
  }
  std::int64_t newest() const { return events.empty() ? 0 : events.rbegin()->first; }
  void check_against(const node::JobTable& table) const {
    RC_ASSERT(table.size() == jobs.size());
    for (const auto& [id, job] : jobs) {
      RC_ASSERT(table.find(id) != nullptr);
      RC_ASSERT(table.find(id)->state == job);
    }
  }
};

struct Given {
  std::vector<JobEvent> events;
  std::shared_ptr<std::optional<std::vector<node::Verdict>>> answer;
};

void check(const Given& given, const Fold& fold) {
  RC_ASSERT(given.answer->has_value());
  const auto& verdicts = **given.answer;
  RC_ASSERT(verdicts.size() == given.events.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    RC_ASSERT(verdicts[i].job_id == given.events[i].job_id);
    RC_ASSERT(verdicts[i].appended + verdicts[i].repeated + verdicts[i].error.has_value() <= 1);
    if (!verdicts[i].appended && !verdicts[i].repeated) continue;
    const auto stored = fold.events.find(verdicts[i].offset);
    RC_ASSERT(stored != fold.events.end());
    JobEvent expected = stamped(given.events[i], verdicts[i].seq, verdicts[i].offset, stored->second.at);
    RC_ASSERT(stored->second == expected);
  }
}

log::MemoryLogOptions holding() {
  log::MemoryLogOptions options;
  options.hold_commits = true;
  return options;
}

}  // namespace

TEST_CASE("property: every logged event is valid, the table is their fold, and an acknowledgement is in the log") {
  const auto holds = rc::check([] {
    node::NodeOptions options;
    options.snapshot_every = *rc::gen::inRange(1, 20);
    NodeFixture f(options, holding());
    Fold fold;
    const auto observe = [&] { f.node->observe([&](const node::Change& change) { fold.take(change.event); }, {}); };
    observe();

    std::vector<Given> answered;
    std::vector<Given> open;
    for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12))) {
      if (step < 7) {
        auto events = *rc::gen::container<std::vector<JobEvent>>(an_event());
        open.push_back({events, f.give(events)});
      } else if (step < 9) {
        f.log->commit();
        if (step == 8) f.loop.run_posted();
      } else if (step == 9) {
        f.log->fail("the disk is full");
        f.log->commit();
        f.log->fail("");
      } else if (step == 10) {
        f.settle();
        answered.insert(answered.end(), open.begin(), open.end());
        open.clear();
        f.tick_after(1'000);
      } else {  // killed: what was answered is there; what was stored and not told, too
        for (const Given& given : open) {
          if (*given.answer) answered.push_back(given);
        }
        for (const log::SharedEvent& event : f.store.records) {
          if (event->offset > fold.newest()) fold.take(*event);
        }
        open.clear();
        f.start();
        observe();
        fold.check_against(f.node->table());
      }
    }
    f.settle();
    answered.insert(answered.end(), open.begin(), open.end());
    for (const Given& given : answered) check(given, fold);
    fold.check_against(f.node->table());
    RC_ASSERT(f.node->head().offset == f.store.head);
  });
  CHECK(holds);
}
