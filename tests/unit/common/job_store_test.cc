#include "jobwire/job_store.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

push::Changes with_events(std::vector<JobEvent> events) {
  push::Changes changes;
  changes.events = std::move(events);
  return changes;
}

push::Changes with_job(JobState job) {
  push::Changes changes;
  changes.jobs.push_back(std::move(job));
  return changes;
}

JobState job_at(std::string id, std::int64_t version, std::int64_t seq, JobStatus status = JobStatus::active) {
  JobState job;
  job.id.value = std::move(id);
  job.status = status;
  job.version = version;
  job.seq = seq;
  return job;
}

const JobId kA{"a"};

}  // namespace

TEST_CASE("an event applies where its seq is the next one, and a smaller one is ignored") {
  JobStore store;
  store.fold(with_events({stamped(queued("a"), 1, 10, 1), stamped(progress("a", 20), 2, 11, 2)}));
  store.fold(with_events({stamped(progress("a", 90), 2, 11, 2)}));
  REQUIRE(store.find(kA));
  CHECK(store.find(kA)->progress == percent(20));
  CHECK(store.take_stale().empty());
}

TEST_CASE("a gap or an unknown type makes the job stale until a snapshot that is new enough") {
  JobStore store;
  store.fold(with_events({stamped(queued("a"), 1, 10, 1)}));
  SECTION("a gap") { store.fold(with_events({stamped(progress("a", 50), 3, 12, 3)})); }
  SECTION("an unknown type") { store.fold(with_events({stamped(event_of("a", event::Unknown{"zap"}), 2, 12, 3)})); }
  CHECK(store.is_stale(kA));
  CHECK(store.take_stale() == std::vector<JobId>{kA});
  CHECK(store.take_stale().empty());  // asked once
  store.fold(with_job(job_at("a", 11, 2)));
  CHECK(store.is_stale(kA));
  store.fold(with_job(job_at("a", 12, 3)));
  CHECK_FALSE(store.is_stale(kA));
  CHECK(store.find(kA)->seq == 3);
}

TEST_CASE("an event of a job that is not known asks for the job") {
  JobStore store;
  store.fold(with_events({stamped(progress("a", 50), 7, 12, 3)}));
  CHECK(store.find(kA) == nullptr);
  CHECK(store.take_stale() == std::vector<JobId>{kA});
}

TEST_CASE("a lost connection asks again for what is still in doubt") {
  JobStore store;
  store.fold(with_events({stamped(progress("a", 50), 7, 12, 3)}));
  store.take_stale();
  store.connection_lost();
  CHECK(store.take_stale() == std::vector<JobId>{kA});
}

TEST_CASE("many events come out as one change") {
  JobStore store;
  store.fold(with_events({stamped(queued("a"), 1, 1, 1)}));
  store.take();
  for (int i = 2; i < 100; ++i) store.fold(with_events({stamped(progress("a", i), i, i, i)}));
  const auto changes = store.take();
  REQUIRE(changes.size() == 1);
  CHECK((changes[0].fields & kChangedProgress) != 0);
  CHECK((changes[0].fields & (kChangedResult | kChangedMetadata | kChangedIdentity)) == 0);
  CHECK(store.take().empty());
}

TEST_CASE("a reset is staged and swapped in when it is whole") {
  JobStore store;
  store.fold(with_job(job_at("a", 5, 1)));
  store.fold(with_job(job_at("old", 6, 1)));
  store.take();
  push::Changes first = with_job(job_at("a", 2, 9));
  first.reset = true;
  store.fold(first);
  CHECK(store.resetting());
  CHECK(store.find(kA)->version == 5);
  CHECK(store.take().empty());
  push::Changes last = with_job(job_at("b", 3, 1));
  last.synced = true;
  store.fold(last);
  CHECK_FALSE(store.resetting());
  CHECK(store.find(kA)->version == 2);
  CHECK(store.find(JobId{"old"}) == nullptr);
  std::vector<std::string> told;
  for (const StoreChange& change : store.take()) told.push_back(change.job_id.value);
  std::sort(told.begin(), told.end());
  CHECK(told == std::vector<std::string>{"a", "b", "old"});
}

TEST_CASE("a first view is shown as it comes: there is nothing to protect") {
  JobStore store;
  push::Changes first = with_job(job_at("a", 2, 9));
  first.reset = true;
  store.fold(first);
  CHECK(store.find(kA) != nullptr);
}

TEST_CASE("a reset that breaks off leaves the view as it was") {
  JobStore store;
  store.fold(with_job(job_at("a", 5, 1)));
  push::Changes first = with_job(job_at("a", 7, 3));
  first.reset = true;
  store.fold(first);
  store.connection_lost();
  CHECK_FALSE(store.resetting());
  CHECK(store.find(kA)->version == 5);
}

TEST_CASE("an end is told once, to who followed the job alive") {
  JobStore store;
  const auto ended = [&] {
    bool told = false;
    for (const StoreChange& change : store.take()) told = told || (change.fields & kChangedEnded) != 0;
    return told;
  };
  SECTION("by an event") {
    store.fold(with_events({stamped(started("a"), 1, 1, 1)}));
    CHECK_FALSE(ended());
    store.fold(with_events({stamped(completed("a"), 2, 2, 2)}));
    CHECK(ended());
    store.fold(with_job(job_at("a", 2, 2, JobStatus::completed)));
    CHECK_FALSE(ended());
  }
  SECTION("by a snapshot after a gap in the connection") {
    store.fold(with_job(job_at("a", 1, 1)));
    store.fold(with_job(job_at("a", 5, 5, JobStatus::failed)));
    CHECK(ended());
  }
  SECTION("by being told anew, where it was forgotten before anybody looked") {
    store.fold(with_job(job_at("a", 1, 1)));
    CHECK_FALSE(ended());
    store.clear();
    store.fold(with_job(job_at("a", 5, 5, JobStatus::completed)));
    CHECK(ended());
  }
  SECTION("not where it was shown as gone in between") {
    store.fold(with_job(job_at("a", 1, 1)));
    CHECK_FALSE(ended());
    store.clear();
    CHECK_FALSE(ended());
    store.fold(with_job(job_at("a", 5, 5, JobStatus::completed)));
    CHECK_FALSE(ended());
  }
  SECTION("not on a page that loads when all is over") {
    store.fold(with_job(job_at("a", 5, 5, JobStatus::completed)));
    CHECK_FALSE(ended());
  }
  SECTION("again for the next attempt") {
    JobState first = job_at("a", 5, 5, JobStatus::failed);
    store.fold(with_job(first));
    store.take();
    JobState second = job_at("a", 9, 9, JobStatus::completed);
    second.attempt = 2;
    store.fold(with_job(second));
    CHECK(ended());
  }
}

TEST_CASE("a removal takes the job away, but not a newer one of the same name") {
  JobStore store;
  store.fold(with_job(job_at("a", 5, 1)));
  push::Changes older;
  older.removed = {{kA, 4}};
  store.fold(older);
  CHECK(store.find(kA) != nullptr);
  push::Changes newer;
  newer.removed = {{kA, 6}};
  store.fold(newer);
  CHECK(store.find(kA) == nullptr);
}

namespace {
void retain_alices(JobStore& store) {
  store.retain(false, [](const JobState& job) { return job.seq == 0 || job.identity.user_id.value == "alice"; });
}
}  // namespace

TEST_CASE("what no followed channel carries is dropped") {
  JobStore store;
  JobState mine = job_at("a", 1, 1);
  mine.identity.user_id.value = "alice";
  store.fold(with_job(mine));
  store.fold(with_job(job_at("b", 2, 1)));
  retain_alices(store);
  CHECK(store.find(kA) != nullptr);
  CHECK(store.find(JobId{"b"}) == nullptr);
}

TEST_CASE("a job known by name only stays in doubt while anything is followed, for any channel may carry it") {
  JobStore store;
  store.fold(with_events({stamped(progress("a", 50), 7, 12, 3)}));
  retain_alices(store);
  CHECK(store.is_stale(kA));
  CHECK(store.take_stale() == std::vector<JobId>{kA});
  SECTION("until its snapshot says who carries it") {
    store.fold(with_job(job_at("a", 12, 7)));  // nobody's
    retain_alices(store);
    CHECK(store.size() == 0);
    CHECK(store.take().empty());
  }
  SECTION("until a fresh view does not tell it") {
    push::Changes fresh;
    fresh.reset = fresh.synced = true;
    store.fold(fresh);
    CHECK(store.size() == 0);
  }
  SECTION("until it is said to be none") {
    push::Changes gone;
    gone.removed = {{kA, 12}};
    store.fold(gone);
    CHECK(store.size() == 0);
  }
  SECTION("and no longer than that") {
    store.retain(false, [](const JobState&) { return false; });
    CHECK(store.size() == 0);
  }
}

TEST_CASE("a new doubt is asked for, whatever was asked about the job before") {
  JobStore store;
  store.fold(with_job(job_at("a", 5, 3)));
  store.fold(with_events({stamped(progress("a", 50), 7, 12, 3)}));
  CHECK(store.take_stale() == std::vector<JobId>{kA});
  store.fold(with_job(job_at("a", 12, 7)));
  store.asked("a");  // a poll's answer names it as told
  CHECK_FALSE(store.is_stale(kA));
  store.fold(with_events({stamped(progress("a", 60), 9, 14, 4)}));
  CHECK(store.take_stale() == std::vector<JobId>{kA});
}

TEST_CASE("a report that ends a stall is a change of the lifecycle") {
  JobStore store;
  store.fold(with_events({stamped(started("a"), 1, 1, 1), stamped(event_of("a", event::Stalled{}), 2, 2, 2)}));
  store.take();
  store.fold(with_events({stamped(progress("a", 10), 3, 3, 3)}));
  const auto changes = store.take();
  REQUIRE(changes.size() == 1);
  CHECK((changes[0].fields & kChangedLifecycle) != 0);
}

TEST_CASE("texts that stay the same are not told again") {
  JobStore store;
  const auto report = [&](std::int64_t seq, std::string stage, std::string message) {
    JobEvent event = progress("a", static_cast<double>(seq));
    event.stage = std::move(stage);
    event.message = std::move(message);
    store.fold(with_events({stamped(std::move(event), seq, seq, seq)}));
    return store.take().at(0).fields;
  };
  CHECK(report(1, "pages", "page 1") == kChangedAll);
  CHECK(report(2, "pages", "page 1") == kChangedProgress);
  CHECK(report(3, "pages", "page 2") == (kChangedProgress | kChangedMessage));
  CHECK(report(4, "text", "page 2") == (kChangedProgress | kChangedStage));
}

TEST_CASE("a reader hears of a job under one slot from its first snapshot to its removal, and of nothing before") {
  JobStore store;
  struct Told {
    std::uint32_t slot, fields;
    bool is_there;
  };
  const auto told = [&] {
    std::vector<Told> all;
    store.take([&](const ChangedJob& change) { all.push_back({change.slot, change.fields, change.job != nullptr}); });
    return all;
  };
  store.fold(with_events({stamped(progress("a", 50), 7, 12, 3)}));  // known by name only, in doubt
  CHECK(told().empty());
  store.fold(with_job(job_at("b", 5, 1)));
  store.fold(with_job(job_at("a", 12, 7)));
  const auto first = told();
  REQUIRE(first.size() == 2);
  CHECK(first[0].slot != first[1].slot);
  for (const Told& each : first) CHECK((each.fields & (kChangedNew | kChangedAll)) == (kChangedNew | kChangedAll));
  push::Changes gone;
  gone.removed = {{JobId{"b"}, 6}};
  store.fold(gone);
  store.fold(with_job(job_at("b", 7, 1)));  // there again before anybody looked: the same to the reader
  const auto again = told();
  REQUIRE(again.size() == 1);
  CHECK(again[0].slot == first[0].slot);
  CHECK(again[0].is_there);
  gone.removed = {{JobId{"b"}, 8}};
  store.fold(gone);
  const auto last = told();
  REQUIRE(last.size() == 1);
  CHECK((last[0].fields & kChangedRemoved) != 0);
  store.fold(with_job(job_at("c", 9, 1)));
  const auto next = told();
  REQUIRE(next.size() == 1);
  CHECK(next[0].slot == first[0].slot);  // free again
  CHECK((next[0].fields & kChangedNew) != 0);
}
