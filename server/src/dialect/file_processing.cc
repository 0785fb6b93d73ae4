// `/file-processing`: subscribe:file {fileId} answered by the event `subscribed`; processing:started, :progress,
// :completed, :failed.
#include "dialect/words.h"
#include "jobwire/json_object.h"

namespace jobwire::dialect {
namespace {

class FileProcessing final : public Dialect {
 public:
  std::string_view name() const override { return "file-processing"; }
  std::string_view path() const override { return "/file-processing"; }
  bool follows_refs() const override { return true; }

  void say(Moment moment, const Telling& telling, std::vector<Said>& into) const override {
    const JobState& job = telling.job;
    if (moment == Moment::queued) return;
    Said said{event_of(moment), {}};
    JsonWriter json(said.data);
    json.begin_object().field("fileId", handle_of(job));
    if (moment == Moment::progress || moment == Moment::updated) {
      json.key("progress")
          .percent(job.progress)
          .field("status", "processing")
          .field_if("message", sentence_of(telling));
    }
    if (moment == Moment::completed) json.raw_field_if("result", job.result);
    if (moment == Moment::failed || moment == Moment::cancelled) json.field("error", error_text(moment, job));
    if (moment <= Moment::updated && !job.metadata.empty()) {
      json.key("metadata").begin_object();
      write_metadata(json, job.metadata, {});
      json.end_object();
    }
    const bool begun = moment == Moment::started && telling.event == nullptr;
    json.field("timestamp", iso_time(begun ? job.started_at : telling.at)).end_object();
    into.push_back(std::move(said));
  }

  Wish understand(std::string_view event, std::string_view data) const override {
    if (event != "subscribe:file" && event != "unsubscribe:file") return {};
    const Result<JsonObject> payload = JsonObject::parse(data.empty() ? "null" : data, {}, "the payload");
    if (!payload) return {Wish::Kind::refused, {}, {}, payload.error()};
    const Result<std::string> file = payload->text("fileId");
    if (!file) return {Wish::Kind::refused, {}, {}, file.error()};
    if (file->empty()) {
      return {Wish::Kind::refused, {}, {}, {ErrorCode::bad_request, "fileId names the file", "fileId", 0}};
    }
    return {event == "subscribe:file" ? Wish::Kind::follow : Wish::Kind::leave, *file, {}, {}, "fileId"};
  }

  Answer answer(const Wish& wish, const Outcome& outcome) const override {
    Answer answer;
    JsonWriter json(answer.acknowledgement);
    json.begin_object().field("success", !outcome.refusal.has_value());
    if (outcome.refusal) {
      json.field("message", outcome.refusal->message).field_if("retryAfter", outcome.refusal->retry_after_ms);
    }
    json.field_if("fileId", wish.job).end_object();
    if (outcome.refusal || wish.kind == Wish::Kind::leave) return answer;
    answer.event = Said{"subscribed", std::string()};
    JsonWriter(answer.event->data).begin_object().field("fileId", wish.job).end_object();
    return answer;
  }

 private:
  static const char* event_of(Moment moment) {
    switch (moment) {
      case Moment::started:
        return "processing:started";
      case Moment::completed:
        return "processing:completed";
      case Moment::failed:
      case Moment::cancelled:
        return "processing:failed";
      case Moment::queued:
      case Moment::progress:
      case Moment::updated:
        break;
    }
    return "processing:progress";
  }
};

}  // namespace

std::unique_ptr<Dialect> file_processing_dialect() { return std::make_unique<FileProcessing>(); }

}  // namespace jobwire::dialect
