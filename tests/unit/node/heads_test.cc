#include "node/heads.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::node;
using namespace jobwire::test;

namespace {

const JobId kJob{"a"};

JobEvent advance(Heads& heads, JobEvent event, Ticket ticket, const JobState* stored = nullptr) {
  heads.advance(event, stored, ticket, 1'000);
  return event;
}

}  // namespace

TEST_CASE("a head is what the job will be once what is under way is stored") {
  Heads heads;
  JobState stored;
  apply(stored, stamped(queued("a"), 1, 7, 900));
  CHECK(advance(heads, progress("a", 10), 1, &stored).seq == 2);
  CHECK(advance(heads, completed("a"), 2, &stored).seq == 3);
  REQUIRE(heads.find(kJob));
  CHECK(heads.find(kJob)->state.status == JobStatus::completed);
  CHECK(heads.find(kJob)->state.seq == 3);
  CHECK(heads.creating() == 0);

  heads.settle(kJob, 1);
  CHECK(heads.find(kJob));
  heads.settle(kJob, 2);
  CHECK_FALSE(heads.find(kJob));
  CHECK(heads.discards() == 0);
}

TEST_CASE("a discard ends the head that the failed batch belongs to, and no younger one") {
  Heads heads;
  advance(heads, queued("a"), 1);
  advance(heads, progress("a", 10), 2);
  CHECK(heads.creating() == 1);
  heads.discard(kJob, 1);
  CHECK_FALSE(heads.find(kJob));
  advance(heads, queued("a"), 3);  // begun anew while batch 2 is still under way
  heads.discard(kJob, 2);
  CHECK(heads.find(kJob));
  CHECK(heads.discards() == 2);
  heads.settle(kJob, 3);
  CHECK_FALSE(heads.find(kJob));
}

TEST_CASE("a head that is used again remembers nothing of the job before") {
  Heads heads;
  advance(heads, with_payload(with_metadata(queued("a", 5), "k", "1"), "[1]"), 1);
  heads.settle(kJob, 1);
  advance(heads, started("b"), 2);
  JobState fresh;
  apply(fresh, stamped(started("b"), 1, 1, 1'000));
  CHECK(heads.find(JobId{"b"})->state == fresh);
}
