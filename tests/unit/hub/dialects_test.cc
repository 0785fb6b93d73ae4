// Which dialects are spoken, of which jobs they tell, and who is let in. What each one says:
// dialect_transcripts_test.cc.
#include "hub/dialects.h"

#include <algorithm>

#include "support/dialect_play.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Play {
  explicit Play(hub::DialectsOptions options = {}) : dialects(std::move(options), *core.hub, core.clock, random_id()) {}
  std::function<std::string()> random_id() {
    return [this] { return "id-" + std::to_string(++ids); };
  }
  std::vector<std::string> paths() {
    std::vector<std::string> names;
    for (const hub::Namespace& each : dialects.namespaces()) names.push_back(each.name);
    return names;
  }
  hub::Opened ask(const std::string& path, hub::EventSink& sink, std::string auth, hub::Opening opening = {}) {
    opening.auth.text = std::move(auth);
    hub::read_recovery(opening);
    for (const hub::Namespace& each : dialects.namespaces()) {
      if (each.name == path) return each.open(sink, opening);
    }
    FAIL("nothing is spoken at " << path);
    return hub::Refused{};
  }
  void enter(DialectPage& page, const std::string& path, std::string auth) {
    hub::Opened opened = ask(path, page, std::move(auth));
    REQUIRE(std::holds_alternative<hub::Accepted>(opened));
    auto& accepted = std::get<hub::Accepted>(opened);
    page.recover_id = accepted.recover_id;
    page.conversation = std::move(accepted.conversation);
    page.begin(core);
  }
  void publish(JobEvent event) {
    core.publish({std::move(event)});
    core.pass(200);
  }

  ServerCore core;
  int ids = 0;
  hub::Dialects dialects;
};

JobEvent of_type(JobEvent event, std::string type) {
  event.identity.type = std::move(type);
  return event;
}

std::vector<std::string> names(DialectPage& page) {
  std::vector<std::string> told;
  for (const auto& each : std::exchange(page.told, {})) {
    if (each.name != "queue-status") told.push_back(each.name);
  }
  return told;
}

using Names = std::vector<std::string>;
constexpr const char* kAlice = R"({"token":"alice"})";

// What a client says that comes back, having seen this offset.
std::string again(const DialectPage& page, const std::string& offset) {
  return R"({"token":"alice","pid":")" + page.recover_id + R"(","offset":")" + offset + "\"}";
}

std::vector<std::string> jobs(DialectPage& page) {
  std::vector<std::string> told;
  for (const auto& each : std::exchange(page.told, {})) {
    const auto object = JsonObject::parse(each.json);
    if (object->find("jobId") != nullptr) told.push_back(*object->text("jobId"));
  }
  return told;
}

hub::DialectsOptions spoken(std::vector<std::string> wanted) {
  hub::DialectsOptions options;
  for (const auto& each : dialect::all_dialects()) {
    const std::string name(each->name());
    options.by_name[name].enabled = std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  }
  return options;
}

}  // namespace

TEST_CASE("each path that a dialect is spoken at is a namespace, where the operator does not say otherwise") {
  const auto all = Play().paths();
  for (const char* path : {"/", "/file-processing", "/jobs", "/queue"}) {
    CHECK(std::find(all.begin(), all.end(), path) != all.end());
  }
  const auto some = Play(spoken({"queue"})).paths();
  CHECK(std::find(some.begin(), some.end(), "/queue") != some.end());
  for (const char* path : {"/", "/file-processing", "/jobs"})
    CHECK(std::find(some.begin(), some.end(), path) == some.end());
}

TEST_CASE("at / the operator's choice is spoken, else the page's, else both") {
  const auto life = [](hub::DialectsOptions options, const char* auth) {
    Play play(std::move(options));
    DialectPage page;
    play.enter(page, "/", auth);
    play.publish(of_type(with_user(queued("j"), "alice"), "pdf"));
    play.publish(completed("j"));
    return names(page);
  };
  const Names analysis = {"analysis:completed"};
  const Names pdf = {"job-queued", "job-completed"};
  CHECK(life(spoken({"analysis"}), kAlice) == analysis);
  CHECK(life(spoken({"pdf"}), kAlice) == pdf);
  CHECK(life({}, R"({"token":"alice","dialect":"analysis"})") == analysis);
  CHECK(life({}, R"({"token":"alice","dialect":"pdf"})") == pdf);
  Names both = life({}, kAlice);
  std::sort(both.begin(), both.end());
  CHECK(both == Names{"analysis:completed", "job-completed", "job-queued"});
}

TEST_CASE("a page cannot have a dialect that the operator does not speak, and hears which field is wrong") {
  Play play(spoken({"pdf"}));
  DialectPage page;
  for (const char* auth : {R"({"token":"alice","dialect":"analysis"})", R"({"token":"alice","dialect":"jobs"})",
                           R"({"token":"alice","dialect":"x"})", R"({"token":"alice","dialect":7})"}) {
    const hub::Opened opened = play.ask("/", page, auth);
    REQUIRE(std::holds_alternative<hub::Refused>(opened));
    const auto& refused = std::get<hub::Refused>(opened);
    CHECK(refused.data.text.find("dialect\"") != std::string::npos);
    CHECK_FALSE(refused.message.empty());
  }
}

TEST_CASE("a dialect that is for some types of job says nothing of others, not to who joins late either") {
  hub::DialectsOptions options;
  options.by_name["analysis"].types = {"video"};
  options.by_name["pdf"].types = {"pdf", "scan"};
  Play play(std::move(options));
  DialectPage page;
  play.enter(page, "/", kAlice);
  play.publish(of_type(with_user(started("p"), "alice"), "pdf"));
  CHECK(names(page) == Names{"job-started"});
  play.publish(of_type(with_user(started("v"), "alice"), "video"));
  CHECK(names(page) == Names{"analysis:started"});
  play.publish(of_type(with_user(started("o"), "alice"), "other"));
  CHECK(names(page).empty());
  DialectPage late;
  play.enter(late, "/", kAlice);
  CHECK(names(late) == Names{"job-progress", "analysis:started"});
}

TEST_CASE("with recovery off there is no pid, and a pid from before is nothing") {
  hub::DialectsOptions options;
  options.recovery.enabled = false;
  Play play(std::move(options));
  DialectPage page;
  play.enter(page, "/queue", R"({"token":"alice","pid":"id-1","offset":"x"})");
  CHECK(page.recover_id.empty());
}

TEST_CASE("a pid or an offset that nobody was given begins a new session, and is no error") {
  Play play;
  play.publish(with_user(started("j"), "alice"));
  for (const char* auth :
       {R"({"token":"alice","pid":"made-up"})", R"({"token":"alice","pid":"","offset":"x"})",
        R"({"token":"alice","pid":7,"offset":[]})", R"({"token":"alice","offset":"0000000000000000:1"})"}) {
    DialectPage page;
    play.enter(page, "/queue", auth);
    CHECK(names(page) == Names{"queue-update"});
    CHECK_FALSE(page.recover_id.empty());
  }
  DialectPage first;
  play.enter(first, "/queue", kAlice);
  const std::string pid = first.recover_id;
  first.conversation.reset();
  for (const char* offset : {"x", "ffffffffffffffff:1", "0000000000000000:9007199254740993"}) {
    DialectPage page;
    play.enter(page, "/queue", R"({"token":"alice","pid":")" + pid + R"(","offset":")" + offset + "\"}");
    CHECK(names(page) == Names{"queue-update"});
  }
}

TEST_CASE("a server that drains lets nobody in, and says when to come back") {
  Play play;
  play.core.hub->drain();
  DialectPage page;
  const hub::Opened opened = play.ask("/jobs", page, kAlice);
  REQUIRE(std::holds_alternative<hub::Refused>(opened));
  CHECK(std::get<hub::Refused>(opened).code == CloseCode::draining);
  CHECK(std::get<hub::Refused>(opened).data.text.find("retryAfter") != std::string::npos);
}

TEST_CASE("too many connects are refused as such: no auth-error, which would make a page refresh its token") {
  hub::HubOptions limits;
  limits.rates.of(auth::Act::connect, auth::Scope::address) = {1, 10'000};
  ServerCore core(limits);
  int ids = 0;
  hub::Dialects dialects({}, *core.hub, core.clock, [&] { return "id-" + std::to_string(++ids); });
  for (const hub::Namespace& each : dialects.namespaces()) {
    hub::Opening opening;
    opening.auth.text = kAlice;
    opening.address = "192.0.2." + std::to_string(++ids);
    DialectPage page;
    CHECK(std::holds_alternative<hub::Accepted>(each.open(page, opening)));
    const hub::Opened again = each.open(page, opening);
    REQUIRE(std::holds_alternative<hub::Refused>(again));
    CHECK(std::get<hub::Refused>(again).code == CloseCode::rate_limited);
    CHECK(std::get<hub::Refused>(again).data.text.find("retryAfter") != std::string::npos);
  }
}

TEST_CASE("an event that no dialect of the namespace knows is answered by exception, and the session goes on") {
  Play play;
  DialectPage page;
  play.enter(page, "/jobs", kAlice);
  page.conversation->received({"subscribe:everything\n\"", {}}, nullptr);
  REQUIRE(page.told.size() == 1);
  CHECK(page.told[0].name == "exception");
  CHECK(JsonObject::parse(page.told[0].json));
  CHECK_FALSE(page.ended);
}

TEST_CASE("who reads too slowly is told how things stand once it has caught up, and holds no more than the mark") {
  hub::HubOptions limits;
  limits.high_water = 1000;
  ServerCore core(limits);
  int ids = 0;
  hub::Dialects dialects({}, *core.hub, core.clock, [&] { return "id-" + std::to_string(++ids); });
  DialectPage page;
  for (const hub::Namespace& each : dialects.namespaces()) {
    if (each.name != "/queue") continue;
    hub::Opening opening;
    opening.auth.text = kAlice;
    page.conversation = std::move(std::get<hub::Accepted>(each.open(page, opening)).conversation);
    page.begin(core);
  }
  page.unsent = 1001;
  core.publish({with_user(started("j"), "alice")});
  for (int percent = 10; percent < 100; percent += 10) {
    core.publish({progress("j", percent)});
    core.pass(200);
  }
  CHECK(page.told.empty());
  page.unsent = 0;
  page.conversation->drained();
  REQUIRE(page.told.size() == 1);
  CHECK(*JsonObject::parse(page.told[0].json)->text("eventType") == "job-progress");
  CHECK(JsonObject::parse(page.told[0].json)->find("progress")->text == "90");
}

TEST_CASE("an acknowledged subscription is one that a restart knows: it is kept before it is answered") {
  Play play;
  play.publish(with_user(started("j"), "alice"));
  DialectPage page;
  play.enter(page, "/jobs", kAlice);
  int answers = 0;
  const auto subscribe = [&](const char* to) {
    page.conversation->received({"subscribe:jobs", {{{to}}, {}}}, [&](const hub::Arguments&) { ++answers; });
  };
  const auto writes = [&] { return play.core.node.head().offset; };
  const auto before = writes();
  for (const char* to : {R"({"jobId":"j"})", R"({"jobId":"k"})", R"({"jobId":"l"})"}) subscribe(to);
  CHECK(answers == 0);
  CHECK(page.told.empty());
  play.core.run();
  CHECK(answers == 3);
  CHECK(names(page) == Names{"job:update", "job:progress"});
  CHECK(writes() - before <= 3);
  page.conversation.reset();
  play.core.run();
  DialectPage back;
  play.enter(back, "/jobs", again(page, page.offset));
  CHECK(names(back).empty());
  play.publish(with_user(started("l"), "alice"));
  CHECK(names(back) == Names{"job:update"});
}

TEST_CASE("who leaves again before it was kept is not in, and who has gone by then is answered nothing") {
  Play play;
  DialectPage page;
  play.enter(page, "/jobs", kAlice);
  int answers = 0;
  const auto say = [&](const char* event) {
    page.conversation->received({event, {{{R"({"jobId":"j"})"}}, {}}}, [&](const hub::Arguments&) { ++answers; });
  };
  say("subscribe:jobs");
  say("unsubscribe:jobs");
  play.core.run();
  CHECK(answers == 2);
  play.publish(with_user(started("j"), "alice"));
  CHECK(names(page).empty());
  say("subscribe:jobs");
  page.conversation.reset();
  play.core.run();
  CHECK(answers == 2);
}

TEST_CASE("who comes back before its old connection is missed takes it over; the old one's end takes nothing away") {
  Play play;
  DialectPage old, present, next;
  play.enter(old, "/queue", kAlice);
  const std::string same = again(old, "");
  play.enter(present, "/queue", same);
  CHECK(present.recover_id == old.recover_id);
  old.conversation.reset();
  play.core.pass(300'000);  // longer than what has left is remembered
  play.publish(with_user(started("j"), "alice"));
  CHECK(names(present) == Names{"queue-update"});
  present.conversation.reset();
  play.core.run();
  play.enter(next, "/queue", same);
  CHECK(next.recover_id == old.recover_id);
}

TEST_CASE("what no framing can bring back is not kept") {
  Play play;
  const auto before = play.core.node.head().offset;
  DialectPage page;
  hub::Opened opened = play.ask("/queue", page, kAlice);
  page.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
  page.conversation->begin();
  page.conversation.reset();
  play.core.run();
  CHECK(play.core.node.head().offset == before);
}

TEST_CASE("who is cut off amidst the present state comes back for the rest of it, and for no more") {
  Play play;
  play.publish(with_user(completed("yesterdays"), "alice"));
  for (const char* job : {"a", "b", "c"}) play.publish(with_user(started(job), "alice"));
  DialectPage page;
  play.enter(page, "/queue", kAlice);
  REQUIRE(page.told.size() == 3);
  const std::string nothing, one = page.told[0].offset, all = page.told[2].offset;
  const auto recovered_from = [&](const std::string& offset) {
    page.conversation.reset();
    play.core.run();
    const std::string auth = again(page, offset);
    page.told.clear();
    play.enter(page, "/queue", auth);
    return jobs(page);
  };
  const std::string pid = page.recover_id;
  CHECK(recovered_from(nothing) == Names{"a", "b", "c"});
  CHECK(recovered_from(one) == Names{"b", "c"});
  CHECK(recovered_from(all).empty());
  page.conversation.reset();
  play.publish(completed("b"));
  CHECK(recovered_from(one) == Names{"c", "b"});
  CHECK(page.recover_id == pid);
}

TEST_CASE("who is cut off between two dialects that tell one job is told it by the other") {
  Play play;
  play.publish(with_user(started("j"), "alice"));
  DialectPage page;
  play.enter(page, "/", kAlice);
  REQUIRE(page.told.size() >= 2);
  const auto first =
      std::find_if(page.told.begin(), page.told.end(), [](const auto& one) { return !one.offset.empty(); });
  const std::string offset = first->offset;
  const std::string after = (first + 1)->name;
  page.conversation.reset();
  play.core.run();
  DialectPage back;
  play.enter(back, "/", again(page, offset));
  const Names told = names(back);
  CHECK(std::find(told.begin(), told.end(), after) != told.end());
}

TEST_CASE("an offset stands for what a restart knows, also while a report waits for its turn") {
  Play play;
  DialectPage page;
  play.enter(page, "/queue", kAlice);
  play.core.publish({with_user(started("j"), "alice")});
  for (const int percent : {10, 20}) play.core.publish({progress("j", percent)});  // the second waits
  play.core.publish({with_user(started("k"), "alice")});
  CHECK(jobs(page) == Names{"j", "j", "k"});
  const auto point = hub::parse_recovery_point(page.offset);
  REQUIRE(point);
  CHECK(point->head == play.core.node.head());
  CHECK(point->from < point->head.offset);
  page.conversation.reset();
  play.core.run();
  DialectPage back;
  play.enter(back, "/queue", again(page, page.offset));
  CHECK(back.recover_id == page.recover_id);
  CHECK(jobs(back) == Names{"j", "k"});
}

TEST_CASE("where the store takes nothing there is no pid to wait for, nor a subscription") {
  Play play;
  DialectPage page;
  hub::Opened opened = play.ask("/jobs", page, kAlice);
  page.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
  std::optional<bool> kept;
  play.core.log.fail("the disk is full");
  page.conversation->keep([&](bool ok) { kept = ok; });
  play.core.run();
  CHECK(kept == false);
  page.conversation->begin();
  play.core.log.fail("");
  int answers = 0;
  page.conversation->received({"subscribe:jobs", {{{R"({"jobId":"j"})"}}, {}}},
                              [&](const hub::Arguments&) { ++answers; });
  CHECK(answers == 1);
}

TEST_CASE("a connection follows a thousand rooms, and is told so by the next; who leaves one may follow another") {
  Play play;
  DialectPage page;
  play.enter(page, "/jobs", kAlice);
  const auto say = [&](const std::string& event, int job) {
    std::string answer;
    const std::string data = R"({"jobId":"j)" + std::to_string(job) + "\"}";
    page.conversation->received({event, {{{data}}, {}}},
                                [&](const hub::Arguments& given) { answer = given.values[0].text; });
    play.core.run();
    return answer.find(R"("success":true)") != std::string::npos;
  };
  int followed = 0;
  for (int job = 0; job < 1'001; ++job) followed += say("subscribe:jobs", job) ? 1 : 0;
  CHECK(followed == 1'000);
  CHECK(say("subscribe:jobs", 5));  // where it is already
  CHECK(say("unsubscribe:jobs", 7));
  CHECK(say("subscribe:jobs", 2'000));
  CHECK_FALSE(say("subscribe:jobs", 2'001));
}

TEST_CASE("who is cut off between two events of one change is told how it stands, and who has heard both is not") {
  for (const char* path : {"/jobs", "/"}) {
    INFO(path);
    Play play;
    DialectPage page;
    play.enter(page, path, kAlice);
    page.conversation->received({"subscribe:jobs", {{{"{}"}}, {}}}, {});
    play.core.run();
    page.told.clear();
    play.publish(with_user(progress("j", 10), "alice"));  // by which it has begun
    std::erase_if(page.told, [](const auto& each) { return each.offset.empty(); });
    REQUIRE(page.told.size() >= 2);
    const auto told = page.told;
    const auto heard_up_to = [&](const std::string& offset) {
      page.conversation.reset();
      play.core.run();
      const std::string auth = again(page, offset);
      page.told.clear();
      play.enter(page, path, auth);
      return names(page);
    };
    for (std::size_t i = 0; i + 1 < told.size(); ++i) {
      const Names rest = heard_up_to(told[i].offset);
      CHECK(std::find(rest.begin(), rest.end(), told.back().name) != rest.end());
    }
    CHECK(heard_up_to(told.back().offset).empty());
  }
}
