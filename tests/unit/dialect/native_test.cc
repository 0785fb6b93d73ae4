#include "dialect/native.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;
using namespace jobwire::dialect;

namespace {

const Cursor kCursor{0xff, 12};

Changes three() {
  Changes changes;
  changes.add_event(event_segment(stamped(progress("a", 40), 2, 11, 5), Visibility::viewer));
  JobState job;
  apply(job, stamped(with_user(queued("b"), "alice"), 1, 12, 6));
  changes.add_job(job_segment(job, Visibility::viewer));
  changes.add_removal(removal_segment(JobId{"c"}, 10));
  return changes;
}

}  // namespace

TEST_CASE("a message joined from segments is the message that the codec would write") {
  const Changes changes = three();
  const std::vector<Channel> followed{{ChannelKind::user, "alice"}};
  const std::string text = changes_message(
      {.cursor = kCursor, .reset = true, .synced = true, .followed = followed, .truncated = followed}, changes);
  const auto message = decode_server_message(text);
  REQUIRE(message);
  CHECK(encode_server_message(*message) == text);
  const auto& told = std::get<push::Changes>(*message);
  CHECK(told.events.size() == 1);
  CHECK(told.jobs.size() == 1);
  CHECK(told.removed == std::vector<RemovedJob>{{JobId{"c"}, 10}});
}

TEST_CASE("over HTTP the object stands by itself, with who asked and the overlay") {
  JobEstimate estimate;
  estimate.job_id.value = "b";
  estimate.queue_position = 1;
  const QueueCounts counts{"normal", 2, 1, {}};
  const std::string message = R"({"name":"hello","data":[1]})";
  const std::string text = changes_object({.cursor = kCursor,
                                           .user = "alice",
                                           .role = "user",
                                           .estimates = {estimate},
                                           .queues = std::vector{counts},
                                           .messages = {message, message}},
                                          three());
  const auto told = decode_changes(text);
  REQUIRE(told);
  CHECK(told->cursor == kCursor);
  CHECK(told->user == "alice");
  CHECK(told->estimates == std::vector<JobEstimate>{estimate});
  CHECK(told->queues == std::vector{counts});
  CHECK(text.find("\"messages\":[" + message + "," + message + "]") != std::string::npos);
}

TEST_CASE("nothing to tell is a cursor alone") {
  CHECK(changes_message({.cursor = kCursor}, {}) == R"({"event":"changes","data":{"cursor":"00000000000000ff:12"}})");
}

TEST_CASE("the same pieces are the same segments; equal ones are not") {
  const Changes one = three();
  const Changes copy = one;
  CHECK(one.same_segments(copy));
  CHECK_FALSE(one.same_segments(three()));
}

TEST_CASE("a viewer's segments hold nothing that is for admins") {
  JobState job;
  apply(job, stamped(started("a", "worker-7"), 1, 1, 1));
  CHECK(job_segment(job, Visibility::viewer)->find("worker-7") == std::string::npos);
  CHECK(job_segment(job, Visibility::admin)->find("worker-7") != std::string::npos);
  const JobEvent event = stamped(started("a", "worker-7"), 1, 1, 1);
  CHECK(event_segment(event, Visibility::viewer)->find("worker-7") == std::string::npos);
}
