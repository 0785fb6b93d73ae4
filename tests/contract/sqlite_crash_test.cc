// kill -9 in the middle of appends: every acknowledged event is there, as it was acknowledged, and nothing is half
// there.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <map>

#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Acknowledged {
  std::int64_t offset;
  std::int64_t seq;
  std::int64_t job;
};

JobEvent event_of_child(std::int64_t job, std::int64_t seq) {
  const std::string text = std::to_string(job) + "/" + std::to_string(seq);
  return with_event_id(log_line("job-" + std::to_string(job), text), text);
}

// Appends without end to ten jobs, saves snapshots as a node would, and tells each acknowledgement through the pipe.
class Child {
 public:
  Child(const std::string& path, int pipe) : pipe_(pipe) {
    // Upkeep in small slices, so that a death often falls between two of them.
    auto log = log::SqliteLog::open({.path = path, .history = {.chatter = 20}, .rows_at_once = 7}, clock_,
                                    Random(static_cast<std::uint64_t>(::getpid())), loop_.post());
    if (!log) ::_exit(1);
    log_ = std::move(*log);
    auto restored = log_->restore();
    if (!restored) ::_exit(2);
    for (const auto& snapshot : restored->snapshots)
      fold(snapshot.job_id, std::stoll(snapshot.bytes), snapshot.version);
    for (const JobEvent& event : restored->events) fold(event.job_id, event.seq, event.offset);
    log_->follow([this](const log::Logged& logged) { took(logged.events); });
  }

  [[noreturn]] void work() {
    for (int i = 0; i < 4; ++i) append_batch();
    for (;;) loop_.run_until([this] { return acknowledged_ > 0 && acknowledged_-- > 0; });
  }

 private:
  void fold(const JobId& job, std::int64_t seq, std::int64_t version) {
    seqs_[job.value] = seq;
    planned_[job.value] = seq;
    changed_[job.value] = version;
  }
  void took(const std::vector<JobEvent>& events) {
    for (const JobEvent& event : events) {
      seqs_[event.job_id.value] = event.seq;
      changed_[event.job_id.value] = event.offset;
    }
    since_snapshots_ += events.size();
    if (since_snapshots_ < 500) return;
    std::vector<log::JobSnapshot> snapshots;
    for (const auto& [job, version] : changed_) snapshots.push_back(snapshot(job, version, std::to_string(seqs_[job])));
    log_->save_snapshots(std::move(snapshots), events.back().offset);
    changed_.clear();
    since_snapshots_ = 0;
  }
  void append_batch() {
    std::vector<log::Append> batch;
    std::vector<std::int64_t> jobs;
    for (std::int64_t job = 0; job < 10; ++job) {
      std::int64_t& seq = planned_["job-" + std::to_string(job)];
      batch.push_back({event_of_child(job, seq + 1), seq});
      ++seq;
      jobs.push_back(job);
    }
    log_->append(std::move(batch), [this, jobs](const std::vector<log::Outcome>& outcomes) {
      for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto* appended = std::get_if<log::Appended>(&outcomes[i]);
        if (!appended) ::_exit(3);
        const Acknowledged told{appended->offset, appended->seq, jobs[i]};
        if (::write(pipe_, &told, sizeof told) != sizeof told) ::_exit(4);
      }
      ++acknowledged_;
      append_batch();
    });
  }

  int pipe_;
  ManualClock clock_;
  Loop loop_;
  std::unique_ptr<log::SqliteLog> log_;
  std::map<std::string, std::int64_t> seqs_, planned_, changed_;
  std::size_t since_snapshots_ = 0;
  int acknowledged_ = 0;
};

// Lets a child append until it has told `events` acknowledgements, kills it, and returns all that it told.
std::vector<Acknowledged> append_and_die(const std::string& path, std::size_t events) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    Child(path, ends[1]).work();
  }
  ::close(ends[1]);
  std::vector<Acknowledged> told;
  Acknowledged one{};
  bool killed = false;
  while (::read(ends[0], &one, sizeof one) == static_cast<ssize_t>(sizeof one)) {
    told.push_back(one);
    if (!killed && told.size() >= events) {
      ManualClock clock;
      Loop loop;
      CHECK_FALSE(log::SqliteLog::open({.path = path, .history = {}}, clock, Random(1), loop.post()));
      killed = ::kill(child, SIGKILL) == 0;
    }
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  return told;
}

// The log after the deaths, as a store.
class Survivor : public Store {
 public:
  explicit Survivor(std::string path) : path_(std::move(path)) {}
  std::unique_ptr<log::EventLog> open(const Clock& clock, Random random, log::Post post) override {
    auto log = log::SqliteLog::open({.path = path_, .history = {.chatter = 20}}, clock, random, std::move(post));
    if (!log) FAIL(log.error().message);
    return std::move(*log);
  }
  void back_up() override {}
  void bring_back() override {}

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("kill -9 loses no acknowledged event and leaves none by halves") {
  TempFolder folder;
  const std::string path = folder.file("jobs.db");
  std::vector<Acknowledged> told;
  for (const std::size_t events : {1, 37, 640, 1203, 2500}) {
    const auto round = append_and_die(path, events);
    told.insert(told.end(), round.begin(), round.end());

    Server server(std::make_unique<Survivor>(path));
    REQUIRE(server.restored.head >= told.back().offset);
    std::int64_t offset_before = server.restored.head - static_cast<std::int64_t>(server.restored.events.size());
    for (const JobEvent& event : server.restored.events) CHECK(event.offset == ++offset_before);
    CHECK(server.restored.head % 10 == 0);  // batches of ten: whole or not at all
    for (const Acknowledged& one : told) {
      const auto found = server.lookup(event_of_child(one.job, one.seq));
      REQUIRE(std::holds_alternative<log::Repeated>(found));
      CHECK(std::get<log::Repeated>(found).first.offset == one.offset);
      CHECK(std::get<log::Repeated>(found).first.seq == one.seq);
    }
    for (std::int64_t job = 0; job < 10; ++job) {
      const auto history = server.history("job-" + std::to_string(job), 100);
      REQUIRE(history.size() == static_cast<std::size_t>(std::min<std::int64_t>(20, server.restored.head / 10)));
      std::int64_t seq = server.restored.head / 10;
      for (const JobEvent& event : history) CHECK(event.message == std::to_string(job) + "/" + std::to_string(seq--));
    }
  }
}
