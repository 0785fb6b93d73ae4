#include "observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>

#include "observe/process.h"

namespace jobwire::observe {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};
constexpr std::array<const char*, 4> kOutcomes = {"appended", "repeated", "unchanged", "rejected"};

// A counter that follows a total which somebody else counts.
class Total {
 public:
  Total(prometheus::Registry& registry, const char* name, const char* help)
      : counter_(prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({})) {}
  void follow(double total) {
    if (total > told_) counter_.Increment(total - told_);
    told_ = total;
  }
  void follow(std::uint64_t total) { follow(static_cast<double>(total)); }

 private:
  Counter& counter_;
  double told_ = 0;
};

Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

// One counter a verdict, made once: they are counted for every event of a batch.
std::array<Counter*, kOutcomes.size()> count_events(prometheus::Registry& registry) {
  auto& family =
      prometheus::BuildCounter().Name("jobwire_events_total").Help("Job events by verdict").Register(registry);
  std::array<Counter*, kOutcomes.size()> counters{};
  for (std::size_t i = 0; i < counters.size(); ++i) counters[i] = &family.Add({{"verdict", kOutcomes[i]}});
  return counters;
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<Counter>& requests = prometheus::BuildCounter()
                                              .Name("jobwire_http_requests_total")
                                              .Help("HTTP requests answered, by method, route and status")
                                              .Register(registry);
  prometheus::Family<Histogram>& durations = prometheus::BuildHistogram()
                                                 .Name("jobwire_http_request_seconds")
                                                 .Help("From request to answer, by route; long-polls wait on purpose")
                                                 .Register(registry);
  std::array<Counter*, kOutcomes.size()> events = count_events(registry);
  Histogram& appends = prometheus::BuildHistogram()
                           .Name("jobwire_append_seconds")
                           .Help("From submit to the durable verdict, a batch each")
                           .Register(registry)
                           .Add({}, kSeconds);
  Gauge& sessions = gauge(registry, "jobwire_sessions", "Live WebSocket and stream sessions");
  Gauge& polls = gauge(registry, "jobwire_polls", "Long-polls that wait");
  Gauge& lagging = gauge(registry, "jobwire_sessions_lagging", "Sessions past their high-water mark");
  Gauge& connections = gauge(registry, "jobwire_connections", "Open sockets");
  Gauge& websockets = gauge(registry, "jobwire_websockets", "Open WebSockets");
  Gauge& streams = gauge(registry, "jobwire_streams", "Streamed responses");
  Gauge& jobs = gauge(registry, "jobwire_jobs", "Jobs in the table, without tombstones");
  Gauge& tombstones = gauge(registry, "jobwire_tombstones", "Removed jobs that still answer 410");
  Gauge& log_head = gauge(registry, "jobwire_log_head", "Offset of the newest record");
  Gauge& degraded = gauge(registry, "jobwire_degraded", "1 while the log takes no writes");
  Gauge& draining = gauge(registry, "jobwire_draining", "1 while the server goes away");
  Gauge& memory = gauge(registry, "process_resident_memory_bytes", "Resident memory");
  Total cpu{registry, "process_cpu_seconds_total", "CPU time used, user and system"};
  Total messages_out{registry, "jobwire_messages_out_total", "Messages handed to connections"};
  Total messages_in{registry, "jobwire_messages_in_total", "Messages received from clients"};
  Total frames_built{registry, "jobwire_frames_built_total", "Frames encoded, each shared by its receivers"};
  Total accepted{registry, "jobwire_connections_accepted_total", "Sockets accepted"};
  Total rate_limited{registry, "jobwire_rate_limited_total", "Connects, commands and publishes beyond a limit"};
  Total refused{registry, "jobwire_connections_refused_total", "Sockets refused: too many are open"};
  Total bad_requests{registry, "jobwire_http_bad_requests_total", "Requests that broke HTTP or its limits"};
  Total aborted{registry, "jobwire_http_aborted_total", "Requests whose peer went away before the answer"};
  Total timed_out{registry, "jobwire_connections_timed_out_total", "Connections that ran into a time limit"};
  Total bytes_in{registry, "jobwire_bytes_in_total", "Bytes read from sockets, before TLS"};
  Total bytes_out{registry, "jobwire_bytes_out_total", "Bytes written to sockets, before TLS"};
  Total writes{registry, "jobwire_writes_total", "System calls that wrote to sockets"};
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view method, std::string_view route, int status, double seconds) {
  const std::string pattern(route);
  families_->requests.Add({{"method", std::string(method)}, {"route", pattern}, {"status", std::to_string(status)}})
      .Increment();
  families_->durations.Add({{"route", pattern}}, kSeconds).Observe(seconds);
}

void Metrics::append(double seconds) { families_->appends.Observe(seconds); }

void Metrics::event(EventOutcome outcome) { families_->events[static_cast<std::size_t>(outcome)]->Increment(); }

std::string Metrics::text(const Sample& sample) {
  Families& f = *families_;
  f.sessions.Set(static_cast<double>(sample.sessions));
  f.polls.Set(static_cast<double>(sample.polls));
  f.lagging.Set(static_cast<double>(sample.lagging));
  f.connections.Set(static_cast<double>(sample.connections));
  f.websockets.Set(static_cast<double>(sample.websockets));
  f.streams.Set(static_cast<double>(sample.streams));
  f.jobs.Set(static_cast<double>(sample.jobs));
  f.tombstones.Set(static_cast<double>(sample.tombstones));
  f.log_head.Set(static_cast<double>(sample.log_head));
  f.degraded.Set(sample.degraded ? 1 : 0);
  f.draining.Set(sample.draining ? 1 : 0);
  f.messages_out.follow(sample.messages_out);
  f.messages_in.follow(sample.messages_in);
  f.frames_built.follow(sample.frames_built);
  f.accepted.follow(sample.accepted);
  f.rate_limited.follow(sample.rate_limited);
  f.refused.follow(sample.refused);
  f.bad_requests.follow(sample.bad_requests);
  f.aborted.follow(sample.aborted);
  f.timed_out.follow(sample.timed_out);
  f.bytes_in.follow(sample.bytes_in);
  f.bytes_out.follow(sample.bytes_out);
  f.writes.follow(sample.writes);
  const ProcessUse use = process_use();
  f.memory.Set(static_cast<double>(use.resident_bytes));
  f.cpu.follow(use.cpu_seconds);
  return prometheus::TextSerializer().Serialize(f.registry.Collect());
}

}  // namespace jobwire::observe
