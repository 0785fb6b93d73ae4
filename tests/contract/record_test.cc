// Records besides job events: numbered with them, told with them, and with one of them or not at all.
#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;
using log::Record;
using log::RecordAppend;
using log::RecordAppended;
using log::RecordConflict;
using log::RecordOutcome;

namespace {

Record record(std::string key, std::string bytes, std::string owner = "alice", UnixMs expires_at = 0) {
  return {"note", std::move(owner), std::move(key), std::move(bytes), expires_at, 0, 0};
}

std::vector<std::string> told(const std::vector<Record>& records) {
  std::vector<std::string> texts;
  for (const Record& each : records) {
    texts.push_back(std::to_string(each.offset) + " " + each.owner + "/" + each.key + "=" + each.bytes);
  }
  return texts;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("records and events are numbered as one, and the tail brings them in that order") {
  EACH_STORE(kind);
  Server server(kind);
  server.append(queued("a"), 0);
  const UnixMs now = server.clock.now();
  CHECK(server.append_records({{record("k", "1")}, {record("l", "2")}}) ==
        std::vector<RecordOutcome>{RecordAppended{2, now}, RecordAppended{3, now}});
  server.append(started("a"), 1);
  CHECK(server.told == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(told(server.records_seen) == Texts{"2 alice/k=1", "3 alice/l=2"});
  CHECK(server.records_seen.at(0).at == now);
}

TEST_CASE("a restart gives back the newest record of each key, in order") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_records({{record("k", "old")}, {record("l", std::string("\0x", 2))}, {record("k", "bob's", "bob")}});
  server.append_records({{record("k", "new")}});
  server.append(queued("a"), 0);
  server.restart();
  CHECK(told(server.restored.records) == Texts{"2 alice/l=" + std::string("\0x", 2), "3 bob/k=bob's", "4 alice/k=new"});
  CHECK(server.restored.head == 5);
  CHECK(server.restored.events.size() == 1);
}

TEST_CASE("a key is deleted by empty bytes: the tail tells it, a restart does not, and its offset is used up") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_records({{record("k", "1")}});
  server.append_records({{record("k", "")}});
  CHECK(told(server.records_seen) == Texts{"1 alice/k=1", "2 alice/k="});
  server.restart();
  CHECK(server.restored.records.empty());
  CHECK(server.restored.head == 2);
  CHECK(server.append_records({{record("k", "3"), 0}}) ==
        std::vector<RecordOutcome>{RecordAppended{3, server.clock.now()}});
}

TEST_CASE("a record without key is alone: its offset is its key") {
  EACH_STORE(kind);
  Server server(kind);
  server.append_records({{record("", "a")}, {record("", "b")}});
  server.restart();
  CHECK(told(server.restored.records) == Texts{"1 alice/1=a", "2 alice/2=b"});
}

TEST_CASE("of those who expect a key where it was, one wins, and the others learn where it is") {
  EACH_STORE(kind);
  Server server(kind);
  const UnixMs now = server.clock.now();
  CHECK(
      server.append_records(
          {{record("k", "1"), 0}, {record("k", "2"), 0}, {record("k", "3"), 1}, {record("k", "4"), 1}}) ==
      std::vector<RecordOutcome>{RecordAppended{1, now}, RecordConflict{1}, RecordAppended{2, now}, RecordConflict{2}});
  CHECK(server.append_records({{record("missing", "1"), 7}}) == std::vector<RecordOutcome>{RecordConflict{0}});
  CHECK(server.records_seen.size() == 2);
  server.restart();
  CHECK(told(server.restored.records) == Texts{"2 alice/k=3"});
}

TEST_CASE("a record given with an event is written right after it") {
  EACH_STORE(kind);
  Server server(kind);
  server.append(std::vector<log::Append>{{queued("a"), 0, {record("k", "1"), record("l", "2")}}, {started("a"), 1}});
  CHECK(server.told == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(server.seen.at(1).offset == 4);
  CHECK(told(server.records_seen) == Texts{"2 alice/k=1", "3 alice/l=2"});
}

TEST_CASE("a record given with an event that is not appended is not there either") {
  EACH_STORE(kind);
  Server server(kind);
  const JobEvent once = with_event_id(completed("a"), "done");
  server.append(queued("a"), 0);
  server.append(std::vector<log::Append>{{once, 1, {record("k", "first")}}});
  server.append(std::vector<log::Append>{{once, 2, {record("k", "repeated")}},
                                         {completed("a"), 1, {record("k", "conflict")}},
                                         {with_event_id(failed("a"), "done"), 2, {record("k", "reused")}}});
  server.restart();
  CHECK(told(server.restored.records) == Texts{"3 alice/k=first"});
  CHECK(server.restored.head == 3);
}

TEST_CASE("an expired record is gone: for a condition, for a restart, and from the store") {
  EACH_STORE(kind);
  Server server(kind);
  const UnixMs end = server.clock.now() + 1000;
  server.append_records({{record("k", "1", "alice", end)}, {record("l", "2")}});
  server.clock.set(end - 1);
  CHECK(server.append_records({{record("k", "x"), 0}}) == std::vector<RecordOutcome>{RecordConflict{1}});
  server.restart();
  CHECK(server.restored.records.size() == 2);
  server.clock.set(end);
  const bool swept = GENERATE(false, true);
  if (swept) server.log().expire(end);
  server.restart();
  CHECK(told(server.restored.records) == Texts{"2 alice/l=2"});
  CHECK(server.append_records({{record("k", "3", "alice", end + 1000), 0}}) ==
        std::vector<RecordOutcome>{RecordAppended{3, end}});
}

TEST_CASE("snapshots leave records where they are") {
  EACH_STORE(kind);
  Server server(kind);
  server.append(std::vector<log::Append>{{queued("a"), 0, {record("k", "1")}}});
  server.append_records({{record("l", "2")}});
  server.save_snapshots({snapshot("a", 1)}, 3);
  server.restart();
  CHECK(server.restored.events.empty());
  CHECK(server.restored.records.size() == 2);
  CHECK(server.restored.head == 3);
}

TEST_CASE("an empty batch of records is answered") {
  EACH_STORE(kind);
  Server server(kind);
  CHECK(server.append_records({}).empty());
}
