#include "hub/figures.h"

#include <algorithm>
#include <utility>

namespace jobwire::hub {
namespace {

constexpr DurationMs kRemembered = 600'000;  // of a worker without a job
constexpr DurationMs kAtMostEvery = 1'000;
constexpr DurationMs kHour = 3'600'000;
constexpr std::size_t kMostLookedAt = 50'000;  // jobs, the newest

}  // namespace

Figures::Figures(const node::Node& node, const Clock& clock, std::function<ProcessFigures()> process)
    : node_(node), clock_(clock), process_(std::move(process)) {
  for (const auto& [version, record] : node_.table().all()) place(record->state);
}

void Figures::changed(const node::Change& change) { place(change.job.state); }

void Figures::place(const JobState& job) {
  const bool at_work = job.status == JobStatus::active && !job.removed;
  if (!job.worker_id.empty() && (at_work || active_.contains(job.id))) seen_[job.worker_id] = job.updated_at;
  leave_worker(job.id);
  if (!at_work) return;
  active_[job.id] = job.worker_id;
  job.worker_id.empty() ? ++nameless_ : ++at_work_[job.worker_id];
}

void Figures::leave_worker(const JobId& job) {
  const auto at = active_.find(job);
  if (at == active_.end()) return;
  if (at->second.empty()) {
    --nameless_;
  } else if (const auto worker = at_work_.find(at->second); --worker->second == 0) {
    at_work_.erase(worker);
  }
  active_.erase(at);
}

dialect::SystemFigures Figures::counts() const {
  dialect::SystemFigures figures;
  figures.at = clock_.now();
  if (figures.at - forgot_at_ >= kAtMostEvery) {
    forgot_at_ = figures.at;
    std::erase_if(seen_, [&](const auto& seen) {
      return figures.at - seen.second > kRemembered && !at_work_.contains(seen.first);
    });
  }
  figures.active_workers = nameless_ + static_cast<std::int64_t>(at_work_.size());
  figures.total_workers = nameless_ + static_cast<std::int64_t>(seen_.size());
  return figures;
}

void Figures::list_workers(dialect::SystemFigures& figures) const {
  std::map<std::string, dialect::Worker> named;
  for (const auto& [id, at] : seen_) named[id].id = id;
  for (const auto& [job, worker] : active_) {
    if (!worker.empty()) named[worker].jobs.push_back(job.value);
  }
  for (auto& [id, worker] : named) figures.workers.push_back(std::move(worker));
}

const dialect::SystemFigures& Figures::all() {
  const UnixMs now = clock_.now();
  if (measured_at_ != 0 && now - measured_at_ < kAtMostEvery) return last_;
  dialect::SystemFigures figures = counts();
  list_workers(figures);
  count_ended(figures);
  measure(figures);
  return last_ = std::move(figures);
}

void Figures::count_ended(dialect::SystemFigures& figures) const {
  std::size_t looked_at = 0;
  std::int64_t timed = 0;
  DurationMs duration = 0;
  const auto& jobs = node_.table().all();
  for (auto at = jobs.rbegin(); at != jobs.rend() && ++looked_at <= kMostLookedAt; ++at) {
    const JobState& job = at->second->state;
    if (job.removed || !is_terminal(job.status)) continue;
    ++figures.ended;
    figures.failed += job.status == JobStatus::failed ? 1 : 0;
    figures.ended_last_hour += figures.at - job.finished_at < kHour ? 1 : 0;
    if (job.started_at == 0) continue;
    ++timed;
    duration += job.finished_at - job.started_at;
  }
  figures.average_duration = timed == 0 ? 0 : duration / timed;
}

void Figures::measure(dialect::SystemFigures& figures) {
  const ProcessFigures process = process_ ? process_() : ProcessFigures{};
  figures.memory_bytes = process.memory_bytes;
  figures.load_hundredths = process.load_hundredths;
  const DurationMs since = figures.at - std::exchange(measured_at_, figures.at);
  const std::int64_t used = process.cpu_ms - std::exchange(cpu_ms_, process.cpu_ms);
  if (since > 0) figures.cpu_hundredths = used * 10'000 / since;
}

}  // namespace jobwire::hub
