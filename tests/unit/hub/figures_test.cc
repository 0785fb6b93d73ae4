// Workers are counted as the jobs' reports go by; here against a count of all jobs.
#include "hub/figures.h"

#include <map>
#include <set>

#include "support/server_core.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

struct Watched : hub::Observer {
  explicit Watched(ServerCore& core) : figures(core.node, core.clock, {}) { core.hub->add(*this); }
  void changed(const node::Change& change) override { figures.changed(change); }
  bool follows(const JobState&) const override { return false; }
  void estimated(const node::JobRecord&, const JobEstimate&) override {}
  void counted(const push::QueueStatus&) override {}
  void ticked(UnixMs) override {}
  hub::Figures figures;
};

void check_same(const hub::Figures& running, ServerCore& core) {
  std::int64_t nameless = 0;
  std::set<std::string> busy;
  for (const auto& [version, record] : core.node.table().all()) {
    const JobState& job = record->state;
    if (job.removed || job.status != JobStatus::active) continue;
    job.worker_id.empty() ? void(++nameless) : void(busy.insert(job.worker_id));
  }
  CHECK(running.counts().active_workers == nameless + static_cast<std::int64_t>(busy.size()));
}

void submit(ServerCore& core, JobEvent event) {
  std::vector<JobEvent> events;
  events.push_back(std::move(event));
  core.node.submit(std::move(events), [](auto) {});  // what may not be is refused, and changes nothing
  core.run();
}

}  // namespace

TEST_CASE("whatever jobs do, the workers that have one are counted") {
  ServerCore core;
  Watched watched(core);
  Random random(7);
  for (int step = 0; step < 3'000; ++step) {
    const std::string job = "j" + std::to_string(random.next() % 12);
    const std::string worker = random.next() % 3 == 0 ? "" : "w" + std::to_string(random.next() % 4);
    switch (random.next() % 6) {
      case 0:
        submit(core, completed(job));
        break;
      case 1:
        submit(core, retried(job));
        break;
      case 2:
        submit(core, progress(job, 50));
        break;
      default:
        submit(core, started(job, worker));
    }
    check_same(watched.figures, core);
  }
}

TEST_CASE("a worker without a job is remembered for ten minutes") {
  ServerCore core;
  Watched watched(core);
  submit(core, started("a", "w1"));
  submit(core, started("b", "w2"));
  submit(core, completed("a"));
  CHECK(watched.figures.counts().active_workers == 1);
  CHECK(watched.figures.counts().total_workers == 2);
  core.clock.advance(602'000);
  CHECK(watched.figures.counts().total_workers == 1);  // w2 is still at work
}
