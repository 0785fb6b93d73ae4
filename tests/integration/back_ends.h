// Back ends that publish a hundred jobs of a hundred events each, and what they were told of it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "durability_fixture.h"

namespace jobwire::test {

inline constexpr int kJobs = 100;
inline constexpr int kEventsPerJob = 100;
inline constexpr int kBackEnds = 4;

inline std::string job_name(int job) { return "job-" + std::to_string(job); }
inline std::string user_of(int job) { return job % 2 == 0 ? "alice" : "bob"; }

// The n-th event of a job, n from 1; the last one ends it.
inline std::string event_json(int job, int n) {
  std::string event = "{\"jobId\":\"" + job_name(job) + "\",\"eventId\":\"e" + std::to_string(n) + "\",";
  if (n == 1) {
    return event + "\"type\":\"queued\",\"job\":{\"type\":\"pdf\",\"queue\":\"normal\",\"userId\":\"" + user_of(job) +
           "\"}}";
  }
  if (n == kEventsPerJob) return event + "\"type\":\"completed\",\"result\":{\"pages\":" + std::to_string(job) + "}}";
  return event + "\"type\":\"progress\",\"progress\":" + std::to_string(n) + ",\"stage\":\"pages\"}";
}

// Back ends that send each batch again until it is acknowledged, as one with a queue of its own does.
class BackEnds {
 public:
  // `at_mark` is called once, by the back end that hears of so many acknowledgements while the others are publishing.
  BackEnds(const ServerAddress& server, std::string token, int mark, std::function<void()> at_mark)
      : server_(server), token_(std::move(token)), mark_(mark), at_mark_(std::move(at_mark)) {
    for (int i = 0; i < kBackEnds; ++i) threads_.emplace_back([this, i] { publish(i); });
  }
  ~BackEnds() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  int acknowledged() const { return acknowledged_; }
  bool done() const { return acknowledged_ == kJobs * kEventsPerJob; }
  void server_is_back() {
    std::lock_guard lock(mutex_);
    ++starts_;
    changed_.notify_all();
  }
  // By job, then seq: the offset that the acknowledgement named.
  std::map<int, std::map<std::int64_t, std::int64_t>> told() const {
    std::lock_guard lock(mutex_);
    return told_;
  }
  std::vector<std::string> refusals() const {
    std::lock_guard lock(mutex_);
    return refusals_;
  }

 private:
  // Ten events a job in each batch, of five jobs: several jobs grow at once.
  void publish(int back_end) {
    for (int first = back_end * 5; first < kJobs; first += kBackEnds * 5) {
      for (int n = 1; n <= kEventsPerJob; n += 10) {
        if (!send_until_acknowledged(first, n)) return;
      }
    }
  }
  bool send_until_acknowledged(int first_job, int first_event) {
    std::vector<std::string> events;
    for (int n = first_event; n < first_event + 10; ++n) {
      for (int job = first_job; job < first_job + 5; ++job) events.push_back(event_json(job, n));
    }
    for (;;) {
      const int starts = this->starts();
      try {
        const HttpResponse response = HttpClient(server_.port, token_).post("/api/v1/events", batch_of(events));
        if (response.status == 200 && note(first_job, verdicts_of(response.body))) return true;
      } catch (const std::runtime_error&) {
      }
      if (!wait_for_start_after(starts)) return false;
    }
  }
  bool note(int first_job, const std::vector<Verdict>& verdicts) {
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      if (!verdicts[i].stored()) {
        refusals_.push_back(verdicts[i].status);
        return false;
      }
      told_[first_job + static_cast<int>(i) % 5][verdicts[i].seq] = verdicts[i].version;
    }
    acknowledged_ += static_cast<int>(verdicts.size());
    if (acknowledged_ >= mark_) std::exchange(at_mark_, [] {})();
    return true;
  }
  int starts() const {
    std::lock_guard lock(mutex_);
    return starts_;
  }
  bool wait_for_start_after(int starts) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || starts_ > starts; });
    return !ended_;
  }

  const ServerAddress& server_;
  const std::string token_;
  const int mark_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> at_mark_;
  bool ended_ = false;
  int starts_ = 0;
  std::map<int, std::map<std::int64_t, std::int64_t>> told_;
  std::vector<std::string> refusals_;
  std::atomic<int> acknowledged_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace jobwire::test
