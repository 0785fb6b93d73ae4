// `/` PDF processing: job-queued, job-started, job-progress, job-completed, job-failed to the user's own connections,
// queue-status to everybody, system-metrics to admins who asked for them.
#include <algorithm>
#include <array>
#include <span>

#include "dialect/words.h"

namespace jobwire::dialect {
namespace {

struct Word {
  const char* event;
  const char* status;
};

Word word_of(Moment moment) {
  switch (moment) {
    case Moment::queued:
      return {"job-queued", "queued"};
    case Moment::started:
      return {"job-started", "started"};
    case Moment::progress:
    case Moment::updated:
      return {"job-progress", "progress"};
    case Moment::completed:
      return {"job-completed", "completed"};
    case Moment::failed:
    case Moment::cancelled:
      break;
  }
  return {"job-failed", "failed"};
}

void write_counts(JsonWriter& json, const QueueCounts& counts) {
  json.key(counts.queue).begin_object().field("waiting", counts.waiting).field("active", counts.active);
  write_hundredths(json, "avgWaitTime", counts.average_wait.value_or(0) / 600);  // of a minute
  json.end_object();
}

class Pdf final : public Dialect {
 public:
  std::string_view name() const override { return "pdf"; }
  std::string_view path() const override { return "/"; }
  bool joins_own_user() const override { return true; }
  bool tells_estimates() const override { return true; }
  bool tells_auth_error() const override { return true; }
  bool refuses_aloud() const override { return true; }

  void say(Moment moment, const Telling& telling, std::vector<Said>& into) const override {
    const JobState& job = telling.job;
    if (moment == Moment::started && telling.event == nullptr) return;  // where it is says that
    const Word word = word_of(moment);
    Said said{word.event, {}};
    JsonWriter json(said.data);
    json.begin_object().field("jobId", job.id.value).field("status", word.status);
    json.key("progress").percent(job.progress);
    if (!is_terminal(job.status)) json.field_if("step", job.stage.empty() ? job.message : job.stage);
    if (const JobEstimate* estimate = telling.estimate; estimate != nullptr && !is_terminal(job.status)) {
      write_seconds(json, "estimatedTime", moment == Moment::queued ? estimate->wait : estimate->remaining);
      if (moment == Moment::queued && estimate->queue_position) json.field("queuePosition", *estimate->queue_position);
    }
    if (moment == Moment::completed) json.raw_field_if("result", job.result);
    if (moment == Moment::failed || moment == Moment::cancelled) json.field("error", error_text(moment, job));
    json.end_object();
    into.push_back(std::move(said));
  }

  Wish understand(std::string_view event, std::string_view) const override {
    if (event == "subscribe-admin") return {Wish::Kind::follow_admin, {}, {}};
    if (event == "unsubscribe-admin") return {Wish::Kind::leave_admin, {}, {}};
    if (event == "request-system-metrics") return {Wish::Kind::metrics, {}, {}};
    return {};
  }

  // Never auth-error: a page would refresh its token for ever.
  Answer answer(const Wish&, const Outcome& outcome) const override {
    Answer answer;
    JsonWriter json(answer.acknowledgement);
    json.begin_object().field("success", !outcome.refusal.has_value());
    if (outcome.refusal) {
      json.field("code", code_name(outcome.refusal->code)).field("message", outcome.refusal->message);
      json.field_if("retryAfter", outcome.refusal->retry_after_ms);
    }
    json.end_object();
    return answer;
  }

  std::string queue_status(const push::QueueStatus& status, const SystemFigures& figures) const override {
    std::string text;
    JsonWriter json(text);
    write_queues(json, status, figures);
    return text;
  }

  // SystemMetrics: {timestamp, workers, queues, system, performance}.
  std::string system_metrics(const push::QueueStatus& status, const SystemFigures& figures) const override {
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("timestamp", iso_time(figures.at)).key("workers").begin_array();
    for (const Worker& worker : figures.workers) write_worker(json, worker);
    json.end_array().key("queues");
    write_queues(json, status, figures);
    json.key("system").begin_object().field("totalMemoryUsage", figures.memory_bytes);
    write_hundredths(json, "totalCpuUsage", figures.cpu_hundredths);
    write_hundredths(json, "systemLoad", figures.load_hundredths);
    json.end_object().key("performance").begin_object().field("totalJobsProcessed", figures.ended);
    json.field("averageProcessingTime", figures.average_duration);
    write_hundredths(json, "errorRate", figures.ended == 0 ? 0 : figures.failed * 100 / figures.ended);
    json.field("throughputPerHour", figures.ended_last_hour).end_object().end_object();
    return text;
  }

 private:
  static void write_worker(JsonWriter& json, const Worker& worker) {
    json.begin_object().field("workerId", worker.id).field("status", worker.jobs.empty() ? "idle" : "active");
    json.key("jobs").begin_array();
    for (const std::string& job : worker.jobs) json.string(job);
    json.end_array().end_object();
  }

  // Its three are always there, whether they have jobs or not; others beside them.
  static void write_queues(JsonWriter& json, const push::QueueStatus& status, const SystemFigures& figures) {
    constexpr std::array<std::string_view, 5> taken = {"premium", "normal", "large", "totalWorkers", "activeWorkers"};
    json.begin_object();
    for (const std::string_view name : std::span(taken).first(3)) {
      const auto is_it = [&](const QueueCounts& each) { return each.queue == name; };
      const auto at = std::find_if(status.queues.begin(), status.queues.end(), is_it);
      write_counts(json, at == status.queues.end() ? QueueCounts{std::string(name), 0, 0, std::nullopt} : *at);
    }
    for (const QueueCounts& each : status.queues) {
      if (std::find(taken.begin(), taken.end(), each.queue) == taken.end()) write_counts(json, each);
    }
    json.field("totalWorkers", figures.total_workers).field("activeWorkers", figures.active_workers).end_object();
  }
};

}  // namespace

std::unique_ptr<Dialect> pdf_dialect() { return std::make_unique<Pdf>(); }

}  // namespace jobwire::dialect
