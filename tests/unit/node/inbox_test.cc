#include "node/inbox.h"

#include <catch2/catch.hpp>

#include "node/alerts.h"
#include "node/inbox_writes.h"
#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

constexpr DurationMs kDay = 24 * 60 * 60 * 1000;

Notification titled(std::string title, std::string id = {}) {
  Notification notification;
  notification.id = std::move(id);
  notification.title = std::move(title);
  return notification;
}

struct Inboxes : NodeFixture {
  using NodeFixture::NodeFixture;
  node::Notified notify(const std::string& owner, Notification notification) {
    std::optional<node::Notified> made;
    node::notify(*node, owner, notification, [&](const Result<node::Notified>& answer) { made = *answer; });
    settle();
    REQUIRE(made);
    return *made;
  }
  std::size_t read(const std::string& owner, command::Read what) {
    std::optional<std::size_t> marked;
    node::mark_read(*node, {owner}, std::move(what), [&](const Result<std::size_t>& answer) { marked = *answer; });
    settle();
    REQUIRE(marked);
    return *marked;
  }
  std::vector<std::string> titles(const std::string& owner, bool unread = false) const {
    std::vector<std::string> all;
    for (const auto* entry : node->inbox().list(owner, 0, 1000, unread)) {
      all.push_back(decode_notification(*entry->text)->title);
    }
    return all;
  }
};
using Titles = std::vector<std::string>;

}  // namespace

TEST_CASE("newest first, by when they were made; reading one moves nothing") {
  Inboxes f;
  const auto a = f.notify("alice", titled("a"));
  f.notify("alice", titled("b"));
  f.notify("bob", titled("c"));
  CHECK(f.titles("alice") == Titles{"b", "a"});
  CHECK(f.read("alice", {{a.id}, false}) == 1);
  CHECK(f.titles("alice") == Titles{"b", "a"});
  CHECK(f.titles("alice", true) == Titles{"b"});
  CHECK(f.node->inbox().unread("alice") == 1);
  CHECK(f.read("alice", {{a.id, "unknown"}, false}) == 0);
}

TEST_CASE("nobody reads another's") {
  Inboxes f;
  const auto a = f.notify("alice", titled("a"));
  CHECK(f.read("bob", {{a.id}, false}) == 0);
  CHECK(f.read("bob", {{}, true}) == 0);
  CHECK(f.node->inbox().unread("alice") == 1);
}

TEST_CASE("an id makes a repeat safe: the first stands") {
  Inboxes f;
  const auto first = f.notify("alice", titled("a", "n1"));
  const auto again = f.notify("alice", titled("other", "n1"));
  CHECK(again.offset == first.offset);
  CHECK(f.titles("alice") == Titles{"a"});
  CHECK(f.notify("bob", titled("a", "n1")).offset != first.offset);
}

TEST_CASE("all of it is there after a restart, read as it was") {
  Inboxes f;
  f.notify("alice", titled("a", "n1"));
  f.notify("alice", titled("b", "n2"));
  f.read("alice", {{"n1"}, false});
  const std::string before = *f.node->inbox().find("alice", "n1")->text;
  f.start();
  CHECK(f.titles("alice") == Titles{"b", "a"});
  CHECK(f.node->inbox().unread("alice") == 1);
  CHECK(*f.node->inbox().find("alice", "n1")->text == before);
}

TEST_CASE("what changed since a version is told in that order, made or read") {
  Inboxes f;
  f.notify("alice", titled("a", "n1"));
  const auto b = f.notify("alice", titled("b", "n2"));
  f.read("alice", {{"n1"}, false});
  const std::int64_t head = f.node->head().offset;
  const auto ids = [&](std::int64_t after, std::int64_t upto) {
    std::vector<std::string> all;
    for (const auto* entry : f.node->inbox().changed("alice", after, upto)) all.push_back(entry->id);
    return all;
  };
  CHECK(ids(0, head) == Titles{"n2", "n1"});
  CHECK(ids(b.offset, head) == Titles{"n1"});
  CHECK(ids(0, b.offset) == Titles{"n2"});
  CHECK(ids(head, head).empty());
}

TEST_CASE("kept for 30 days, and no longer") {
  Inboxes f;
  f.notify("alice", titled("a"));
  f.clock.advance(15 * kDay);
  f.read("alice", {{}, true});  // does not make it younger
  f.tick_after(15 * kDay - 1);
  CHECK(f.titles("alice").size() == 1);
  f.tick_after(1);
  CHECK(f.titles("alice").empty());
  CHECK(f.store.keyed.empty());
}

TEST_CASE("an inbox is bounded: the oldest make room, in the log too") {
  node::NodeOptions options;
  options.most_notifications = 3;
  Inboxes f(options);
  for (const char* title : {"a", "b", "c", "d", "e"}) f.notify("alice", titled(title));
  CHECK(f.titles("alice") == Titles{"e", "d", "c"});
  CHECK(f.node->inbox().unread("alice") == 3);
  f.tick_after(1000);
  CHECK(f.store.keyed.size() == 3);
  f.start();
  CHECK(f.titles("alice") == Titles{"e", "d", "c"});
}

TEST_CASE("two who mark the same at once mark it once, and both are answered") {
  Inboxes f({}, {.hold_commits = true});
  node::notify(*f.node, "alice", titled("a", "n1"), [](const auto&) {});
  f.settle();
  std::vector<std::size_t> marked;
  const auto note = [&](const Result<std::size_t>& answer) { marked.push_back(*answer); };
  node::mark_read(*f.node, {"alice"}, {{"n1"}, false}, note);
  node::mark_read(*f.node, {"alice"}, {{}, true}, note);
  f.settle();
  CHECK(marked == std::vector<std::size_t>{1, 0});
  CHECK(f.node->inbox().unread("alice") == 0);
}

TEST_CASE("a store that fails is told as unavailable") {
  Inboxes f;
  f.log->fail("the disk is full");
  std::optional<Error> error;
  node::notify(*f.node, "alice", titled("a"), [&](const Result<node::Notified>& answer) { error = answer.error(); });
  f.settle();
  REQUIRE(error);
  CHECK(error->code == ErrorCode::unavailable);
}

TEST_CASE("a message with an id is sent once to its target; another body is told") {
  Inboxes f;
  std::vector<Result<std::int64_t>> answers;
  const auto send = [&](const char* target, const char* data) {
    node::send_message(*f.node, target, {"m1", {"x", {data}}}, [&](const auto& answer) { answers.push_back(answer); });
    f.settle();
  };
  send("user:alice", "1");
  send("user:alice", "1");
  send("user:bob", "1");
  send("user:alice", "2");
  REQUIRE(answers.size() == 4);
  CHECK(*answers[0] == *answers[1]);
  CHECK(*answers[2] != *answers[0]);
  CHECK(answers[3].error().code == ErrorCode::event_id_reused);
  CHECK(f.node->records().size() == 2);
  f.tick_after(node::kMessagesKeptFor);
  CHECK(f.node->records().size() == 0);
}

TEST_CASE("a stuck queue is an alert once, cleared when it moves, and raised again at the top") {
  Inboxes f;
  node::Alerts alerts({.stuck_after = 60'000}, *f.node);
  node::Alerts rival({.stuck_after = 60'000}, *f.node);
  const auto pass = [&](DurationMs time, std::int64_t waiting) {
    f.clock.advance(time);
    for (node::Alerts* each : {&alerts, &rival}) each->tick({{"normal", waiting, 0, {}}, {"large", 0, 1, {}}});
    f.settle();
  };
  const auto alert = [&] { return *decode_notification(*f.node->inbox().list("", 0, 10, false).at(0)->text); };
  pass(0, 1);
  pass(59'999, 1);
  CHECK(f.titles("").empty());
  pass(1, 1);
  pass(1'000, 1);
  CHECK(f.titles("") == Titles{"Queue normal is stuck"});
  CHECK(alert().type == NotificationType::alert);
  const std::int64_t raised = alert().offset;
  CHECK(alert().version == raised);  // however often and by whomever it was seen
  pass(1'000, 0);
  CHECK(alert().cleared_at == f.clock.now());
  CHECK(alert().offset == raised);
  pass(1'000, 1);
  pass(60'000, 1);
  CHECK(f.titles("").size() == 1);
  CHECK(alert().cleared_at == 0);
  CHECK(alert().offset > raised);
}

TEST_CASE("many failures are an alert; so is a store that failed, once it takes writes again") {
  Inboxes f;
  node::Alerts alerts({.error_window = 60'000, .error_least = 4}, *f.node);
  const auto tick = [&] {
    f.clock.advance(1'000);
    alerts.tick({});
    f.settle();
  };
  tick();
  f.submit({completed("a"), failed("b"), failed("c")});
  tick();
  CHECK(f.titles("").empty());
  f.submit({failed("d")});
  tick();
  CHECK(f.titles("") == Titles{"Many jobs fail"});
  f.log->fail("the disk is full");
  tick();
  f.log->fail("");
  tick();
  tick();
  REQUIRE(f.titles("") == Titles{"The store took no writes", "Many jobs fail"});
  const auto told = *decode_notification(*f.node->inbox().list("", 0, 1, false).at(0)->text);
  CHECK(told.message == "the disk is full");
  CHECK(told.cleared_at != 0);
}
