#include "scenario.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "load.h"
#include "publisher.h"
#include "server_usage.h"

namespace jobwire::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t kOpenAtOnce = 64;
constexpr std::size_t kCatchUpJobs = 50;
constexpr std::size_t kBatch = 100;
constexpr std::size_t kIngestConnections = 4;
constexpr std::size_t kIngestJobs = 1000;
// What the server's stamps add to an event: ,"seq":1234,"offset":123456,"at":1764000000000
constexpr std::size_t kStamps = 46;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "bench_client: %s\n", what);
  std::exit(1);
}

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// `bytes`: of the whole text.
std::string progress_event(std::size_t job, std::uint64_t step, std::size_t bytes) {
  std::string text = R"({"type":"progress","jobId":"bench-)" + std::to_string(job) + R"(","progress":)" +
                     std::to_string(10 + step % 90) + R"(.5,"stage":"pages","message":")";
  text.append(bytes > text.size() + 2 ? bytes - text.size() - 2 : 1, 'x');
  return text + "\"}";
}

std::size_t jobs_of(const Plan& plan) { return std::max(plan.jobs, plan.burst); }

// The next `size` of the jobs, each once.
std::vector<std::string> burst_of(const Plan& plan, std::uint64_t step, std::size_t size) {
  std::vector<std::string> events;
  for (std::size_t i = 0; i < size; ++i) {
    events.push_back(progress_event((step * size + i) % std::max(jobs_of(plan), size), step, plan.event_bytes));
  }
  return events;
}

// Gives the jobs their owner, whom the subscribers are.
std::vector<std::string> first_burst(std::size_t jobs) {
  std::vector<std::string> events;
  for (std::size_t job = 0; job < jobs; ++job) {
    events.push_back(R"({"type":"progress","jobId":"bench-)" + std::to_string(job) +
                     R"(","progress":1,"job":{"userId":"bench"}})");
  }
  return events;
}

// The window between two readings of the server's usage.
class Window {
 public:
  Window(const Target& target, const Load* load)
      : target_(target),
        load_(load),
        before_(usage_of(target.process, target.metrics_port)),
        start_(SteadyClock::now()) {
    if (load_) messages_ = load_->messages(), bytes_ = load_->bytes();
  }
  std::string close(std::uint64_t count) const {
    const double seconds = seconds_since(start_);
    const ServerUsage after = usage_of(target_.process, target_.metrics_port);
    char line[512];
    std::snprintf(
        line, sizeof line,
        R"({"count":%llu,"seconds":%.6f,"cpuNs":%lld,"writes":%lld,"messages":%llu,"bytes":%llu,"residentBytes":%lld})",
        static_cast<unsigned long long>(count), seconds, static_cast<long long>(after.cpu_ns - before_.cpu_ns),
        static_cast<long long>(after.write_calls - before_.write_calls),
        static_cast<unsigned long long>(load_ ? load_->messages() - messages_ : 0),
        static_cast<unsigned long long>(load_ ? load_->bytes() - bytes_ : 0),
        static_cast<long long>(after.resident_bytes - before_.resident_bytes));
    return line;
  }

 private:
  const Target& target_;
  const Load* load_;
  ServerUsage before_;
  SteadyClock::time_point start_;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
};

Publisher make_publisher(const Target& target, const PeerWire& wire) {
  return {wire, target.port, wire.publishes_over_http(), target.service_token};
}

// Publishes bursts for a while, each to every subscriber; the number of deliveries, all of which have come.
std::uint64_t publish_for(const Plan& plan, double seconds, Load& load, Publisher& publisher) {
  const std::uint64_t before = load.deliveries();
  const auto start = SteadyClock::now();
  std::uint64_t bursts = 0;
  const auto expected = [&] { return before + bursts * plan.burst * plan.connections; };
  const auto arrived = [&] { return load.deliveries() >= expected(); };
  while (seconds_since(start) < seconds) {
    publisher.publish(burst_of(plan, bursts, plan.burst));
    ++bursts;
    const double next = plan.rate > 0 ? static_cast<double>(bursts) / plan.rate : 0;
    if (plan.rate > 0)
      load.turn_until([&] { return seconds_since(start) >= next; }, 60'000);
    else
      require(load.turn_until(arrived, 10'000), "a burst did not arrive within 10 s");
  }
  require(load.turn_until(arrived, 10'000), "deliveries did not arrive within 10 s");
  require(load.deliveries() == expected(), "something was delivered twice");
  return load.deliveries() - before;
}

std::string fanout(const Plan& plan, const Target& target, const PeerWire& wire) {
  Load load(wire, target.port);
  Publisher publisher = make_publisher(target, wire);
  publisher.publish(first_burst(jobs_of(plan)));
  load.open(plan.connections, kOpenAtOnce);
  load.turn_until([] { return false; }, 200);  // the first burst is told, as state or as events
  publish_for(plan, 0.5, load, publisher);
  const Window window(target, &load);
  return window.close(publish_for(plan, plan.seconds, load, publisher));
}

std::string idle(const Plan& plan, const Target& target, const PeerWire& wire) {
  Load load(wire, target.port);
  load.open(100, kOpenAtOnce);  // what the first connection allocates once is not a connection's cost
  load.close_all();
  load.turn_until([] { return false; }, 500);
  Load idlers(wire, target.port);
  const Window window(target, &idlers);
  idlers.open(plan.connections, kOpenAtOnce);
  idlers.turn_until([] { return false; }, 2000);
  return window.close(plan.connections);
}

std::string connect_storm(const Plan& plan, const Target& target, const PeerWire& wire) {
  Load load(wire, target.port);
  load.open(100, kOpenAtOnce);
  load.close_all();
  const Window window(target, &load);
  load.open(plan.connections, plan.connections);
  return window.close(plan.connections);
}

// All go away, jobs change, all come back at once: until everyone has been told what changed.
std::string reconnect_storm(const Plan& plan, const Target& target, const PeerWire& wire) {
  Publisher publisher = make_publisher(target, wire);
  publisher.publish(first_burst(2 * kCatchUpJobs));
  Load load(wire, target.port);
  load.turn_until([] { return false; }, 300);
  load.open(plan.connections, kOpenAtOnce);
  const std::string cursor = load.cursor();
  load.close_all();
  publisher.publish(burst_of(plan, 1, kCatchUpJobs));
  if (!wire.publishes_over_http() && !wire.opening({}).empty())
    publisher.say("B" + std::string(kCatchUpJobs * 300, 'x'));
  load.turn_until([] { return false; }, 1000);
  const Window window(target, &load);
  load.open(plan.connections, plan.connections, cursor);
  return window.close(plan.connections);
}

std::string batch_of_events(std::size_t first, std::uint64_t step) {
  std::string batch = "[";
  for (std::size_t i = 0; i < kBatch; ++i) {
    batch.append(i ? "," : "")
        .append(R"({"type":"progress","jobId":"ingest-)")
        .append(std::to_string((first + i) % kIngestJobs));
    batch.append(R"(","progress":)").append(std::to_string(step % 100)).append(R"(,"stage":"pages","message":"page )");
    batch.append(std::to_string(step)).append(R"( of 1000"})");
  }
  return batch + "]";
}

std::uint64_t ingest_on(Publisher& publisher, std::size_t index, double seconds, bool verdicts) {
  const auto start = SteadyClock::now();
  std::uint64_t step = 0;
  for (; seconds_since(start) < seconds; ++step) {
    const std::string answer =
        publisher.ingest(batch_of_events(index * (kIngestJobs / kIngestConnections) + step * kBatch % 250, step));
    require(!verdicts || answer.find("rejected") == std::string::npos, "an event was rejected");
  }
  return step * kBatch;
}

std::string ingest(const Plan& plan, const Target& target, const PeerWire& wire, bool floor) {
  std::vector<std::uint64_t> counts(kIngestConnections);
  std::vector<std::thread> threads;
  const Window window(target, nullptr);
  for (std::size_t i = 0; i < kIngestConnections; ++i) {
    threads.emplace_back([&, i] {
      Publisher publisher(wire, target.port, wire.publishes_over_http() || floor, target.service_token);
      counts[i] = ingest_on(publisher, i, plan.seconds, wire.publishes_over_http());
    });
  }
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kIngestConnections; ++i) threads[i].join(), total += counts[i];
  return window.close(total);
}

}  // namespace

std::string run_scenario(const Plan& given, const Target& target, const PeerWire& wire) {
  Plan plan = given;
  if (wire.publishes_over_http()) plan.event_bytes -= kStamps;
  if (plan.scenario == "fanout") return fanout(plan, target, wire);
  if (plan.scenario == "idle") return idle(plan, target, wire);
  if (plan.scenario == "connect") return connect_storm(plan, target, wire);
  if (plan.scenario == "reconnect") return reconnect_storm(plan, target, wire);
  if (plan.scenario == "ingest") return ingest(plan, target, wire, false);
  if (plan.scenario == "ingest-http") return ingest(plan, target, wire, true);
  require(false, "no such scenario");
  return {};
}

}  // namespace jobwire::bench
