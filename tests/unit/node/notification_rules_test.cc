#include "node/notification_rules.h"

#include <catch2/catch.hpp>

#include "node/inbox_writes.h"
#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

node::NodeOptions with_rules() {
  node::NodeOptions options;
  options.rules.on = true;
  return options;
}

JobEvent of(JobEvent event, std::string_view type = "pdf") {
  event = with_user(std::move(event), "alice");
  event.identity.type = type;
  return event;
}

std::vector<Notification> inbox(const node::Node& node, std::string_view owner = "alice") {
  std::vector<Notification> all;
  for (const auto* entry : node.inbox().list(owner, 0, 1000, false)) all.push_back(*decode_notification(*entry->text));
  return all;
}

}  // namespace

TEST_CASE("started, completed, failed and cancelled tell the owner; nothing else does") {
  NodeFixture f(with_rules());
  f.submit({of(queued("a")), progress("a", 1), log_line("a", "x"), completed("a"), retried("a"), started("a"),
            started("a"), progress("a", 5), failed("a", "it broke"), retried("a"), cancelled("a")});
  std::vector<std::string> titles;
  for (const Notification& each : inbox(*f.node)) titles.push_back(each.title + "/" + each.message);
  // The first attempt became active by its progress, and nobody is told of that.
  CHECK(titles == std::vector<std::string>{"Job cancelled/", "Job failed/it broke", "Job started/", "Job completed/"});
  CHECK(f.node->inbox().unread("alice") == 4);
  CHECK(f.node->inbox().unread("bob") == 0);
}

TEST_CASE("a job without owner tells nobody, unless somebody owns such jobs") {
  node::NodeOptions options = with_rules();
  options.rules.ownerless = GENERATE("", "dev");
  NodeFixture f(options);
  f.submit({completed("a")});
  CHECK(inbox(*f.node, "dev").size() == (options.rules.ownerless.empty() ? 0 : 1));
  CHECK(inbox(*f.node, "").empty());
}

TEST_CASE("a type has rules of its own, and its button's address takes no more from a job than a segment") {
  node::NodeOptions options = with_rules();
  node::JobTypeRules rules = node::analysis_rules();
  rules.started.on = false;
  rules.completed.title = "{ref} is there";
  rules.completed.action_url = "/results/{ref}?job={jobId}";
  options.rules.by_type["video"] = rules;
  NodeFixture f(options);
  JobEvent event = of(started("a/b"), "video");
  event.identity.ref = "//evil.example/?x=1#ü";
  f.submit({event, completed("a/b")});
  const auto told = inbox(*f.node);
  REQUIRE(told.size() == 1);
  CHECK(told[0].title == "//evil.example/?x=1#ü is there");
  REQUIRE(told[0].action);
  CHECK(told[0].action->label == "View Results");
  CHECK(told[0].action->url == "/results/%2F%2Fevil.example%2F%3Fx%3D1%23%C3%BC?job=a%2Fb");
}

TEST_CASE("a title may name what the job's metadata holds: texts, numbers and booleans") {
  node::NodeOptions options = with_rules();
  options.rules.others.completed.title = "{metadata.file name} ({metadata.pages}, {metadata.ok})";
  options.rules.others.completed.action_label = "Open";
  options.rules.others.completed.action_url = "/files/{metadata.file name}";
  NodeFixture f(options);
  JobEvent event = of(started("a"));
  event.metadata = {{"file name", RawJson{R"("a \"b\"\u00fc/c")"}}, {"ok", RawJson{"true"}}, {"pages", RawJson{"24"}}};
  f.submit({event, completed("a")});
  const Notification told = inbox(*f.node).at(0);
  CHECK(told.title == "a \"b\"ü/c (24, true)");
  REQUIRE(told.action);
  CHECK(told.action->url == "/files/a%20%22b%22%C3%BC%2Fc");
}

TEST_CASE("a job that lacks what a title names is told of in the usual words") {
  const char* value = GENERATE("", "null", "{\"a\":1}", "[1]", "\"\"");
  INFO(value);
  node::NodeOptions options = with_rules();
  options.rules.others.completed.title = "{metadata.name} is done";
  NodeFixture f(options);
  JobEvent event = of(started("a"));
  if (*value != 0) event.metadata = {{"name", RawJson{value}}};
  f.submit({event, completed("a")});
  CHECK(inbox(*f.node).at(0).title == "Job completed");
}

TEST_CASE("a title is cut between characters") {
  node::NodeOptions options = with_rules();
  options.rules.others.completed.title = "{metadata.name}";
  std::string name(kMaxTitleBytes - 4, 'x');
  name += "üüüü";
  NodeFixture f(options);
  JobEvent event = of(started("a"));
  event.metadata = {{"name", RawJson{'"' + name + '"'}}};
  f.submit({event, completed("a")});
  CHECK(inbox(*f.node).at(0).title == std::string(kMaxTitleBytes - 4, 'x') + "…");
}

TEST_CASE("an address that a missing field would send elsewhere is no button") {
  node::NodeOptions options = with_rules();
  options.rules.others.completed.action_label = "View";
  options.rules.others.completed.action_url = "/{ref}/results";
  NodeFixture f(options);
  f.submit({of(completed("a"))});
  CHECK_FALSE(inbox(*f.node).at(0).action);
}

TEST_CASE("a template names fields of the job, and makes an address that is allowed") {
  CHECK(node::check_action_template("/jobs/{jobId}", "x"));
  CHECK(node::check_action_template("https://app.example/{type}/{ref}", "x"));
  CHECK(node::check_action_template("/{metadata.folder}/#{jobId}", "x"));
  for (const char* url :
       {"{jobId}", "//{jobId}", "/{secret}", "/{jobId", "javascript:{jobId}", "/{metadata.}", "/{metadata}"}) {
    INFO(url);
    CHECK_FALSE(node::check_action_template(url, "x"));
  }
}

TEST_CASE("of two nodes that end a job one does, and there is one notification; a kill loses neither alone") {
  NodeFixture f(with_rules(), {.hold_commits = true});
  f.give({of(queued("a")), started("a")});
  f.settle();
  node::Node rival(with_rules(), *f.log, f.clock);  // knows nothing of the job: its appends conflict
  f.give({completed("a")});
  rival.submit({of(failed("a"))}, {});
  SECTION("killed before the commit: neither the event nor its notification is there") {
    f.start();
    CHECK(f.job("a")->status == JobStatus::active);
    CHECK(inbox(*f.node).size() == 1);
  }
  SECTION("killed after it, before anybody was told: both are") {
    f.log->commit();
    f.start();
    CHECK(f.job("a")->status == JobStatus::completed);
    REQUIRE(inbox(*f.node).size() == 2);
    CHECK(inbox(*f.node)[0].title == "Job completed");
  }
}

TEST_CASE("ids are of the job and its event: short, and the same whoever makes them") {
  CHECK(node::notification_id(JobId{"a"}, 3) == "a:3");
  const std::string id = node::notification_id(JobId{std::string(128, 'x')}, 3);
  CHECK(id.size() <= kMaxNotificationIdBytes);
  CHECK(id != node::notification_id(JobId{std::string(127, 'x')}, 3));
}
