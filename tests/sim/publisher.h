// A back end that reports its jobs over HTTP: it repeats what was not answered under the same event ids, and some of
// what was; it is sometimes wrong about its jobs.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client.h"
#include "jobwire/job_event.h"
#include "server.h"
#include "timeline.h"

namespace jobwire::sim {

class Publisher {
 public:
  struct Acknowledged {
    JobEvent event;
    std::int64_t offset = 0;
  };
  Publisher(std::string name, std::vector<JobId> jobs, Timeline& timeline, Random& random,
            std::function<Server*()> server, std::vector<std::string>& violations);
  ~Publisher() { *alive_ = false; }

  void run(UnixMs until, DurationMs pause);  // reports something every `pause` or so
  void finish();                             // every job of it ends
  bool idle() const { return outstanding_.empty(); }
  // What the server said it holds, since the last forget (a restored backup un-happens what came after it).
  const std::vector<Acknowledged>& acknowledged() const { return acknowledged_; }
  void forget_acknowledged() { acknowledged_.clear(); }

 private:
  using Batch = std::vector<JobEvent>;
  void step();
  JobEvent next_event(const JobId& job);
  JobEvent make(const JobId& job, EventBody body);
  void send(std::uint64_t number);
  void answered(std::uint64_t number, const std::vector<node::Verdict>& verdicts);

  std::string name_;
  std::vector<JobId> jobs_;
  Timeline& timeline_;
  Random& random_;
  std::function<Server*()> server_;
  std::vector<std::string>& violations_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  UnixMs until_ = 0;
  DurationMs pause_ = 0;
  std::uint64_t events_made_ = 0;
  std::uint64_t batches_made_ = 0;
  std::map<std::uint64_t, Batch> outstanding_;
  std::vector<Acknowledged> acknowledged_;
  std::map<JobId, int> reported_;  // events of a job: how far its story is
};

// Owners by number: alice, bob, nobody, and alice from the third event on.
JobIdentity identity_of(const JobId& job, int events_before);

}  // namespace jobwire::sim
