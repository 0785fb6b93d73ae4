#include "log/job_heads.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;
using log::JobHeads;
using Offsets = std::vector<std::int64_t>;

TEST_CASE("a job is numbered by the offset of its first event") {
  JobHeads heads;
  CHECK(heads.find(JobId{"a"}) == nullptr);
  CHECK(heads.add(stamped(queued("a"), 1, 7, 0)) == 7);
  CHECK(heads.add(stamped(progress("a", 1), 2, 9, 0)) == 7);
  CHECK(heads.find(JobId{"a"})->seq == 2);
  CHECK(heads.recent(7)->lifecycle == Offsets{7});
  CHECK(heads.recent(7)->chatter == Offsets{9});
}

TEST_CASE("what is taken back leaves no trace") {
  JobHeads heads;
  const JobEvent first = stamped(with_event_id(queued("a"), "e1"), 1, 7, 0);
  const JobEvent second = stamped(with_event_id(progress("a", 1), "e2"), 2, 8, 0);
  heads.add(first);
  heads.add(second);
  heads.take_back(second);
  CHECK(heads.find(JobId{"a"})->seq == 1);
  CHECK(heads.recent(7)->chatter.empty());
  CHECK_FALSE(heads.recent(7)->event_ids.contains("e2"));
  heads.take_back(first);
  CHECK(heads.find(JobId{"a"}) == nullptr);
  CHECK(heads.recent().empty());
}

TEST_CASE("settled events are recent no more, the job's head stays") {
  JobHeads heads;
  heads.add(stamped(with_event_id(queued("a"), "e1"), 1, 1, 0));
  heads.add(stamped(progress("a", 1), 2, 2, 0));
  heads.add(stamped(with_event_id(progress("a", 2), "e3"), 3, 3, 0));
  CHECK(heads.recent(1)->oldest() == 1);
  heads.settle(2);
  CHECK(heads.recent(1)->lifecycle.empty());
  CHECK(heads.recent(1)->chatter == Offsets{3});
  CHECK(heads.recent(1)->oldest() == 3);
  CHECK_FALSE(heads.recent(1)->event_ids.contains("e1"));
  CHECK(heads.recent(1)->event_ids.contains("e3"));
  heads.settle(3);
  CHECK(heads.recent(1) == nullptr);
  CHECK(heads.find(JobId{"a"})->seq == 3);
}

TEST_CASE("a forgotten job hands over what was recent of it, and comes back under another number") {
  JobHeads heads;
  heads.add(stamped(queued("a"), 1, 1, 0));
  heads.add(stamped(log_line("a", "x"), 2, 2, 0));
  log::RecentEvents recent;
  CHECK(heads.forget(JobId{"a"}, &recent).number == 1);
  CHECK(recent.lifecycle == Offsets{1});
  CHECK(recent.chatter == Offsets{2});
  CHECK(heads.forget(JobId{"a"}, &recent).seq == 0);
  CHECK(heads.add(stamped(queued("a"), 1, 3, 0)) == 3);
}
