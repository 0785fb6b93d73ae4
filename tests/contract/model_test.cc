// Random lives of a store, held against the simplest model that can be written down: outcomes, history and restarts.
#include <algorithm>
#include <map>

#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct ModelJob {
  std::vector<JobEvent> events;  // all of them, stamped
  std::map<std::string, JobEvent> ids;
};

class Life {
 public:
  Life(const StoreKind& kind, std::uint64_t seed) : random_(seed), server_(kind, limits_) {}

  void live(int steps) {
    for (int i = 0; i < steps; ++i) step();
    for (const auto& [job, model] : jobs_) check_history(job);
  }

 private:
  void step() {
    switch (random_.below(20)) {
      case 0:
        return restart();
      case 1:
        return save();
      case 2:
        return forget();
      case 3:
        return check_history(any_job());
      case 4:
        server_.clock.advance(static_cast<DurationMs>(random_.below(100)) - 30);
        return;
      default:
        return append();
    }
  }

  std::string any_job() { return std::string(1, static_cast<char>('a' + random_.below(6))); }

  JobEvent any_event() {
    const std::string job = any_job();
    JobEvent event = random_.below(3) == 0 ? started(job) : progress(job, static_cast<double>(random_.below(4)));
    if (random_.below(2) == 0) event.event_id = "e" + std::to_string(random_.below(6));
    return event;
  }

  void append() {
    std::vector<log::Append> batch;
    for (std::uint64_t i = random_.below(6); i > 0; --i) {
      JobEvent event = any_event();
      const auto behind = static_cast<std::int64_t>(random_.below(8) == 0);
      const auto present = static_cast<std::int64_t>(jobs_[event.job_id.value].events.size());
      batch.push_back({std::move(event), std::max<std::int64_t>(0, present - behind)});
    }
    const auto given = batch;
    const auto outcomes = server_.append(std::move(batch));
    REQUIRE(outcomes.size() == given.size());
    for (std::size_t i = 0; i < given.size(); ++i) CHECK(outcomes[i] == expect(given[i]));
  }

  log::Outcome expect(log::Append append) {
    ModelJob& job = jobs_[append.event.job_id.value];
    JobEvent& event = append.event;
    if (const auto kept = job.ids.find(event.event_id); !event.event_id.empty() && kept != job.ids.end()) {
      const JobEvent& first = kept->second;
      if (stamped(event, first.seq, first.offset, first.at) != first) return log::EventIdReused{};
      return log::Repeated{{first.offset, first.seq, first.at}};
    }
    const auto seq = static_cast<std::int64_t>(job.events.size());
    if (append.expected_seq != seq) return log::Conflict{seq};
    last_at_ = std::max(last_at_, server_.clock.now());
    event = stamped(event, seq + 1, ++head_, last_at_);
    job.events.push_back(event);
    if (!event.event_id.empty()) job.ids[event.event_id] = event;
    return log::Appended{event.offset, event.seq, event.at};
  }

  void restart() {
    server_.restart();
    CHECK(server_.restored.head == head_);
    // Snapshots and events together hold every job to its last event.
    std::map<std::string, std::int64_t> versions;
    for (const auto& snapshot : server_.restored.snapshots) versions[snapshot.job_id.value] = snapshot.version;
    for (const JobEvent& event : server_.restored.events) {
      CHECK(event.offset > through_);
      CHECK(versions[event.job_id.value] < event.offset);
      versions[event.job_id.value] = event.offset;
    }
    std::map<std::string, std::int64_t> expected;
    for (const auto& [job, model] : jobs_) {
      if (!model.events.empty()) expected[job] = model.events.back().offset;
    }
    CHECK(versions == expected);
  }

  void save() {
    std::vector<log::JobSnapshot> snapshots;
    for (const auto& [job, model] : jobs_) {
      if (!model.events.empty() && model.events.back().offset > through_) {
        snapshots.push_back(snapshot(job, model.events.back().offset));
      }
    }
    through_ = head_;
    server_.log().save_snapshots(std::move(snapshots), through_);
  }

  void forget() {
    const std::string job = any_job();
    if (random_.below(4) != 0 || jobs_[job].events.empty()) return;
    server_.log().forget({JobId{job}}, jobs_[job].events.back().offset);
    jobs_[job] = {};
  }

  void check_history(const std::string& job) {
    std::vector<std::int64_t> expected;
    std::size_t chatter = 0, lifecycle = 0;
    const auto& events = jobs_[job].events;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      const bool kept = log::is_lifecycle(*event) ? ++lifecycle <= limits_.lifecycle : ++chatter <= limits_.chatter;
      if (kept) expected.push_back(event->offset);
    }
    CHECK(offsets_of(server_.history(job)) == expected);
  }

  log::HistoryLimits limits_{.chatter = 5, .lifecycle = 3};
  Random random_;
  Server server_;
  std::map<std::string, ModelJob> jobs_;
  std::int64_t head_ = 0;
  std::int64_t through_ = 0;
  UnixMs last_at_ = 0;
};

}  // namespace

TEST_CASE("any life of a store agrees with the model") {
  EACH_STORE(kind);
  const auto seed = GENERATE(range(1, 9));
  INFO("seed: " << seed);
  Life(kind, static_cast<std::uint64_t>(seed)).live(200);
}
