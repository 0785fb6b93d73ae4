#include "node/page.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::node;
using namespace jobwire::test;

namespace {

struct Table : JobTable {
  void log(JobEvent event) {
    const JobRecord* known = find(event.job_id);
    ++offset;
    apply(stamped(std::move(event), known ? known->state.seq + 1 : 1, offset, 1'000 + offset));
  }
  std::int64_t offset = 0;
};

using Versions = std::vector<std::int64_t>;
Versions versions(const Page& page) {
  Versions all;
  for (const JobRecord* job : page.jobs) all.push_back(job->state.version);
  return all;
}

const std::vector<Channel> kAll{{ChannelKind::all_jobs, ""}};
constexpr std::size_t kNoLimit = 1'000'000;

}  // namespace

TEST_CASE("a page holds what changed since, once each, and says how far it has told") {
  Table table;
  for (const char* id : {"a", "b", "c", "d"}) table.log(with_user(queued(id), "alice"));
  table.log(progress("a", 10));
  const std::vector<Channel> channels{
      {ChannelKind::user, "alice"}, {ChannelKind::job, "a"}, {ChannelKind::all_jobs, ""}};

  const Page first = page_of(table, {1, channels, 2, kNoLimit}, 5);
  CHECK(versions(first) == Versions{2, 3});
  CHECK(first.next == 3);
  CHECK_FALSE(first.at_head);

  const Page second = page_of(table, {first.next, channels, 2, kNoLimit}, 5);
  CHECK(versions(second) == Versions{4, 5});
  CHECK(second.next == 5);
  CHECK(second.at_head);
}

TEST_CASE("a page at the head reaches it, though its channels have not changed for long") {
  Table table;
  table.log(queued("a"));
  for (int i = 0; i < 9; ++i) table.log(progress("b", i));
  const std::vector<Channel> channels{{ChannelKind::job, "a"}, {ChannelKind::job, "nobody"}, {ChannelKind::admin, ""}};
  const Page page = page_of(table, {0, channels, 10, kNoLimit}, 10);
  CHECK(versions(page) == Versions{1});
  CHECK(page.next == 10);
  CHECK(page.at_head);
}

TEST_CASE("after the head there is nothing, and what is claimed to be told is the head") {
  Table table;
  table.log(queued("a"));
  const Page page = page_of(table, {99, kAll, 10, kNoLimit}, 1);
  CHECK(page.jobs.empty());
  CHECK(page.next == 1);
  CHECK(page.at_head);
}

TEST_CASE("a page is never empty before the head, whatever its limit") {
  Table table;
  table.log(queued("a"));
  table.log(queued("b"));
  CHECK(versions(page_of(table, {0, kAll, 0, kNoLimit}, 2)) == Versions{1});
}

TEST_CASE("removals are told as tombstones") {
  Table table;
  table.log(with_user(queued("a"), "alice"));
  table.log(removed("a"));
  const std::vector<Channel> channels{{ChannelKind::user, "alice"}};
  const Page page = page_of(table, {1, channels, 10, kNoLimit}, 2);
  REQUIRE(page.jobs.size() == 1);
  CHECK(page.jobs[0]->state.removed);
}

TEST_CASE("a wide channel begins with its newest live jobs; a job's own channel with the job, however old") {
  Table table;
  for (int i = 1; i <= 10; ++i) table.log(queued("j" + std::to_string(i)));
  table.log(removed("j9"));
  CHECK(start_of(table, kAll[0], 3) == 6);
  CHECK(versions(page_of(table, {0, kAll, 10, 3}, 11)) == Versions{7, 8, 10, 11});
  CHECK(versions(page_of(table, {2, kAll, 4, 3}, 11)) == Versions{3, 4, 5, 6});  // a resumed one misses nothing
  const std::vector<Channel> both{{ChannelKind::job, "j2"}, kAll[0]};
  CHECK(versions(page_of(table, {0, both, 10, 3}, 11)) == Versions{2, 7, 8, 10, 11});
}

TEST_CASE("each of several channels begins at its own floor, though its first job comes on a later page") {
  Table table;
  for (int i = 1; i <= 4; ++i) table.log(with_user(queued("a" + std::to_string(i)), "alice"));
  for (int i = 5; i <= 20; ++i) table.log(queued("j" + std::to_string(i)));
  const std::vector<Channel> both{{ChannelKind::user, "alice"}, kAll[0]};
  const Floors floors{{kAll[0], start_of(table, kAll[0], 4)}};
  Page page = page_of(table, {0, both, 3, 4, &floors}, 20);
  CHECK(versions(page) == Versions{1, 2, 3});
  page = page_of(table, {page.next, both, 3, 4, &floors}, 20);
  CHECK(versions(page) == Versions{4, 17, 18});
  page = page_of(table, {page.next, both, 3, 4, &floors}, 20);
  CHECK(versions(page) == Versions{19, 20});
  CHECK(page.at_head);
}

TEST_CASE("a channel that is not longer than a beginning is told whole") {
  Table table;
  for (int i = 1; i <= 3; ++i) table.log(queued("j" + std::to_string(i)));
  CHECK(start_of(table, kAll[0], 3) == 0);
  CHECK(start_of(table, kAll[0], 2) == 1);
  CHECK(start_of(table, {ChannelKind::user, "nobody"}, 2) == 0);
  CHECK(start_of(table, {ChannelKind::job, "j1"}, 0) == 0);
}

TEST_CASE(
    "property: pages from any cursor tell exactly the jobs of the channels that changed since, in version order") {
  const auto holds = rc::check([] {
    Table table;
    const auto changes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40));
    for (const int change : changes) {
      JobEvent event = progress("j" + std::to_string(change), 1);
      if (change % 3 == 0) event = with_user(event, "u" + std::to_string(change % 2));
      if (change % 5 == 0) event = with_queue(event, "q");
      table.log(event);
    }
    std::vector<Channel> channels;
    for (const int pick : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 45))) {
      if (pick < 40) channels.push_back({ChannelKind::job, "j" + std::to_string(pick)});
      if (pick == 40 || pick == 41) channels.push_back({ChannelKind::user, "u" + std::to_string(pick - 40)});
      if (pick == 42) channels.push_back({ChannelKind::queue, "q"});
      if (pick == 43 && *rc::gen::arbitrary<bool>()) channels.push_back({ChannelKind::all_jobs, ""});
    }
    const auto after = *rc::gen::inRange<std::int64_t>(0, table.offset + 2);
    const auto limit = *rc::gen::inRange<std::size_t>(1, 8);

    Versions expected;
    for (const auto& [version, record] : table.all()) {
      const JobState& state = record->state;
      const bool followed = std::any_of(channels.begin(), channels.end(),
                                        [&state](const Channel& channel) { return carries(channel, state); });
      if (followed && version > after) expected.push_back(version);
    }
    Versions told;
    Page page;
    page.next = after;
    while (!page.at_head) {
      const std::int64_t before = page.next;
      page = page_of(table, {page.next, channels, limit, kNoLimit}, table.offset);
      RC_ASSERT(page.jobs.size() <= limit);
      RC_ASSERT(page.at_head || page.next > before);
      for (const JobRecord* job : page.jobs) told.push_back(job->state.version);
      if (!told.empty()) RC_ASSERT(page.next >= told.back());
    }
    RC_ASSERT(told == expected);
    RC_ASSERT(page.next == table.offset);
  });
  CHECK(holds);
}
