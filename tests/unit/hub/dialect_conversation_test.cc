// Who is cut off between a subscription's acknowledgement and the present state that follows it.
#include "hub/dialect_conversation.h"

#include <algorithm>

#include "hub/dialects.h"
#include "support/dialect_play.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

using Jobs = std::vector<std::string>;

Jobs jobs_of(DialectPage& page) {
  Jobs told;
  for (const auto& each : std::exchange(page.told, {})) {
    const auto object = JsonObject::parse(each.json);
    REQUIRE(object);
    const auto id = object->text("jobId");
    if (told.empty() || told.back() != *id) told.push_back(*id);  // each is told by two events
  }
  return told;
}

// A page that has subscribed to the first of three jobs.
struct Play {
  Play() {
    for (const char* job : {"a", "b", "c"}) publish(with_user(started(job), "alice"));
    enter();
    subscribe("a");
  }
  void publish(JobEvent event) {
    core.publish({std::move(event)});
    core.pass(200);
  }
  void enter(const std::string& pid = {}, const std::string& offset = {}) {
    hub::Opening opening;
    opening.auth.text = R"({"token":"alice","pid":")" + pid + R"(","offset":")" + offset + "\"}";
    hub::read_recovery(opening);
    const auto all = dialects.namespaces();
    const auto jobs = std::find_if(all.begin(), all.end(), [](const auto& each) { return each.name == "/jobs"; });
    hub::Opened opened = jobs->open(page, opening);
    auto& accepted = std::get<hub::Accepted>(opened);
    page.recover_id = accepted.recover_id;
    page.conversation = std::move(accepted.conversation);
    page.begin(core);
  }
  // Its end, and what it is told once it is back, having seen this offset last.
  Jobs back(const std::string& offset) {
    page.conversation.reset();
    core.run();
    page.told.clear();
    const std::string pid = page.recover_id;
    enter(pid, offset);
    CHECK(page.recover_id == pid);
    return jobs_of(page);
  }
  void ask(const std::string& job, std::function<void()> acknowledged = {}) {
    page.conversation->received({"subscribe:jobs", {{{R"({"jobId":")" + job + "\"}"}}, {}}},
                                [acknowledged](const hub::Arguments&) {
                                  if (acknowledged) acknowledged();
                                });
  }
  void subscribe(const std::string& job) {
    ask(job);
    core.run();
  }

  ServerCore core;
  int ids = 0;
  hub::Dialects dialects{{}, *core.hub, core.clock, [this] { return "id-" + std::to_string(++ids); }};
  DialectPage page;
};

}  // namespace

TEST_CASE("is told how things stand in that room, and in no other, when it is back") {
  Play play;
  DialectPage& page = play.page;
  const std::string before = page.offset;
  REQUIRE_FALSE(before.empty());
  play.subscribe("b");
  const std::string after = page.offset;
  CHECK(play.back(before) == Jobs{"b"});
  CHECK(play.back(page.offset).empty());  // told by now
  CHECK(play.back(after).empty());
}

TEST_CASE("is told so by the next server too, which knows only what was kept") {
  Play play;
  DialectPage& page = play.page;
  const std::string before = page.offset;
  play.subscribe("b");
  const std::string after = page.offset;
  // The conversation stands: of who is killed nobody writes that its client has gone.
  hub::Dialects next({}, *play.core.hub, play.core.clock, [] { return "another"; });
  hub::Opening opening;
  const auto told_after = [&](const std::string& offset) {
    opening.auth.text = R"({"token":"alice","pid":")" + page.recover_id + R"(","offset":")" + offset + "\"}";
    hub::read_recovery(opening);
    const auto all = next.namespaces();
    const auto jobs = std::find_if(all.begin(), all.end(), [](const auto& each) { return each.name == "/jobs"; });
    DialectPage back;
    hub::Opened opened = jobs->open(back, opening);
    back.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
    back.begin(play.core);
    return jobs_of(back);
  };
  CHECK(told_after(before) == Jobs{"b"});
  CHECK(told_after(after).empty());
}

TEST_CASE("is told so whatever it has heard of other rooms while the subscription was written") {
  Play play;
  DialectPage& page = play.page;
  page.told.clear();
  play.core.node.submit({progress("a", 40)}, {});
  std::string seen;
  play.ask("b", [&] { seen = page.offset; });  // the last that comes before the acknowledgement
  play.core.run();
  CHECK(jobs_of(page) == Jobs{"a", "b"});
  REQUIRE_FALSE(seen.empty());
  const Jobs told = play.back(seen);
  CHECK(std::find(told.begin(), told.end(), "b") != told.end());
}

TEST_CASE("of several subscriptions at once, each state is told to who has not seen it") {
  Play play;
  DialectPage& page = play.page;
  page.told.clear();
  std::vector<std::string> seen;  // at each acknowledgement
  for (const char* job : {"b", "c"}) play.ask(job, [&] { seen.push_back(page.offset); });
  play.core.run();
  CHECK(jobs_of(page) == Jobs{"b", "c"});
  REQUIRE(seen.size() == 2);
  const std::string all = page.offset;
  for (const std::string& offset : seen) {
    const Jobs told = play.back(offset);
    CHECK(std::find(told.begin(), told.end(), "c") != told.end());
    CHECK(std::find(told.begin(), told.end(), "a") == told.end());
  }
  CHECK(play.back(seen[0]) == Jobs{"b", "c"});
  CHECK(play.back(all).empty());
}

TEST_CASE("who follows again what it follows is told again, and that costs no write") {
  Play play;
  DialectPage& page = play.page;
  const auto head = play.core.node.head().offset;
  page.told.clear();
  play.subscribe("a");
  CHECK(jobs_of(page) == Jobs{"a"});
  CHECK(play.core.node.head().offset == head);
}
