// News of inboxes and application messages, as sessions, polls and conversations are told them.
#include <catch2/catch.hpp>

#include "hub/dialects.h"
#include "hub/notifications_conversation.h"
#include "node/inbox_writes.h"
#include "support/dialect_play.h"
#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

node::NodeOptions with_rules() {
  node::NodeOptions options;
  options.rules.on = true;
  options.rules.by_type["video-analysis"] = node::analysis_rules();
  return options;
}

// What a client was told of its inbox: ids, a read one with a bang; and the last unread count.
struct Told {
  std::vector<std::string> ids;
  std::optional<std::int64_t> unread;
};
Told inbox_of(const std::vector<hub::Frame>& frames) {
  Told told;
  for (const hub::Frame& frame : frames) {
    const auto message = JsonObject::parse(*frame);
    const auto data = JsonObject::parse(message->find("data")->json.text);
    if (const auto* unread = data->find("unread")) told.unread = std::stoll(unread->text);
    const auto* list = data->find("notifications");
    if (list == nullptr) continue;
    const auto elements = split_array(list->json.text, 1000);
    for (const auto& element : *elements) {
      const auto one = *decode_notification(element);
      told.ids.push_back(one.id + (one.read_at != 0 ? "!" : ""));
    }
  }
  return told;
}
using Ids = std::vector<std::string>;

void send(ServerCore& core, const std::string& target, const std::string& name) {
  node::send_message(core.node, target, {{}, {name, {"1"}}}, [](const auto& sent) { CHECK(sent); });
  core.run();
}

// Alice's, that has been told how it stands.
void open_notifications(ServerCore& core, DialectPage& page) {
  hub::Opening opening;
  opening.auth.text = R"({"token":"alice"})";
  auto opened = hub::notifications_namespace(*core.hub, [] { return "id"; }).open(page, opening);
  page.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
  page.conversation->begin();
  page.told.clear();
}

Ids names(const TestClient& client) {
  Ids all;
  for (const auto& message : client.all<push::AppMessage>()) all.push_back(message.name);
  return all;
}

}  // namespace

TEST_CASE("every tab of the user is told, whatever it follows, and nobody else") {
  ServerCore core({}, with_rules());
  TestClient tab(core), other_tab(core), bob(core), named(core);
  tab.hello("alice", {channel("user:alice")});
  other_tab.hello("alice", {});
  bob.hello("bob", {channel("user:bob")});
  named.hello("job:a", {channel("job:a")});
  for (TestClient* client : {&tab, &other_tab, &bob, &named}) client->forget();
  core.publish({with_user(completed("a"), "alice")});
  for (TestClient* client : {&tab, &other_tab}) {
    CHECK(inbox_of(client->frames).ids == Ids{"a:1"});
    CHECK(inbox_of(client->frames).unread == 1);
  }
  CHECK(tab.frames.size() == 1);  // with its event, in one message
  CHECK(bob.frames.empty());
  CHECK(inbox_of(named.frames).ids.empty());
}

TEST_CASE("a read on one device is told on all") {
  ServerCore core({}, with_rules());
  core.publish({with_user(completed("a"), "alice"), with_user(completed("b"), "alice")});
  TestClient laptop(core), phone(core);
  laptop.hello("alice", {});
  phone.hello("alice", {});
  CHECK(inbox_of(phone.frames).unread == 2);  // whose view begins asks for the list by HTTP
  CHECK(inbox_of(phone.frames).ids.empty());
  phone.forget();
  laptop.command(command::Read{{"a:1"}, false}, 7);
  CHECK(laptop.last<push::Reply>() == push::Reply{7, std::nullopt});
  CHECK(inbox_of(phone.frames).ids == Ids{"a:1!"});
  CHECK(inbox_of(phone.frames).unread == 1);
  phone.command(command::Read{{}, true});
  CHECK(inbox_of(laptop.frames).unread == 0);
}

TEST_CASE("where a view begins the number of unread ones stands alone; who comes back to nothing new is told none") {
  ServerCore core({}, with_rules());
  core.publish({with_user(completed("a"), "alice")});
  TestClient alice(core), bob(core), named(core);
  alice.hello("alice", {channel("user:alice")});
  bob.hello("bob", {});
  named.hello("job:a", {channel("job:a")});
  CHECK(inbox_of(alice.frames).unread == 1);
  CHECK(inbox_of(bob.frames).unread == 0);
  CHECK(inbox_of(named.frames).unread == std::nullopt);  // has no inbox
  TestClient back(core);
  back.hello("alice", {channel("user:alice")}, alice.cursor);
  CHECK(inbox_of(back.frames).unread == std::nullopt);
}

TEST_CASE("who comes back is told what is newer than the cursor, reads too, each once") {
  ServerCore core({}, with_rules());
  core.publish({with_user(completed("a"), "alice")});
  Cursor cursor;
  {
    TestClient before(core);
    before.hello("alice", {channel("user:alice")});
    cursor = before.cursor;
  }
  core.publish({with_user(completed("b"), "alice"), with_user(completed("c"), "alice")});
  {
    TestClient phone(core);
    phone.hello("alice", {});
    phone.command(command::Read{{"a:1"}, false});
  }
  TestClient after(core);
  after.hello("alice", {channel("user:alice")}, cursor);
  CHECK(inbox_of(after.frames).ids == Ids{"b:1", "c:1", "a:1!"});
  CHECK(inbox_of(after.frames).unread == 2);
  TestClient again(core);
  again.hello("alice", {channel("user:alice")}, after.cursor);
  CHECK(inbox_of(again.frames).ids.empty());
}

TEST_CASE("a slow client is told its inbox from its cursor once it has taken what it was sent; so in small messages") {
  hub::HubOptions options;
  options.high_water = 100;
  options.page_bytes = 400;
  ServerCore core(options, with_rules());
  TestClient client(core);
  client.hello("alice", {channel("user:alice")});
  client.forget();
  client.stuck = true;
  core.publish({with_user(queued("z"), "alice")});
  core.publish({with_user(completed("a"), "alice")});
  for (const char* job : {"b", "c", "d", "e", "f"}) core.publish({with_user(completed(job), "alice")});
  client.drain();
  CHECK(inbox_of(client.frames).ids == Ids{"a:1", "b:1", "c:1", "d:1", "e:1", "f:1"});
  CHECK(inbox_of(client.frames).unread == 6);
  for (const hub::Frame& frame : client.frames) {
    CHECK(frame->size() < 1'000);
    const bool told = frame->find("\"notifications\"") != std::string::npos;
    CHECK(told == (frame->find("\"unread\"") != std::string::npos));
  }
}

TEST_CASE("admins are told the system's alerts, and users are not") {
  ServerCore core;
  TestClient admin(core), alice(core);
  admin.hello("admin", {});
  alice.hello("alice", {});
  Notification alert;
  alert.title = "t";
  node::notify(core.node, "", alert, [](const auto&) {});
  core.run();
  CHECK(inbox_of(admin.frames).ids == Ids{"1"});
  CHECK(inbox_of(alice.frames).ids.empty());
}

TEST_CASE("a poll is told its inbox and the messages since its cursor, once") {
  ServerCore core({}, with_rules());
  std::shared_ptr<const std::string> body;
  const auto ask = [&](std::optional<Cursor> cursor) {
    body.reset();
    ChangesRequest request;
    request.channels = {channel("user:alice")};
    request.cursor = cursor;
    request.wait = 1'000;
    auto poll = core.hub->poll(*core.authenticator->authenticate("alice"), request, [&](auto said) { body = said; });
    REQUIRE(poll);
    core.run();
    return std::move(*poll);
  };
  auto poll = ask({});
  Cursor cursor = decode_changes(*body)->cursor;
  send(core, "user:bob", "for-bob");
  send(core, "user:alice", "hello");
  poll = ask(cursor);
  REQUIRE(body);
  CHECK(JsonObject::parse(*body)->find("messages")->json.text == R"([{"name":"hello","data":1}])");
  cursor = decode_changes(*body)->cursor;
  poll = ask(cursor);
  CHECK_FALSE(body);
  core.publish({with_user(completed("a"), "alice")});
  REQUIRE(body);
  CHECK(JsonObject::parse(*body)->find("notifications") != nullptr);
  CHECK(JsonObject::parse(*body)->find("messages") == nullptr);
  CHECK(JsonObject::parse(*body)->find("unread")->text == "1");
}

TEST_CASE("a message reaches whom it is for, once") {
  ServerCore core;
  core.publish({with_user(queued("a"), "alice")});
  TestClient alice(core), quiet(core), bob(core), admin(core), curious(core);
  alice.hello("alice", {channel("user:alice"), channel("job:a")});
  quiet.hello("alice", {});
  bob.hello("bob", {channel("user:bob")});
  admin.hello("admin", {channel("all-jobs")});
  curious.hello("bob", {channel("job:a")});  // followed as pending, for it is another's
  send(core, "", "everybody");
  send(core, "user:alice", "alice");
  send(core, "job:a", "job");
  send(core, "all-jobs", "jobs");
  CHECK(names(alice) == Ids{"everybody", "alice", "job"});
  CHECK(names(quiet) == Ids{"everybody", "alice"});
  CHECK(names(bob) == Ids{"everybody"});
  CHECK(names(admin) == Ids{"everybody", "jobs"});
  CHECK(names(curious) == Ids{"everybody"});
}

TEST_CASE("messages are live only: neither who comes later nor who lags is told") {
  hub::HubOptions options;
  options.high_water = 100;
  ServerCore core(options);
  TestClient slow(core);
  slow.hello("alice", {});
  slow.stuck = true;
  slow.unsent = 1'000;
  send(core, "user:alice", "missed");
  slow.drain();
  CHECK(names(slow).empty());
  TestClient late(core);
  late.hello("alice", {}, slow.cursor);
  CHECK(names(late).empty());
}

TEST_CASE("/notifications tells what its transcript says") {
  const DialectFile file = read_dialect_file("notifications");
  for (const JsonObject& transcript : file.transcripts) {
    INFO(transcript.find("name")->text);
    ServerCore core({}, with_rules());
    int ids = 0;
    DialectPlay play(core, hub::notifications_namespace(*core.hub, [&] { return "id-" + std::to_string(++ids); }),
                     [&](DurationMs time) { core.pass(time); });
    play.play(transcript);
  }
}

TEST_CASE("a conversation that falls behind is told the state once it has drained; messages come by their own name") {
  ServerCore core({}, with_rules());
  DialectPage page;
  open_notifications(core, page);
  send(core, "user:alice", "hello");
  REQUIRE(page.told.size() == 1);
  CHECK(page.told[0].name == "hello");
  page.unsent = 1 << 20;
  core.publish({with_user(completed("a"), "alice")});
  send(core, "user:alice", "missed");
  CHECK(page.told.size() == 1);
  page.unsent = 0;
  page.conversation->drained();
  REQUIRE(page.told.size() == 3);
  CHECK(page.told[1].json == R"({"count":1})");
  page.conversation.reset();
  core.publish({with_user(completed("b"), "alice")});
  CHECK(page.told.size() == 3);
}

TEST_CASE("more news at once than a page holds is told as the state, however much it is") {
  hub::HubOptions options;
  options.page_bytes = 2'000;
  ServerCore core(options, with_rules());
  DialectPage page;
  open_notifications(core, page);
  std::vector<JobEvent> ends;
  for (int i = 0; i < 60; ++i) ends.push_back(with_user(completed("a" + std::to_string(i)), "alice"));
  core.publish(ends);
  REQUIRE(page.told.size() == 2);
  CHECK(page.told[0].name == "unread-count");
  CHECK(page.told[0].json == R"({"count":60})");
  CHECK(page.told[1].name == "notifications");
  CHECK(page.told[1].json.find(R"("unread":60)") != std::string::npos);
  CHECK(page.told[1].json.find(R"("jobId":"a59")") != std::string::npos);
  page.told.clear();
  core.publish({with_user(completed("b"), "alice")});
  REQUIRE(page.told.size() == 2);
  CHECK(page.told[0].name == "notification");
  CHECK(page.told[1].json == R"({"count":61})");
}

namespace {

// A client of the jobs dialect: it joins nothing by itself.
struct JobsPage {
  JobsPage(ServerCore& core, hub::Dialects& dialects) : core_(core), dialects_(dialects) {}
  void open(const std::string& token, const JobsPage* recovered = nullptr) {
    hub::Opening opening{.auth = {"{\"token\":\"" + token + "\"}"}};
    if (recovered != nullptr) opening.recover_id = recovered->page.recover_id;
    if (recovered != nullptr) opening.recover_offset = recovered->page.offset;
    for (const hub::Namespace& each : dialects_.namespaces()) {
      if (each.name != "/jobs") continue;
      auto opened = each.open(page, opening);
      page.recover_id = std::get<hub::Accepted>(opened).recover_id;
      page.conversation = std::move(std::get<hub::Accepted>(opened).conversation);
    }
    page.begin(core_);
  }
  void subscribe(const std::string& what) {
    page.conversation->received({"subscribe:jobs", {{{what}}, {}}}, [](const hub::Arguments&) {});
    core_.run();
  }
  Ids told() {
    Ids all;
    for (const auto& each : page.told) all.push_back(each.name + " " + each.json);
    page.told.clear();
    return all;
  }
  DialectPage page;

 private:
  ServerCore& core_;
  hub::Dialects& dialects_;
};

}  // namespace

TEST_CASE("dialects tell a message by its own name, to its user and to the rooms of its channel") {
  ServerCore core;
  int ids = 0;
  hub::Dialects dialects({}, *core.hub, core.clock, [&] { return "id-" + std::to_string(++ids); });
  core.publish({with_user(queued("a"), "alice")});
  JobsPage alice(core, dialects), follower(core, dialects), bob(core, dialects), admin(core, dialects);
  alice.open("alice");
  follower.open("alice");
  follower.subscribe(R"({"jobId":"a"})");
  bob.open("bob");
  bob.subscribe(R"({"jobId":"a"})");  // another's
  admin.open("admin");
  admin.subscribe("{}");
  for (JobsPage* page : {&alice, &follower, &bob, &admin}) page->told();
  for (const char* target : {"", "user:alice", "job:a", "all-jobs"}) send(core, target, std::string("to-") + target);
  CHECK(alice.told() == Ids{"to- 1", "to-user:alice 1"});
  CHECK(follower.told() == Ids{"to- 1", "to-user:alice 1", "to-job:a 1"});
  CHECK(bob.told() == Ids{"to- 1"});
  CHECK(admin.told() == Ids{"to- 1", "to-all-jobs 1"});
}

TEST_CASE("a recovered conversation is told what was said while it was away, and that once") {
  ServerCore core;
  int ids = 0;
  hub::Dialects dialects({}, *core.hub, core.clock, [&] { return "id-" + std::to_string(++ids); });
  JobsPage before(core, dialects), after(core, dialects), again(core, dialects);
  before.open("alice");
  send(core, "user:alice", "heard");
  before.page.conversation.reset();
  send(core, "user:alice", "missed");
  send(core, "user:bob", "not-hers");
  after.open("alice", &before);
  CHECK(after.told() == Ids{"missed 1"});
  after.page.conversation.reset();
  again.open("alice", &after);
  CHECK(again.told().empty());
}
