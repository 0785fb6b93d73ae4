#include "log/event_log.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;
using log::fingerprint;
using log::is_lifecycle;

TEST_CASE("lifecycle is what begins, ends or turns a job; the rest is chatter") {
  for (const JobEvent& event : {queued("a"), started("a"), completed("a"), failed("a"), cancel_requested("a"),
                                cancelled("a"), retried("a"), removed("a")}) {
    CHECK(is_lifecycle(event));
  }
  for (const JobEvent& event : {progress("a", 1), log_line("a", "x"), updated("a"), stalled("a"), resumed("a"),
                                event_of("a", event::Unknown{"new"})}) {
    CHECK_FALSE(is_lifecycle(event));
  }
}

TEST_CASE("what the log stamps is no part of a fingerprint") {
  const JobEvent event = with_event_id(progress("a", 10), "e1");
  CHECK(fingerprint(event) == fingerprint(stamped(event, 3, 17, 5000)));
}

TEST_CASE("every field that a reporter gives is part of the fingerprint") {
  const JobEvent plain = with_event_id(updated("a"), "e1");
  std::vector<JobEvent> others = {
      with_event_id(updated("b"), "e1"),
      with_event_id(updated("a"), "e2"),
      with_event_id(log_line("a", ""), "e1"),
      with_event_id(updated("a", "warm"), "e1"),
      with_user(plain, "alice"),
      with_queue(plain, "alice"),
      with_type(plain, "alice"),
      with_stage(plain, ""),
      with_stage(plain, "x"),
      with_message(plain, ""),
      with_message(plain, "x"),
      with_metadata(plain, "k", "1"),
      with_metadata(plain, "k", "1.0"),
      with_metadata(plain, "k1", "1"),
      with_attempt(plain, 1),
      with_attempt(plain, 2),
  };
  JobEvent other = plain;
  other.identity.ref = "alice";
  others.push_back(other);
  other = plain;
  other.identity.parent_id.value = "alice";
  others.push_back(other);
  other = plain;
  other.reported_at = 5;
  others.push_back(other);
  other = plain;
  std::get<event::Updated>(other.body).progress = Percent{0};
  others.push_back(other);
  for (const JobEvent& body : {queued("a"),
                               queued("a", 1),
                               with_payload(queued("a"), "1"),
                               started("a"),
                               started("a", "w"),
                               progress("a", 0),
                               progress("a", 1),
                               completed("a"),
                               completed("a", "1"),
                               failed("a", "x"),
                               failed("a", "x", "y"),
                               failed("a", "xy"),
                               cancel_requested("a"),
                               cancel_requested("a", "x"),
                               cancelled("a"),
                               cancelled("a", "x"),
                               retried("a"),
                               stalled("a"),
                               resumed("a"),
                               removed("a")}) {
    others.push_back(with_event_id(body, "e1"));
  }
  others.push_back(plain);
  for (std::size_t i = 0; i < others.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      INFO(i << " against " << j);
      CHECK(fingerprint(others[i]) != fingerprint(others[j]));
    }
  }
}

TEST_CASE("fingerprints are stored: they never change") {
  CHECK(fingerprint(with_event_id(progress("a", 10), "e1")) == 0x6539136937fa8e91ULL);
  CHECK(fingerprint(with_metadata(with_stage(with_user(completed("a", "{}"), "alice"), ""), "k", "1")) ==
        0xa0476e5dc52870aeULL);
}
