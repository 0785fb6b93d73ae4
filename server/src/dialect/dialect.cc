#include "dialect/dialect.h"

namespace jobwire::dialect {
namespace {

struct MomentOf {
  std::optional<Moment> operator()(const event::Queued&) const { return Moment::queued; }
  std::optional<Moment> operator()(const event::Started&) const { return Moment::started; }
  std::optional<Moment> operator()(const event::Progress&) const { return Moment::progress; }
  std::optional<Moment> operator()(const event::Log&) const { return Moment::progress; }
  std::optional<Moment> operator()(const event::Updated& updated) const {
    return updated.status_text.empty() ? Moment::progress : Moment::updated;
  }
  std::optional<Moment> operator()(const event::Completed&) const { return Moment::completed; }
  std::optional<Moment> operator()(const event::Failed&) const { return Moment::failed; }
  std::optional<Moment> operator()(const event::CancelRequested&) const { return std::nullopt; }
  std::optional<Moment> operator()(const event::Cancelled&) const { return Moment::cancelled; }
  std::optional<Moment> operator()(const event::Retried&) const { return Moment::queued; }
  std::optional<Moment> operator()(const event::Stalled&) const { return std::nullopt; }
  std::optional<Moment> operator()(const event::Resumed&) const { return std::nullopt; }
  std::optional<Moment> operator()(const event::Removed&) const { return std::nullopt; }
  std::optional<Moment> operator()(const event::Unknown&) const { return std::nullopt; }
};

bool is_report(Moment moment) { return moment == Moment::progress || moment == Moment::updated; }

}  // namespace

Wish Dialect::understand(std::string_view, std::string_view) const { return {}; }
Answer Dialect::answer(const Wish&, const Outcome&) const { return {}; }

std::vector<Moment> moments_of(const JobEvent& event, const JobState& after, bool began) {
  const std::optional<Moment> moment = std::visit(MomentOf(), event.body);
  if (!moment) return {};
  if (*moment == Moment::progress && after.status == JobStatus::queued) return {Moment::queued};  // it still waits
  return began && is_report(*moment) ? std::vector{Moment::started, *moment} : std::vector{*moment};
}

std::vector<Moment> moments_of(const JobState& job) {
  switch (job.status) {
    case JobStatus::queued:
      return {Moment::queued};
    case JobStatus::active:
      return {Moment::started, Moment::progress};
    case JobStatus::completed:
      return {Moment::completed};
    case JobStatus::failed:
      return {Moment::failed};
    case JobStatus::cancelled:
      return {Moment::cancelled};
  }
  return {};
}

bool may_wait(const JobEvent& event) {
  const std::optional<Moment> moment = std::visit(MomentOf(), event.body);
  return moment && is_report(*moment);
}

std::vector<std::unique_ptr<Dialect>> all_dialects() {
  std::vector<std::unique_ptr<Dialect>> all;
  all.push_back(queue_dialect());
  all.push_back(jobs_dialect());
  all.push_back(analysis_dialect());
  all.push_back(pdf_dialect());
  all.push_back(file_processing_dialect());
  return all;
}

}  // namespace jobwire::dialect
