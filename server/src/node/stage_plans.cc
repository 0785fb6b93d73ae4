#include "node/stage_plans.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "jobwire/ids.h"

namespace jobwire::node {
namespace {

constexpr std::size_t kMostText = 4 << 10;

Error broken(std::string rule) { return {ErrorCode::bad_request, "stage-plan: " + std::move(rule), "stage-plan", 0}; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "10" or "12.5"; nullopt: not a percentage.
std::optional<Percent> percentage(std::string_view text) {
  double value = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 100)) return std::nullopt;
  return Percent{static_cast<std::int32_t>(std::lround(value * 100))};
}

Result<PlannedStage> parse_stage(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return broken("'" + std::string(text) + "' must be name=percent text");
  PlannedStage stage;
  stage.name = trim(text.substr(0, equals));
  const std::string_view rest = trim(text.substr(equals + 1));
  const std::size_t space = std::min(rest.find(' '), rest.size());
  const auto percent = percentage(rest.substr(0, space));
  if (!check_id(stage.name, "stage")) return broken("'" + stage.name + "' must be a name of 1 to 128 bytes");
  if (!percent) return broken("'" + std::string(text) + "' must have a percentage from 0 to 100 after the =");
  stage.begins_at = *percent;
  stage.text = trim(rest.substr(space));
  if (stage.text.empty()) stage.text = stage.name;
  if (stage.text.size() > kMostText || !is_valid_utf8(stage.text))
    return broken("a text must be UTF-8 of 4 KiB at most");
  return stage;
}

Status add(StagePlan& plan, PlannedStage stage) {
  const auto same = [&](const PlannedStage& other) { return other.name == stage.name; };
  if (std::any_of(plan.stages.begin(), plan.stages.end(), same)) {
    return broken("'" + stage.name + "' stands twice in the plan of " + plan.type);
  }
  if (!plan.stages.empty() && !(plan.stages.back().begins_at < stage.begins_at)) {
    return broken("the percentages of " + plan.type + " must rise");
  }
  if (plan.stages.size() == kMaxStages) return broken("a plan has at most 64 stages");
  plan.stages.push_back(std::move(stage));
  return Done{};
}

const PlannedStage* called(const StagePlan& plan, std::string_view words) {
  for (const PlannedStage& stage : plan.stages) {
    if (stage.name == words || stage.text == words) return &stage;
  }
  return nullptr;
}

// The one that `progress` has reached.
const PlannedStage* reached(const StagePlan& plan, Percent progress) {
  const PlannedStage* found = nullptr;
  for (const PlannedStage& stage : plan.stages) {
    if (stage.begins_at <= progress) found = &stage;
  }
  return found;
}

bool says_nothing(const JobEvent& event) { return !event.stage && !event.message; }

// The stage that the event speaks of by its words.
const PlannedStage* spoken_of(const StagePlan& plan, const JobEvent& event) {
  if (event.stage) return called(plan, *event.stage);
  return event.message ? called(plan, *event.message) : nullptr;
}

void say(const PlannedStage& stage, JobEvent& event) {
  event.stage = stage.name;
  if (!event.message) event.message = stage.text;
}

struct Fill {
  const StagePlan& plan;
  const JobState* head;
  JobEvent& event;

  void operator()(event::Started& body) const {
    if (head != nullptr && head->status == JobStatus::active) return;
    const PlannedStage* stage = says_nothing(event) ? &plan.stages.front() : spoken_of(plan, event);
    if (stage == nullptr || stage->begins_at == kWhole) return;
    say(*stage, event);
    if (!body.progress) body.progress = stage->begins_at;
  }

  void operator()(const event::Progress& body) const {
    if (const PlannedStage* stage = spoken_of(plan, event)) return say(*stage, event);
    const PlannedStage* stage = reached(plan, body.progress);
    if (event.stage || stage == nullptr || stage->begins_at == kWhole) return;
    if (head == nullptr || head->stage != stage->name) say(*stage, event);
  }

  // One that brought nothing but its stage is the progress that it stands for.
  void operator()(event::Updated& body) const {
    const PlannedStage* stage = spoken_of(plan, event);
    if (stage == nullptr) return;
    say(*stage, event);
    if (!body.progress) body.progress = stage->begins_at;
    if (!body.status_text.empty()) return;
    const Percent progress = *body.progress;
    event.body = event::Progress{progress};  // `body` is gone
  }

  void operator()(const event::Completed&) const {
    if (!event.message && plan.stages.back().begins_at == kWhole) event.message = plan.stages.back().text;
  }

  template <class Other>
  void operator()(const Other&) const {}
};

StagePlan plan_of(std::string type, std::vector<PlannedStage> stages) { return {std::move(type), std::move(stages)}; }

}  // namespace

Result<StagePlan> parse_stage_plan(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos)
    return broken("'" + std::string(line) + "' must be type: name=percent text; ...");
  StagePlan plan;
  plan.type = trim(line.substr(0, colon));
  if (!check_id(plan.type, "type")) return broken("'" + plan.type + "' must be a type of 1 to 128 bytes");
  std::string_view rest = line.substr(colon + 1);
  while (!trim(rest).empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view text = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty()) continue;
    auto stage = parse_stage(text);
    if (!stage) return stage.error();
    if (Status added = add(plan, std::move(*stage)); !added) return added.error();
  }
  return plan;
}

std::vector<StagePlan> built_in_stage_plans() {
  const PlannedStage started{"started", {1000}, "Job processing started"};
  const PlannedStage saving{"saving", {9000}, "Saving results"};
  const PlannedStage completed{"completed", kWhole, "Job completed successfully"};
  return {plan_of("youtube-video", {started,
                                    {"fetching", {2000}, "Fetching video data"},
                                    {"analysis", {4000}, "Generating AI analysis"},
                                    {"thumbnails", {8000}, "Generating thumbnails"},
                                    saving,
                                    completed}),
          plan_of("file-upload", {started,
                                  {"upload", {3000}, "Preparing upload"},
                                  {"transcription", {5000}, "Transcribing audio"},
                                  {"content", {6000}, "Generating AI content"},
                                  saving,
                                  completed}),
          plan_of("transcript", {started,
                                 {"summary", {4000}, "Summarizing transcript"},
                                 {"analysis", {7000}, "Generating AI analysis"},
                                 saving,
                                 completed})};
}

void StagePlans::set(StagePlan plan) {
  if (plan.stages.empty()) {
    plans_.erase(plan.type);
    return;
  }
  std::string type = plan.type;
  plans_.insert_or_assign(std::move(type), std::move(plan));
}

const StagePlan* StagePlans::plan_for(const JobState* head, const JobEvent& event) const {
  const bool known = head != nullptr && !head->identity.type.empty();
  const auto plan = plans_.find(known ? head->identity.type : event.identity.type);
  return plan == plans_.end() ? nullptr : &plan->second;
}

void StagePlans::fill(const JobState* head, JobEvent& event) const {
  const StagePlan* plan = plan_for(head, event);
  if (plan != nullptr) std::visit(Fill{*plan, head, event}, event.body);
}

}  // namespace jobwire::node
