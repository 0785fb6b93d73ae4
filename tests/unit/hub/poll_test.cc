#include "hub/poll.h"

#include <catch2/catch.hpp>

#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Polled {
  std::unique_ptr<hub::Poll> poll;
  std::shared_ptr<std::optional<push::Changes>> answer = std::make_shared<std::optional<push::Changes>>();
};

Polled ask(ServerCore& core, const std::string& token, ChangesRequest request) {
  Polled polled;
  auto poll =
      core.hub->poll(*core.authenticator->authenticate(token), request, [answer = polled.answer](const auto& body) {
        Result<push::Changes> changes = decode_changes(*body);
        REQUIRE(changes);
        *answer = *changes;
      });
  REQUIRE(poll);
  CHECK_FALSE(polled.answer->has_value());  // never from inside the call
  polled.poll = std::move(*poll);
  core.run();
  return polled;
}

ChangesRequest following(std::vector<Channel> channels, std::optional<Cursor> cursor, DurationMs wait = 10'000) {
  ChangesRequest request;
  request.channels = std::move(channels);
  request.cursor = cursor;
  request.wait = wait;
  return request;
}

}  // namespace

TEST_CASE("a poll with news is answered at once") {
  ServerCore core;
  core.publish({with_user(queued("a"), "alice")});
  Polled joined = ask(core, "alice", [] {
    ChangesRequest request;
    request.join = {channel("user:alice")};
    return request;
  }());
  REQUIRE(joined.answer->has_value());
  CHECK((*joined.answer)->followed == std::vector<Channel>{channel("user:alice")});
  CHECK((*joined.answer)->jobs.size() == 1);
  CHECK((*joined.answer)->user == "alice");
  CHECK((*joined.answer)->role == "user");
  CHECK((*joined.answer)->cursor == core.node.head());
}

TEST_CASE("a poll without news waits for the first change that it may see") {
  ServerCore core;
  core.publish({with_user(queued("a"), "alice"), with_user(queued("b"), "bob")});
  Polled polled = ask(core, "alice", following({channel("user:alice"), channel("job:b")}, core.node.head()));
  CHECK_FALSE(polled.answer->has_value());
  core.publish({progress("b", 10)});
  CHECK_FALSE(polled.answer->has_value());
  core.publish({progress("a", 10)});
  REQUIRE(polled.answer->has_value());
  REQUIRE((*polled.answer)->jobs.size() == 1);
  CHECK((*polled.answer)->jobs[0].progress == percent(10));
}

TEST_CASE("a poll ends empty when its wait is over, and its cursor goes on") {
  ServerCore core;
  core.publish({with_user(queued("a"), "alice")});
  const Cursor cursor = core.node.head();
  core.publish({with_user(queued("b"), "bob")});
  Polled polled = ask(core, "alice", following({channel("user:alice")}, cursor, 3'000));
  core.pass(3'200);
  REQUIRE(polled.answer->has_value());
  CHECK((*polled.answer)->jobs.empty());
  CHECK((*polled.answer)->cursor == core.node.head());
}

TEST_CASE("a newer poll of the same session ends the older one") {
  ServerCore core;
  ChangesRequest request = following({channel("user:alice")}, core.node.head());
  request.session = "tab1";
  Polled older = ask(core, "alice", request);
  Polled stranger = ask(core, "bob", [&] {
    ChangesRequest other = following({channel("user:bob")}, core.node.head());
    other.session = "tab1";
    return other;
  }());
  CHECK_FALSE(older.answer->has_value());
  Polled newer = ask(core, "alice", request);
  CHECK(older.answer->has_value());
  CHECK_FALSE(newer.answer->has_value());
  CHECK_FALSE(stranger.answer->has_value());
}

TEST_CASE("polls that page converge on the state") {
  hub::HubOptions options;
  options.page_jobs = 3;
  ServerCore core(options);
  const Cursor start = core.node.head();
  for (int i = 0; i < 20; ++i) core.publish({with_user(queued("job" + std::to_string(i)), "alice")});
  JobStore seen;
  Cursor cursor = start;
  for (int polls = 0; polls < 20 && seen.size() < 20; ++polls) {
    Polled polled = ask(core, "alice", following({channel("user:alice")}, cursor));
    REQUIRE(polled.answer->has_value());
    seen.fold(**polled.answer);
    cursor = (*polled.answer)->cursor;
  }
  CHECK(seen.size() == 20);
}

TEST_CASE("a poll of a channel that may not be followed is refused") {
  ServerCore core;
  const auto refused = core.hub->poll(*core.authenticator->authenticate("alice"), following({channel("user:bob")}, {}),
                                      [](const auto&) { FAIL("must not be answered"); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK(refused.error().field == "user:bob");
}

TEST_CASE("a drain answers the polls that wait and refuses new ones") {
  ServerCore core;
  Polled polled = ask(core, "alice", following({channel("user:alice")}, core.node.head()));
  core.hub->drain();
  CHECK(polled.answer->has_value());
  const auto late = core.hub->poll(*core.authenticator->authenticate("alice"), following({}, {}), [](const auto&) {});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::unavailable);
}

TEST_CASE("a poll carries the estimates and counts that a socket would be sent") {
  ServerCore core;
  core.publish(
      {with_queue(with_user(queued("a"), "alice"), "normal"), with_queue(with_user(queued("b"), "bob"), "normal")});
  core.pass(1'100);
  ChangesRequest request;
  request.join = {channel("user:bob"), channel("queue:normal"), channel("job:a")};
  Polled joined = ask(core, "bob", request);
  REQUIRE(joined.answer->has_value());
  REQUIRE((*joined.answer)->estimates.size() == 1);
  CHECK((*joined.answer)->estimates[0].queue_position == 2);
  REQUIRE((*joined.answer)->queues);
  CHECK(std::any_of((*joined.answer)->queues->begin(), (*joined.answer)->queues->end(),
                    [](const QueueCounts& counts) { return counts.queue == "normal" && counts.waiting == 2; }));

  Polled waiting = ask(core, "bob", following({channel("user:bob")}, core.node.head()));
  core.publish({started("a")});
  CHECK_FALSE(waiting.answer->has_value());
  core.pass(3'500);  // bob is next now: news, though no job of his changed
  REQUIRE(waiting.answer->has_value());
  REQUIRE((*waiting.answer)->estimates.size() == 1);
  CHECK((*waiting.answer)->estimates[0].queue_position == 1);
}

TEST_CASE("a poll from a cursor that is not valid is told from the start, and its channels count as followed") {
  ServerCore core;
  core.publish({with_user(queued("a"), "alice")});
  Polled polled = ask(core, "alice", following({channel("user:alice")}, Cursor{1, 1}));
  REQUIRE(polled.answer->has_value());
  CHECK((*polled.answer)->reset);
  CHECK((*polled.answer)->followed == std::vector<Channel>{channel("user:alice")});
}

TEST_CASE(
    "a poll's reset is told whole: the cursor of its first page could be no better than the one that was refused") {
  hub::HubOptions options;
  options.page_jobs = 3;
  ServerCore core(options);
  for (int i = 0; i < 20; ++i) core.publish({with_user(queued("job" + std::to_string(i)), "alice")});
  Polled polled = ask(core, "alice", following({channel("user:alice")}, Cursor{1, 1}));
  REQUIRE(polled.answer->has_value());
  CHECK((*polled.answer)->reset);
  CHECK((*polled.answer)->synced);
  CHECK((*polled.answer)->jobs.size() == 20);
  CHECK((*polled.answer)->cursor == core.node.head());
}

TEST_CASE("a job that is joined by its own channel and was removed is told as removed") {
  ServerCore core;
  core.publish({with_user(queued("a"), "alice")});
  core.publish({removed("a")});
  Polled polled = ask(core, "alice", [] {
    ChangesRequest request;
    request.join = {channel("job:a")};
    return request;
  }());
  REQUIRE(polled.answer->has_value());
  REQUIRE((*polled.answer)->removed.size() == 1);
  CHECK((*polled.answer)->removed[0].job_id == JobId{"a"});
}

TEST_CASE("a poll passes over pages of what it may not see, and says at once that it has reached the head") {
  hub::HubOptions options;
  options.page_jobs = 1;
  ServerCore core(options);
  const Cursor start = core.node.head();
  core.publish({with_user(queued("mine"), "alice")});
  for (int i = 0; i < 5; ++i) core.publish({with_user(queued("other" + std::to_string(i)), "bob")});
  std::vector<Channel> channels = {channel("job:mine")};
  for (int i = 0; i < 5; ++i) channels.push_back(channel("job:other" + std::to_string(i)));
  Polled first = ask(core, "alice", following(channels, start));
  REQUIRE(first.answer->has_value());
  CHECK((*first.answer)->jobs.size() == 1);
  CHECK_FALSE((*first.answer)->synced);
  Polled second = ask(core, "alice", following(channels, (*first.answer)->cursor));
  REQUIRE(second.answer->has_value());
  CHECK((*second.answer)->synced);
  CHECK((*second.answer)->cursor == core.node.head());
}
