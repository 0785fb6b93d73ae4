#include "node/profile.h"

#include <algorithm>

namespace jobwire::node {
namespace {

constexpr std::size_t kMostStages = kMaxStages + 1;

struct Span {
  std::string_view stage;
  UnixMs begin;
  UnixMs end;
};

// What a job did from its start to `end`, stage after stage. A stage that it entered while queued counts from the
// start.
std::vector<Span> spans_of(const JobState& job, UnixMs end) {
  std::vector<Span> spans{{"", job.started_at, end}};
  for (const StageMark& mark : job.stages) {
    const UnixMs begin = std::max(mark.started_at, job.started_at);
    spans.back().end = begin;
    spans.push_back({mark.name, begin, end});
  }
  return spans;
}

std::pair<std::string_view, std::string_view> key_of(const JobState& job) {
  return {job.identity.type, job.identity.queue};
}

}  // namespace

void Profile::learn(const JobState& job) {
  whole_.add(job.finished_at - job.started_at);
  const std::vector<Span> spans = spans_of(job, job.finished_at);
  std::size_t after = 0;
  for (const Span& span : spans) {
    const std::size_t place = place_of(std::string(span.stage), after);
    if (place == stages_.size()) continue;
    stages_[place].duration.add(span.end - span.begin);
    after = place + 1;
  }
  for (Stage& stage : stages_) {  // one that only some jobs go through counts as short for the others
    const bool seen =
        std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return span.stage == stage.name; });
    if (!seen) stage.duration.add(0);
  }
}

// Where the stage stands; a new one is put in at `after`. stages_.size(): there is no room for it.
std::size_t Profile::place_of(const std::string& name, std::size_t after) {
  const auto known =
      std::find_if(stages_.begin(), stages_.end(), [&](const Stage& stage) { return stage.name == name; });
  if (known != stages_.end()) return static_cast<std::size_t>(known - stages_.begin());
  if (stages_.size() >= kMostStages) return stages_.size();
  stages_.insert(stages_.begin() + static_cast<std::ptrdiff_t>(after), Stage{name, {}});
  return after;
}

std::optional<DurationMs> Profile::remaining(const JobState& job, UnixMs now) const {
  const std::vector<Span> spans = spans_of(job, now);
  const Span& current = spans.back();
  const auto here =
      std::find_if(stages_.begin(), stages_.end(), [&](const Stage& stage) { return stage.name == current.stage; });
  if (here == stages_.end()) {
    const DurationMs left = whole() - (now - job.started_at);
    return left > 0 ? std::optional(left) : std::nullopt;
  }
  DurationMs left = std::max<DurationMs>(here->duration.value() - (now - current.begin), 0);
  for (auto later = here + 1; later != stages_.end(); ++later) {
    const bool done =
        std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return span.stage == later->name; });
    if (!done) left += later->duration.value();
  }
  return left > 0 ? std::optional(left) : std::nullopt;
}

void Profiles::learn(const JobState& job) {
  const auto known = profiles_.find(key_of(job));
  if (known == profiles_.end() && profiles_.size() >= most_) {
    profiles_.erase(std::min_element(profiles_.begin(), profiles_.end(),
                                     [](const auto& a, const auto& b) { return a.second.learnt < b.second.learnt; }));
  }
  Entry& entry = known != profiles_.end() ? known->second : profiles_[Key{job.identity.type, job.identity.queue}];
  entry.learnt = ++lessons_;
  entry.profile.learn(job);
}

const Profile* Profiles::find(const JobState& job) const {
  const auto found = profiles_.find(key_of(job));
  return found == profiles_.end() ? nullptr : &found->second.profile;
}

}  // namespace jobwire::node
