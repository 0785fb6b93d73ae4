// A token that expires, and a fresh one in its place, in every kind of conversation.
#include "hub/fresh_token.h"

#include <algorithm>

#include "hub/dialects.h"
#include "hub/notifications_conversation.h"
#include "support/dialect_play.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

constexpr UnixMs kSoon = 1'764'000'005'000;
const std::string kAliceFor5s = "alice@" + std::to_string(kSoon);

struct Play {
  Play() : all(dialects.namespaces()) {
    all.push_back(hub::notifications_namespace(*core.hub, [this] { return next_id(); }));
  }
  std::string next_id() { return "id-" + std::to_string(++ids); }
  void enter(DialectPage& page, const std::string& path, const std::string& token, const std::string& pid = {}) {
    hub::Opening opening;
    opening.auth.text = R"({"token":")" + token + R"(","pid":")" + pid + "\"}";
    hub::read_recovery(opening);
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == path; });
    REQUIRE(at != all.end());
    hub::Opened opened = at->open(page, opening);
    REQUIRE(std::holds_alternative<hub::Accepted>(opened));
    page.recover_id = std::get<hub::Accepted>(opened).recover_id;
    page.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
    page.begin(core);
    page.told.clear();
  }
  // The acknowledgement.
  std::string say(DialectPage& page, const std::string& event, const std::string& data) {
    std::string answer;
    hub::Arguments arguments;
    if (!data.empty()) arguments.values.push_back({data});
    page.conversation->received({event, arguments},
                                [&](const hub::Arguments& given) { answer = given.values[0].text; });
    core.run();
    return answer;
  }
  std::string renew(DialectPage& page, const std::string& token) {
    return say(page, "token", R"({"token":")" + token + "\"}");
  }

  ServerCore core;
  int ids = 0;
  hub::Dialects dialects{{}, *core.hub, core.clock, [this] { return next_id(); }};
  std::vector<hub::Namespace> all;
};

int times(const DialectPage& page, const std::string& name) {
  return static_cast<int>(
      std::count_if(page.told.begin(), page.told.end(), [&](const auto& each) { return each.name == name; }));
}

std::string last(const DialectPage& page, const std::string& name) {
  const auto at =
      std::find_if(page.told.rbegin(), page.told.rend(), [&](const auto& each) { return each.name == name; });
  return at == page.told.rend() ? std::string() : at->json;
}

constexpr const char* kPaths[] = {"/", "/queue", "/jobs", "/file-processing", "/notifications"};
constexpr const char* kYes = R"({"success":true})";

}  // namespace

TEST_CASE("an expired token is told by auth-error, and after its grace ends the conversation with 4401") {
  for (const char* path : kPaths) {
    INFO(path);
    Play play;
    DialectPage page;
    play.enter(page, path, kAliceFor5s);
    play.core.pass(6'000);
    CHECK(times(page, "auth-error") == 1);
    CHECK(last(page, "auth-error") == R"({"code":"unauthenticated","message":"the token has expired"})");
    CHECK_FALSE(page.ended);
    play.core.pass(31'000);
    CHECK(times(page, "auth-error") == 1);
    CHECK(last(page, "auth-error").find("field") == std::string::npos);
    CHECK(page.ended == CloseCode::unauthenticated);
  }
}

TEST_CASE("a fresh token in time, before its expiry or in the grace, keeps everything as it is") {
  for (const char* path : kPaths) {
    for (const DurationMs when : {1'000, 20'000}) {
      INFO(path << " after " << when);
      Play play;
      DialectPage page;
      play.enter(page, path, kAliceFor5s);
      play.core.pass(when);
      CHECK(play.renew(page, "alice@" + std::to_string(kSoon + 100'000)) == kYes);
      play.core.pass(60'000);
      CHECK(times(page, "auth-error") == (when < 5'000 ? 0 : 1));
      CHECK_FALSE(page.ended);
      play.core.pass(80'000);
      CHECK(times(page, "auth-error") == (when < 5'000 ? 1 : 2));  // the fresh one's own
      CHECK(page.ended == CloseCode::unauthenticated);
    }
  }
}

TEST_CASE("a fresh token that is no good is told, and ends the conversation") {
  for (const char* path : kPaths) {
    INFO(path);
    Play play;
    DialectPage page;
    play.enter(page, path, "alice");
    const std::string answer = play.renew(page, "nobody");
    CHECK(answer.find(R"("success":false)") != std::string::npos);
    CHECK(answer.find(R"("code":"unauthenticated")") != std::string::npos);
    CHECK(times(page, "auth-error") == 1);
    CHECK(last(page, "auth-error").find("field") == std::string::npos);
    CHECK(page.ended == CloseCode::unauthenticated);
  }
}

TEST_CASE("what is no token, and somebody else's, is refused by field and rule, and changes nothing") {
  for (const char* path : kPaths) {
    for (const char* data : {"", "{}", "null", "7", "[]", R"("")", R"({"token":7})", R"({"token":""})",
                             R"({"token":null})", R"({"token":"bob"})", R"("bob")"}) {
      INFO(path << " " << data);
      Play play;
      DialectPage page;
      play.enter(page, path, "alice");
      const std::string answer = play.say(page, "token", data);
      CHECK(answer.find(R"("success":false)") != std::string::npos);
      CHECK(answer.find(R"("field":"token")") != std::string::npos);
      CHECK(times(page, "auth-error") == 0);
      CHECK_FALSE(page.ended);
    }
  }
}

TEST_CASE("who asks for no acknowledgement is told of a refusal by exception") {
  Play play;
  DialectPage page;
  play.enter(page, "/queue", "alice");
  page.conversation->received({"token", {{{"{}"}}, {}}}, {});
  CHECK(times(page, "exception") == 1);
}

TEST_CASE("a token that may do less leaves what it may not follow") {
  Play play;
  DialectPage jobs, pdf, own;
  play.enter(jobs, "/jobs", "alice+admin");
  play.enter(pdf, "/", "alice+admin");
  play.enter(own, "/jobs", "alice+admin");
  play.say(jobs, "subscribe:jobs", "{}");
  play.say(own, "subscribe:jobs", R"({"userId":"alice"})");
  play.say(pdf, "subscribe-admin", "");
  for (DialectPage* page : {&jobs, &pdf, &own}) {
    CHECK(play.renew(*page, "alice") == kYes);
    page->told.clear();
  }
  play.core.publish({with_user(started("bobs"), "bob"), with_user(started("hers"), "alice")});
  play.core.pass(5'000);
  CHECK(jobs.told.empty());
  CHECK(times(pdf, "system-metrics") == 0);
  CHECK(times(own, "job:update") == 1);
}

TEST_CASE("a recovered session is in no room that its token may not be in") {
  Play play;
  DialectPage boss, back;
  play.enter(boss, "/", "alice+admin");
  play.say(boss, "subscribe-admin", "");
  boss.conversation.reset();
  play.core.run();
  play.enter(back, "/", "alice", boss.recover_id);
  CHECK(back.recover_id == boss.recover_id);
  play.core.pass(5'000);
  CHECK(times(back, "system-metrics") == 0);
}

TEST_CASE("an admin's alerts go with the role, and come with it") {
  Play play;
  DialectPage page;
  play.enter(page, "/notifications", "alice+admin");
  CHECK(play.renew(page, "alice") == kYes);
  CHECK(times(page, "notifications") == 1);  // how it stands now
  CHECK(play.renew(page, "alice") == kYes);
  CHECK(times(page, "notifications") == 1);
}

TEST_CASE("a token that names its jobs keeps its own user's room, renewed or recovered, and sees there what it names") {
  const auto told = [](Play& play, DialectPage& page) {
    play.core.publish({with_user(started("x"), "job:x"), with_user(started("y"), "job:x")});
    play.core.pass(200);
    return times(page, "queue-update");
  };
  Play renewed, recovered;
  DialectPage page, gone, back;
  renewed.enter(page, "/queue", "job:x");
  CHECK(renewed.renew(page, "job:x") == kYes);
  CHECK(told(renewed, page) == 1);
  recovered.enter(gone, "/queue", "job:x");
  gone.conversation.reset();
  recovered.core.run();
  recovered.enter(back, "/queue", "job:x", gone.recover_id);
  CHECK(back.recover_id == gone.recover_id);
  CHECK(told(recovered, back) == 1);
}
