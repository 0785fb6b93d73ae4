// `/` analysis notifications: analysis:started, analysis:completed, analysis:failed, to the user's own connections.
#include "dialect/words.h"

namespace jobwire::dialect {
namespace {

class Analysis final : public Dialect {
 public:
  std::string_view name() const override { return "analysis"; }
  std::string_view path() const override { return "/"; }
  bool joins_own_user() const override { return true; }

  void say(Moment moment, const Telling& telling, std::vector<Said>& into) const override {
    switch (moment) {
      case Moment::started:
        return into.push_back(said("analysis:started", "started", "Analysis started", moment, telling));
      case Moment::completed:
        return into.push_back(said("analysis:completed", "success", "Analysis completed!", moment, telling));
      case Moment::failed:
      case Moment::cancelled:
        return into.push_back(said("analysis:failed", "failed", "Analysis failed", moment, telling));
      case Moment::queued:
      case Moment::progress:
      case Moment::updated:
        return;
    }
  }

 private:
  // What the application said itself with this very event, in its metadata.
  static bool write_own(JsonWriter& json, std::string_view name, const Telling& telling) {
    if (telling.event == nullptr) return false;
    for (const auto& [key, value] : telling.event->metadata) {
      if (key != name || value.text == "null") continue;
      json.key(name).raw(value.text);
      return true;
    }
    return false;
  }

  static Said said(std::string event, std::string_view status, const std::string& sentence, Moment moment,
                   const Telling& telling) {
    const JobState& job = telling.job;
    const std::string id_name = std::string(handle_kind(job, "interview")) + "Id";
    Said said{std::move(event), {}};
    JsonWriter json(said.data);
    json.begin_object();
    write_metadata(json, job.metadata, {"jobId", id_name, "message", "status", "result", "error", "timestamp"});
    json.field("jobId", job.id.value);
    if (id_name != "jobId") json.field(id_name, handle_of(job));
    const bool speaks = telling.event != nullptr && telling.event->message && !telling.event->message->empty();
    if (!write_own(json, "message", telling)) json.field("message", speaks ? *telling.event->message : sentence);
    if (!write_own(json, "status", telling)) json.field("status", status);
    if (moment == Moment::completed) json.raw_field_if("result", job.result);
    if (moment == Moment::failed || moment == Moment::cancelled) json.field("error", error_text(moment, job));
    json.field("timestamp", iso_time(telling.at)).end_object();
    return said;
  }
};

}  // namespace

std::unique_ptr<Dialect> analysis_dialect() { return std::make_unique<Analysis>(); }

}  // namespace jobwire::dialect
