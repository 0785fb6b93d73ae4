// `/queue`: one event, queue-update, whose eventType says what happened. A connection hears of its own user's jobs.
#include "dialect/words.h"

namespace jobwire::dialect {
namespace {

struct Wording {
  std::string_view event_type;
  std::string_view sentence;  // where the job has none of its own
};

Wording wording_of(Moment moment) {
  switch (moment) {
    case Moment::queued:
      return {"job-queued", "Job queued"};
    case Moment::started:
      return {"job-started", "Job processing started"};
    case Moment::progress:
    case Moment::updated:
      return {"job-progress", "Job processing started"};
    case Moment::completed:
      return {"job-completed", "Job completed successfully"};
    case Moment::failed:
      return {"job-failed", "Job failed"};
    case Moment::cancelled:
      return {"job-cancelled", "Job cancelled"};
  }
  return {};
}

void write_end(JsonWriter& json, Moment moment, const JobState& job) {
  if (moment == Moment::completed) json.raw_field_if("result", job.result);
  if (moment == Moment::cancelled) json.field_if("reason", job.cancel_reason);
  if (moment != Moment::failed) return;
  json.field("error", error_text(moment, job));
  if (job.error) json.field_if("errorCode", job.error->code);
}

class Queue final : public Dialect {
 public:
  std::string_view name() const override { return "queue"; }
  std::string_view path() const override { return "/queue"; }
  bool joins_own_user() const override { return true; }
  bool tells_estimates() const override { return true; }

  void say(Moment moment, const Telling& telling, std::vector<Said>& into) const override {
    const JobState& job = telling.job;
    if (moment == Moment::started && telling.event == nullptr) return;  // where it is says that
    const Wording wording = wording_of(moment);
    const bool goes_on = moment == Moment::progress || moment == Moment::updated;
    const std::string_view sentence = goes_on ? sentence_of(telling) : own_sentence(telling);
    Said said{"queue-update", {}};
    JsonWriter json(said.data);
    json.begin_object().field("eventType", wording.event_type).field("jobId", job.id.value);
    json.field_if("jobType", job.identity.type).field_if("userId", job.identity.user_id.value);
    json.key("progress").percent(job.progress);
    json.field("stage", sentence.empty() ? wording.sentence : sentence);
    if (moment == Moment::queued && telling.estimate != nullptr) {
      if (telling.estimate->queue_position) json.field("queuePosition", *telling.estimate->queue_position);
      write_seconds(json, "estimatedWaitTime", telling.estimate->wait);
    }
    write_end(json, moment, job);
    json.field("timestamp", iso_time(telling.at)).end_object();
    into.push_back(std::move(said));
  }
};

}  // namespace

std::unique_ptr<Dialect> queue_dialect() { return std::make_unique<Queue>(); }

}  // namespace jobwire::dialect
