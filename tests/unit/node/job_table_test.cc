#include "node/job_table.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::node;
using namespace jobwire::test;

namespace {

// Applies events in order, stamped as a log would.
struct Table : JobTable {
  Applied log(JobEvent event) {
    const JobRecord* known = find(event.job_id);
    return apply(stamped(std::move(event), known ? known->state.seq + 1 : 1, ++offset, 1'000 + offset));
  }
  std::int64_t offset = 0;
};

std::vector<std::string> ids(const JobTable::ByVersion* list) {
  std::vector<std::string> all;
  if (!list) return all;
  for (const auto& [version, record] : *list) {
    CHECK(version == record->state.version);
    all.push_back(record->state.id.value);
  }
  return all;
}

using Ids = std::vector<std::string>;
const Channel kAlice{ChannelKind::user, "alice"};
const Channel kNormal{ChannelKind::queue, "normal"};

}  // namespace

TEST_CASE("a change moves its job to the back of every list that holds it") {
  Table table;
  table.log(with_queue(with_user(queued("a"), "alice"), "normal"));
  table.log(with_user(queued("b"), "alice"));
  table.log(with_queue(queued("c"), "normal"));
  CHECK(ids(&table.all()) == Ids{"a", "b", "c"});
  CHECK(ids(table.channel(kAlice)) == Ids{"a", "b"});
  CHECK(ids(table.channel(kNormal)) == Ids{"a", "c"});

  const auto applied = table.log(progress("a", 10));
  CHECK(applied.previous_version == 1);
  CHECK_FALSE(applied.identity_changed);
  CHECK(ids(&table.all()) == Ids{"b", "c", "a"});
  CHECK(ids(table.channel(kAlice)) == Ids{"b", "a"});
  CHECK(ids(table.channel(kNormal)) == Ids{"c", "a"});
}

TEST_CASE("a job enters a channel when its owner or queue becomes known") {
  Table table;
  CHECK_FALSE(table.log(progress("a", 10)).identity_changed);
  CHECK(table.channel(kAlice) == nullptr);
  CHECK(table.log(with_user(progress("a", 20), "alice")).identity_changed);
  CHECK_FALSE(table.log(with_user(progress("a", 30), "alice")).identity_changed);
  CHECK(ids(table.channel(kAlice)) == Ids{"a"});
}

TEST_CASE("a change clears what was encoded of the job") {
  Table table;
  const JobRecord* record = table.log(queued("a")).record;
  record->encoded[0] = std::make_shared<const std::string>("old");
  table.log(progress("a", 10));
  CHECK(record->encoded[0] == nullptr);
}

TEST_CASE("a tombstone stays in its channels until it is forgotten") {
  Table table;
  table.log(with_user(queued("a"), "alice"));
  table.log(with_user(queued("b"), "alice"));
  table.log(removed("a"));
  CHECK(table.live() == 1);
  CHECK(table.size() == 2);
  CHECK(ids(table.channel(kAlice)) == Ids{"b", "a"});

  table.forget(JobId{"a"});
  CHECK(table.size() == 1);
  CHECK(table.find(JobId{"a"}) == nullptr);
  CHECK(ids(table.channel(kAlice)) == Ids{"b"});
  CHECK(ids(&table.all()) == Ids{"b"});

  table.forget(JobId{"b"});
  CHECK(table.channel(kAlice) == nullptr);
  CHECK(table.live() == 0);
  table.forget(JobId{"nobody"});
}

TEST_CASE("restored jobs stand where their versions say, in whatever order they come") {
  Table before;
  before.log(with_user(queued("a"), "alice"));
  before.log(with_user(queued("b"), "alice"));
  before.log(removed("b"));
  before.log(progress("a", 10));

  JobTable after;
  after.restore(before.find(JobId{"a"})->state);
  after.restore(before.find(JobId{"b"})->state);
  after.restore(before.find(JobId{"a"})->state);  // again: replaces
  CHECK(after.live() == 1);
  CHECK(ids(&after.all()) == Ids{"b", "a"});
  CHECK(ids(after.channel(kAlice)) == Ids{"b", "a"});
  CHECK(after.find(JobId{"a"})->state == before.find(JobId{"a"})->state);
}

TEST_CASE("only users, queues and all-jobs have lists") {
  Table table;
  table.log(queued("a"));
  CHECK(table.channel({ChannelKind::all_jobs, ""}) == &table.all());
  CHECK(table.channel({ChannelKind::admin, ""}) == nullptr);
  CHECK(table.channel({ChannelKind::job, "a"}) == nullptr);
}
