// What Prometheus scrapes at /metrics. prometheus-cpp's types stay in metrics.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace jobwire::observe {

// What is read off the running parts at the moment of a scrape.
struct Sample {
  // present values
  std::int64_t sessions = 0;
  std::int64_t polls = 0;
  std::int64_t lagging = 0;
  std::int64_t connections = 0;
  std::int64_t websockets = 0;
  std::int64_t streams = 0;
  std::int64_t jobs = 0;
  std::int64_t tombstones = 0;
  std::int64_t log_head = 0;
  bool degraded = false;
  bool draining = false;
  // totals since the start
  std::uint64_t messages_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t frames_built = 0;
  std::uint64_t rate_limited = 0;
  std::uint64_t accepted = 0;  // sockets
  std::uint64_t refused = 0;
  std::uint64_t bad_requests = 0;
  std::uint64_t aborted = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t writes = 0;
};

enum class EventOutcome : std::uint8_t { appended, repeated, unchanged, rejected };

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `route` is the pattern ("/api/v1/jobs/{id}"), never the path: the number of series stays bounded.
  void request(std::string_view method, std::string_view route, int status, double seconds);
  void append(double seconds);  // one durable append, from submit to its verdicts
  void event(EventOutcome outcome);
  std::string text(const Sample& sample);  // exposition format 0.0.4

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace jobwire::observe
