#include "node/node.h"

#include <catch2/catch.hpp>

#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// A log that somebody else writes to as well: the tail brings their events later than their effect is felt.
class SharedLog final : public log::EventLog {
 public:
  explicit SharedLog(log::EventLog& inner) : inner_(inner) {}

  // The rival's event is in the log, and not yet in the tail.
  void rival(JobEvent event, std::int64_t expected_seq) {
    log::Append append;
    append.event = std::move(event);
    append.expected_seq = expected_seq;
    inner_.append({append}, {});
    ++late_;
  }
  void let_tail_catch_up() {
    late_ = 0;
    const auto events = std::exchange(held_, {});
    for (const auto& batch : events) tail_(batch);
  }

  Result<log::Restored> restore() override { return inner_.restore(); }
  void follow(Tail tail) override {
    tail_ = std::move(tail);
    inner_.follow([this](const log::Logged& events) {
      if (late_ > 0) {
        held_.push_back(events);
      } else {
        tail_(events);
      }
    });
  }
  void append(std::vector<log::Append> batch, log::AppendDone done) override {
    if (before_append) before_append();
    inner_.append(std::move(batch), std::move(done));
  }
  void append_records(std::vector<log::RecordAppend> batch, log::RecordsDone done) override {
    inner_.append_records(std::move(batch), std::move(done));
  }
  void expire(UnixMs now) override { inner_.expire(now); }
  void lookup(const JobEvent& event, std::function<void(log::LookupOutcome)> done) override {
    inner_.lookup(event, std::move(done));
  }
  void history(const JobId& job, std::size_t limit, std::function<void(Result<std::vector<JobEvent>>)> done) override {
    inner_.history(job, limit, std::move(done));
  }
  void save_snapshots(std::vector<log::JobSnapshot> snapshots, std::int64_t through) override {
    inner_.save_snapshots(std::move(snapshots), through);
  }
  void forget(std::vector<JobId> jobs, std::int64_t floor) override { inner_.forget(std::move(jobs), floor); }
  void drain(std::function<void()> done) override { inner_.drain(std::move(done)); }
  std::string degraded() const override { return inner_.degraded(); }

  std::function<void()> before_append;

 private:
  log::EventLog& inner_;
  Tail tail_;
  int late_ = 0;
  std::vector<log::Logged> held_;
};

struct SharedFixture {
  SharedFixture() { REQUIRE(node.start()); }
  std::optional<std::vector<node::Verdict>> answer;
  void submit(std::vector<JobEvent> events) {
    answer.reset();
    node.submit(std::move(events), [this](std::vector<node::Verdict> verdicts) { answer = std::move(verdicts); });
    loop.run_posted();
  }
  ManualClock clock;
  Loop loop;
  log::MemoryStore store;
  log::MemoryLog inner{{}, store, clock, Random(1), loop.post()};
  SharedLog log{inner};
  node::Node node{{}, log, clock};
};

std::vector<std::string> all_ids(const node::Node& node) {
  std::vector<std::string> ids;
  for (const auto& [version, record] : node.table().all()) ids.push_back(record->state.id.value);
  return ids;
}

}  // namespace

TEST_CASE("what was acknowledged is there after a restart, snapshots or not") {
  node::NodeOptions options;
  options.snapshot_every = GENERATE(1, 3, 1'000);
  NodeFixture f(options);
  f.submit(
      {with_user(queued("a"), "alice"), queued("b"), started("a"), with_metadata(progress("a", 12.5), "k", "[1]")});
  f.tick_after(1'000);
  f.submit({progress("a", 50), removed("b"), queued("c")});
  f.tick_after(1'000);
  f.submit({completed("a", "{\"x\":1}")});
  std::vector<JobState> before;
  for (const auto& [version, record] : f.node->table().all()) before.push_back(record->state);

  f.start();
  std::vector<JobState> after;
  for (const auto& [version, record] : f.node->table().all()) after.push_back(record->state);
  CHECK(after == before);
  CHECK(f.node->head().offset == 8);
  CHECK(f.submit(progress("a", 60)).error->code == ErrorCode::conflict);
  CHECK(f.submit(progress("b", 60)).error->code == ErrorCode::gone);
  CHECK(f.submit(progress("c", 60)).offset == 9);
}

TEST_CASE("a stored snapshot that does not decode is an error that names the job") {
  NodeFixture f;
  f.store.snapshots[JobId{"a"}] = {JobId{"a"}, 1, "{broken"};
  node::Node node({}, *f.log, f.clock);
  const Status started = node.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("job a") != std::string::npos);
}

TEST_CASE("a cursor stays good over clean restarts, and is refused where it may have missed something") {
  NodeFixture f;
  f.submit({queued("a"), queued("b")});
  const Cursor seen = f.node->head();
  CHECK(f.node->is_valid(seen));
  CHECK(f.node->is_valid({seen.epoch, 0}));
  CHECK_FALSE(f.node->is_valid({seen.epoch, 3}));      // from the future
  CHECK_FALSE(f.node->is_valid({seen.epoch + 2, 1}));  // of an unknown epoch
  CHECK_FALSE(f.node->is_valid({seen.epoch, -1}));

  const log::MemoryStore backup = f.store;
  f.submit({queued("c")});
  const Cursor later = f.node->head();
  f.start();
  CHECK(f.node->is_valid(seen));
  CHECK(f.node->is_valid(later));
  CHECK(f.node->head().offset == 3);
  CHECK(f.node->head().epoch != seen.epoch);
  CHECK(f.node->is_valid(f.node->head()));

  f.store = backup;
  f.start();
  f.submit({queued("d")});  // takes the offset that `c` had
  CHECK(f.node->is_valid(seen));
  CHECK_FALSE(f.node->is_valid(later));
}

TEST_CASE("a cursor between pages is good at any offset, and until the next start") {
  NodeFixture f;
  f.submit({queued("a"), queued("b")});
  f.start();
  f.submit({queued("c"), queued("d")});
  for (std::int64_t offset = 0; offset <= 4; ++offset) CHECK(f.node->is_valid(f.node->between_pages(offset)));
  CHECK_FALSE(f.node->is_valid(f.node->between_pages(5)));
  CHECK_FALSE(f.node->is_valid(f.node->between_pages(-1)));
  const Cursor between = f.node->between_pages(3);
  const Cursor head = f.node->head();
  f.start();
  // A page at 3 may have left out `a`, which had moved on; in a backup `a` may be below 3 again.
  CHECK_FALSE(f.node->is_valid(between));
  CHECK(f.node->is_valid(head));
}

TEST_CASE("each applied event is told once, in order, and the end of each batch") {
  NodeFixture f;
  std::vector<std::string> told;
  f.node->observe(
      [&](const node::Change& change) {
        told.push_back(change.job.state.id.value + " " + std::string(type_name(change.event.body)) + " " +
                       std::to_string(change.previous_version) + (change.identity_changed ? " identity" : ""));
        CHECK(change.job.state.version == change.event.offset);
      },
      [&] { told.push_back("end"); });
  f.submit({queued("a"), with_user(progress("b", 10), "alice"), with_type(started("a"), "pdf")});
  CHECK(told == std::vector<std::string>{"a queued 0", "b progress 0 identity", "a started 1 identity", "end"});
}

TEST_CASE("pages of a node end at its head, and wide channels begin with their newest jobs") {
  node::NodeOptions options;
  options.wide_channel_start = 2;
  NodeFixture f(options);
  f.submit({queued("a"), queued("b"), queued("c"), queued("d")});
  const std::vector<Channel> all{{ChannelKind::all_jobs, ""}};
  CHECK(f.node->floor(all[0]) == 2);
  const node::Page page = f.node->changes_since(0, all, 1);
  REQUIRE(page.jobs.size() == 1);
  CHECK(page.jobs[0]->state.id == JobId{"c"});
  CHECK_FALSE(page.at_head);
  CHECK(f.node->changes_since(page.next, all, 1).at_head);
}

TEST_CASE("a finished job is removed through the log after its time, and its tombstone forgotten after another") {
  node::NodeOptions options;
  options.remove_after = 10'000;
  options.tombstone_for = 5'000;
  NodeFixture f(options);
  f.submit({queued("done"), completed("done"), queued("alive")});
  const Cursor seen = f.node->head();
  f.tick_after(9'999);
  CHECK_FALSE(f.job("done")->removed);
  f.tick_after(1);
  CHECK(f.job("done")->removed);
  CHECK(f.node->is_valid(seen));
  CHECK(code_of(f.submit(retried("done"))) == ErrorCode::gone);
  const Cursor saw_removal = f.node->head();

  f.tick_after(5'000);
  CHECK(f.job("done") == nullptr);
  CHECK(all_ids(*f.node) == std::vector<std::string>{"alive"});
  CHECK_FALSE(f.node->is_valid(seen));  // it may have missed the removal
  CHECK(f.node->is_valid(saw_removal));
  f.start();
  CHECK_FALSE(f.node->is_valid(seen));
  CHECK(f.node->is_valid(saw_removal));
  CHECK(all_ids(*f.node) == std::vector<std::string>{"alive"});
  CHECK(f.submit(queued("done")).seq == 1);
}

TEST_CASE("a conflict with another writer is tried again once the tail has brought their event") {
  SharedFixture f;
  f.submit({queued("a")});
  f.log.rival(started("a"), 1);
  f.submit({progress("a", 40)});
  CHECK_FALSE(f.answer);  // it conflicted, and what it conflicted with is not known yet
  f.log.let_tail_catch_up();
  f.loop.run_posted();
  REQUIRE(f.answer);
  CHECK((*f.answer)[0].appended);
  CHECK((*f.answer)[0].seq == 3);
}

TEST_CASE("who loses the race to another writer hears what stands against it now") {
  SharedFixture f;
  f.submit({queued("a"), started("a")});
  f.log.rival(cancelled("a"), 2);
  f.submit({completed("a"), log_line("b", "untouched")});
  f.log.let_tail_catch_up();
  f.loop.run_posted();
  REQUIRE(f.answer);
  CHECK(code_of((*f.answer)[0]) == ErrorCode::conflict);
  CHECK((*f.answer)[1].appended);
  CHECK(f.node.find(JobId{"a"})->state.status == JobStatus::cancelled);
}

TEST_CASE("endless rivalry and a tail that stays behind are answered as a conflict") {
  SharedFixture f;
  f.submit({log_line("a", "1")});
  SECTION("rivals at each try") {
    std::int64_t seq = 1;
    f.log.before_append = [&] {
      f.log.rival(log_line("a", "rival"), seq++);
      f.log.let_tail_catch_up();
    };
    f.submit({log_line("a", "2")});
    REQUIRE(f.answer);
    CHECK(code_of((*f.answer)[0]) == ErrorCode::conflict);
  }
  SECTION("the tail does not come") {
    f.log.rival(log_line("a", "rival"), 1);
    f.submit({log_line("a", "2")});
    f.node.tick();
    CHECK_FALSE(f.answer);
    f.clock.advance(5'000);
    f.node.tick();
    REQUIRE(f.answer);
    CHECK(code_of((*f.answer)[0]) == ErrorCode::conflict);
  }
}
