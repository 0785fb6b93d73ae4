#include "jobwire/job_event.h"

#include <catch2/catch.hpp>

#include "jobwire/codec.h"
#include "support/events.h"
#include "support/vectors.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

JobState folded(std::vector<JobEvent> events) {
  JobState job;
  std::int64_t seq = 0;
  for (JobEvent& event : events) {
    ++seq;
    apply(job, stamped(std::move(event), seq, 100 + seq, 1'000 + seq));
  }
  return job;
}

// "append", "nothing" or the code of the refusal.
std::string verdict(const JobState* head, const JobEvent& event) {
  const auto admission = validate(head, event);
  if (!admission) return std::string(code_name(admission.error().code));
  return *admission == Admission::append ? "append" : "nothing";
}

}  // namespace

TEST_CASE("golden histories fold into their jobs") {
  for (const std::string& line : vector_lines("reducer.ndjson")) {
    const auto parts = split_array(line, 1000);
    REQUIRE(parts);
    JobState job;
    for (std::size_t i = 0; i + 1 < parts->size(); ++i) {
      const auto event = decode_stored_event((*parts)[i]);
      REQUIRE(event);
      apply(job, *event);
    }
    CHECK(encode_job(job, Visibility::store) == parts->back());
  }
}

TEST_CASE("what may be appended follows the table of PROTOCOL.md") {
  const JobState waiting = folded({queued("a")});
  const JobState active = folded({queued("a"), started("a")});
  const JobState ended = folded({queued("a"), completed("a")});
  const JobState gone = folded({queued("a"), removed("a")});
  const JobState asked = folded({started("a"), cancel_requested("a")});
  const JobState silent = folded({started("a"), stalled("a")});
  const auto row = [&](const JobEvent& event) {
    std::string text;
    for (const JobState* head : {static_cast<const JobState*>(nullptr), &waiting, &active, &ended, &gone}) {
      text += verdict(head, event) + " ";
    }
    return text;
  };
  CHECK(row(queued("a")) == "append conflict conflict conflict gone ");
  for (const JobEvent& event : {started("a"), progress("a", 1), log_line("a", "x"), updated("a"), completed("a"),
                                failed("a"), cancelled("a")}) {
    CHECK(row(event) == "append append append conflict gone ");
  }
  CHECK(row(cancel_requested("a")) == "not_found append append conflict gone ");
  CHECK(row(stalled("a")) == "not_found conflict append conflict gone ");
  CHECK(row(resumed("a")) == "not_found conflict nothing conflict gone ");
  CHECK(row(retried("a")) == "not_found conflict conflict append gone ");
  CHECK(row(removed("a")) == "not_found append append append nothing ");
  CHECK(verdict(&asked, cancel_requested("a")) == "nothing");
  CHECK(verdict(&silent, stalled("a")) == "nothing");
  CHECK(verdict(&silent, resumed("a")) == "append");
}

TEST_CASE("a stale attempt cannot report on a new one") {
  const JobState second = folded({started("a"), failed("a"), retried("a")});
  CHECK(verdict(&second, with_attempt(completed("a"), 1)) == "conflict");
  CHECK(verdict(&second, with_attempt(completed("a"), 2)) == "append");
}

TEST_CASE("identity is set once") {
  const JobState job = folded({with_user(queued("a"), "alice")});
  CHECK(verdict(&job, with_user(progress("a", 1), "bob")) == "conflict");
  CHECK(validate(&job, with_user(progress("a", 1), "bob")).error().field == "job.userId");
  CHECK(verdict(&job, with_user(progress("a", 1), "alice")) == "append");
  CHECK(verdict(&job, with_type(progress("a", 1), "pdf")) == "append");
}

TEST_CASE("metadata stays bounded however often it is merged") {
  const std::string large = "\"" + std::string(40'000, 'x') + "\"";
  const JobState job = folded({with_metadata(queued("a"), "one", large)});
  CHECK(verdict(&job, with_metadata(log_line("a", ""), "two", large)) == "too_large");
  CHECK(verdict(&job, with_metadata(log_line("a", ""), "one", large)) == "append");
}

TEST_CASE("stages beyond the bound change the stage and are not listed") {
  std::vector<JobEvent> events;
  for (int i = 0; i < 100; ++i) events.push_back(with_stage(progress("a", 1), "stage" + std::to_string(i)));
  const JobState job = folded(std::move(events));
  CHECK(job.stage == "stage99");
  CHECK(job.stages.size() == kMaxStages);
}

TEST_CASE("a type is known by its whole name, and a missing one by none") {
  CHECK(event_type("cancel-requested") == EventType::cancel_requested);
  CHECK(event_type("queue") == EventType::unknown);
  CHECK(event_type("queued and more than any name") == EventType::unknown);
  CHECK(event_type("") == EventType::unknown);
  CHECK(event_type(std::string_view()) == EventType::unknown);
}
