// `/jobs`: subscribe:jobs {jobId?, userId?} with an acknowledgement; job:update, job:progress, job:completed,
// job:error.
#include <algorithm>

#include "dialect/words.h"
#include "jobwire/json_object.h"

namespace jobwire::dialect {
namespace {

Wish refused(Error error) { return {Wish::Kind::refused, {}, {}, std::move(error)}; }

class Jobs final : public Dialect {
 public:
  std::string_view name() const override { return "jobs"; }
  std::string_view path() const override { return "/jobs"; }

  void say(Moment moment, const Telling& telling, std::vector<Said>& into) const override {
    switch (moment) {
      case Moment::queued:
        return into.push_back(update("queued", telling));
      case Moment::started:
        return into.push_back(update(present_status(telling), telling));
      case Moment::updated:
        into.push_back(update(telling.job.status_text, telling));
        return with_progress(telling) ? into.push_back(progress(telling)) : void();
      case Moment::progress:
        return into.push_back(progress(telling));
      case Moment::completed:
        return into.push_back(completed(telling));
      case Moment::failed:
      case Moment::cancelled:
        return into.push_back(failed(moment, telling));
    }
  }

  Wish understand(std::string_view event, std::string_view data) const override {
    if (event != "subscribe:jobs" && event != "unsubscribe:jobs") return {};
    const Result<JsonObject> payload =
        JsonObject::parse(data.empty() || data == "null" ? "{}" : data, {}, "the payload");
    if (!payload) return refused(payload.error());
    const Result<std::string> job = payload->text("jobId");
    const Result<std::string> user = payload->text("userId");
    if (!job) return refused(job.error());
    if (!user) return refused(user.error());
    return {event == "subscribe:jobs" ? Wish::Kind::follow : Wish::Kind::leave, *job, *user};
  }

  Answer answer(const Wish& wish, const Outcome& outcome) const override {
    const char* done = wish.kind == Wish::Kind::leave ? "Unsubscribed from " : "Subscribed to ";
    Answer answer;
    JsonWriter(answer.acknowledgement)
        .begin_object()
        .field("success", !outcome.refusal.has_value())
        .field("room", outcome.room)
        .field("message", outcome.refusal ? outcome.refusal->message : done + outcome.room)
        .field_if("retryAfter", outcome.refusal ? outcome.refusal->retry_after_ms : 0)
        .end_object();
    return answer;
  }

 private:
  static std::string_view present_status(const Telling& telling) {
    const bool in_words = telling.event == nullptr && !telling.job.status_text.empty();
    return in_words ? std::string_view(telling.job.status_text) : "started";
  }
  static bool with_progress(const Telling& telling) {
    const auto* updated = telling.event == nullptr ? nullptr : std::get_if<event::Updated>(&telling.event->body);
    return updated != nullptr && updated->progress.has_value();
  }
  // What came with the event, and its message; of a job as it stands, all of it.
  static void write_data(JsonWriter& json, const Telling& telling) {
    const Metadata& metadata = telling.event == nullptr ? telling.job.metadata : telling.event->metadata;
    const bool bare =
        metadata.size() == 1 && metadata.front().first == "data" && metadata.front().second.text[0] != '{';
    if (bare) return void(json.raw(metadata.front().second.text));
    const std::string none;
    const std::string& of_event = telling.event != nullptr && telling.event->message ? *telling.event->message : none;
    const std::string& message = telling.event == nullptr ? telling.job.message : of_event;
    const auto is_message = [](const auto& member) { return member.first == "message"; };
    json.begin_object();
    write_metadata(json, metadata, {});
    if (std::none_of(metadata.begin(), metadata.end(), is_message)) json.field_if("message", message);
    json.end_object();
  }
  static Said update(std::string_view status, const Telling& telling) {
    Said said{"job:update", {}};
    JsonWriter json(said.data);
    json.begin_object().field("jobId", telling.job.id.value).field("status", status).key("data");
    write_data(json, telling);
    json.field("timestamp", iso_time(telling.at)).end_object();
    return said;
  }
  static Said progress(const Telling& telling) {
    Said said{"job:progress", {}};
    JsonWriter json(said.data);
    json.begin_object().field("jobId", telling.job.id.value).field("status", "in_progress");
    json.key("progress").percent(telling.job.progress).field_if("message", sentence_of(telling));
    json.field("timestamp", iso_time(telling.at)).end_object();
    return said;
  }
  static Said completed(const Telling& telling) {
    Said said{"job:completed", {}};
    JsonWriter json(said.data);
    json.begin_object().field("jobId", telling.job.id.value).field("status", "completed").key("result");
    telling.job.result.empty() ? json.null() : json.raw(telling.job.result.text);
    json.field("timestamp", iso_time(telling.at)).end_object();
    return said;
  }
  static Said failed(Moment moment, const Telling& telling) {
    Said said{"job:error", {}};
    JsonWriter json(said.data);
    json.begin_object().field("jobId", telling.job.id.value).field("status", "failed");
    json.field("error", error_text(moment, telling.job)).field("timestamp", iso_time(telling.at)).end_object();
    return said;
  }
};

}  // namespace

std::unique_ptr<Dialect> jobs_dialect() { return std::make_unique<Jobs>(); }

}  // namespace jobwire::dialect
