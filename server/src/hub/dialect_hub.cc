#include "hub/dialect_hub.h"

#include <algorithm>
#include <utility>

#include "dialect/words.h"
#include "hub/dialect_conversation.h"
#include "hub/hub.h"

namespace jobwire::hub {
namespace {

constexpr DurationMs kMetricsEvery = 2'000;

NamedEvent named(std::string event, std::string data) { return {std::move(event), {{RawJson{std::move(data)}}, {}}}; }

EmissionPtr emission_of(std::string event, std::string data, std::string offset = {}) {
  return std::make_shared<const Emission>(named(std::move(event), std::move(data)), std::move(offset));
}

}  // namespace

DialectHub::DialectHub(Hub& hub, std::unique_ptr<dialect::Dialect> dialect, DialectOptions options, Figures& figures,
                       Offset offset)
    : hub_(hub),
      dialect_(std::move(dialect)),
      options_(std::move(options)),
      figures_(figures),
      offset_(std::move(offset)) {
  for (const auto& [version, record] : hub_.node().table().all()) index(record->state);
}

// ---- rooms ----

void DialectHub::join(const std::string& room, DialectConversation& conversation) {
  rooms_[room].push_back(&conversation);
}

void DialectHub::leave(const std::string& room, DialectConversation& conversation) {
  const auto at = rooms_.find(room);
  if (at == rooms_.end()) return;
  std::erase(at->second, &conversation);
  if (at->second.empty()) rooms_.erase(at);
}

template <class Visit>
void DialectHub::each_room(const JobState& job, Visit visit) const {
  const auto visit_room = [&](const std::string& room) {
    if (const auto at = rooms_.find(room); at != rooms_.end()) visit(at->second);
  };
  if (rooms_.empty()) return;
  visit_room("job:" + job.id.value);
  if (!job.identity.user_id.empty()) visit_room("user:" + job.identity.user_id.value);
  visit_room("all-jobs");
  if (dialect_->follows_refs() && !job.identity.ref.empty()) visit_room("ref:" + std::string(dialect::handle_of(job)));
}

void DialectHub::index(const JobState& job) {
  if (!dialect_->follows_refs() || job.identity.ref.empty()) return;
  const std::string handle(dialect::handle_of(job));
  if (!job.removed) {
    handles_[handle].insert(job.id);
  } else if (const auto at = handles_.find(handle); at != handles_.end()) {
    at->second.erase(job.id);
    if (at->second.empty()) handles_.erase(at);
  }
}

std::vector<const node::JobRecord*> DialectHub::with_handle(const std::string& handle) const {
  std::vector<const node::JobRecord*> records;
  const auto at = handles_.find(handle);
  if (at == handles_.end()) return records;
  for (const JobId& id : at->second) {
    if (const node::JobRecord* record = hub_.node().find(id)) records.push_back(record);
  }
  return records;
}

bool DialectHub::tells(const JobState& job) const {
  const auto& types = options_.types;
  return types.empty() || std::find(types.begin(), types.end(), job.identity.type) != types.end();
}

bool DialectHub::follows(const JobState& job) const {
  bool followed = false;
  if (tells(job)) each_room(job, [&](const auto& room) { followed = followed || !room.empty(); });
  return followed;
}

// ---- telling ----

std::int64_t DialectHub::told() const { return untold_.empty() ? hub_.node().head().offset : *untold_.begin() - 1; }

// Of a change at this version: who has heard only the first of them has not heard it.
std::vector<EmissionPtr> DialectHub::emissions_of(std::vector<dialect::Said> said, std::int64_t version) const {
  std::vector<EmissionPtr> emissions;
  emissions.reserve(said.size());
  for (std::size_t i = 0; i < said.size(); ++i) {
    std::string offset = offset_(i + 1 == said.size() ? hub_.node().head().offset : version - 1);
    emissions.push_back(emission_of(std::move(said[i].event), std::move(said[i].data), std::move(offset)));
  }
  return emissions;
}

std::vector<NamedEvent> DialectHub::present(const node::JobRecord& record) const {
  const JobState& job = record.state;
  if (job.removed || !tells(job)) return {};
  const std::optional<JobEstimate> estimate = hub_.estimate_of(job.id);
  std::vector<dialect::Said> said;
  for (const dialect::Moment moment : dialect::moments_of(job)) {
    dialect_->say(moment, {job, nullptr, estimate ? &*estimate : nullptr, job.updated_at}, said);
  }
  std::vector<NamedEvent> events;
  events.reserve(said.size());
  for (dialect::Said& each : said) events.push_back(named(std::move(each.event), std::move(each.data)));
  return events;
}

void DialectHub::changed(const node::Change& change) {
  const JobState& job = change.job.state;
  index(job);
  if (!tells(job) || !follows(job)) return release(job.id);
  const std::vector<dialect::Moment> moments = dialect::moments_of(change.event, job, change.began);
  if (moments.empty()) return;
  const bool report = dialect::may_wait(change.event) && job.status == JobStatus::active;
  if (!report || moments.size() > 1) {
    release(job.id);
  } else if (reported_at_.contains(job.id)) {
    return hold(change.event);
  }
  if (report) reported_at_[job.id] = hub_.now();
  tell(change.job, change.event, moments);
}

void DialectHub::hold(const JobEvent& event) {
  const auto [at, is_first] = waiting_.try_emplace(event.job_id, Waiting{event, event.offset});
  if (!is_first) at->second.event = event;
  untold_.insert(at->second.first_offset);
}

void DialectHub::release(const JobId& job) {
  const auto at = waiting_.find(job);
  if (at == waiting_.end()) return;
  untold_.erase(at->second.first_offset);
  waiting_.erase(at);
}

void DialectHub::tell(const node::JobRecord& record, const JobEvent& event,
                      const std::vector<dialect::Moment>& moments) {
  const std::optional<JobEstimate> estimate = hub_.estimate_of(record.state.id);
  std::vector<dialect::Said> said;
  for (const dialect::Moment moment : moments) {
    dialect_->say(moment, {record.state, &event, estimate ? &*estimate : nullptr, event.at}, said);
  }
  deliver(record.state, emissions_of(std::move(said), event.offset));
}

void DialectHub::deliver(const JobState& job, const std::vector<EmissionPtr>& emissions) {
  if (emissions.empty()) return;
  ++round_;
  each_room(job, [&](const std::vector<DialectConversation*>& room) {
    for (DialectConversation* conversation : room) conversation->hear(job, emissions, {this, round_});
  });
}

// A waiting job is told again when its place in the queue, or its wait, has changed.
void DialectHub::estimated(const node::JobRecord& record, const JobEstimate& estimate) {
  if (record.state.status != JobStatus::queued || !tells(record.state)) return;
  if (!estimate.queue_position && !estimate.wait) return;
  std::vector<dialect::Said> said;
  dialect_->say(dialect::Moment::queued, {record.state, nullptr, &estimate, record.state.updated_at}, said);
  if (dialect_->tells_estimates()) deliver(record.state, emissions_of(std::move(said), record.state.version));
}

EmissionPtr DialectHub::queue_status() const {
  std::string data = dialect_->queue_status(hub_.queue_status(), figures_.counts());
  return data.empty() ? nullptr : emission_of("queue-status", std::move(data));
}

EmissionPtr DialectHub::system_metrics() const {
  std::string data = dialect_->system_metrics(hub_.queue_status(), figures_.all());
  return data.empty() ? nullptr : emission_of("system-metrics", std::move(data));
}

void DialectHub::counted(const push::QueueStatus&) {
  if (all_.empty()) return;
  const EmissionPtr status = queue_status();
  if (!status) return;
  for (DialectConversation* conversation : all_) conversation->hear(status);
}

void DialectHub::ticked(UnixMs now) {
  std::erase_if(reported_at_, [&](const auto& told) { return now - told.second >= options_.throttle; });
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (reported_at_.contains(at->first)) {
      ++at;
      continue;
    }
    const Waiting due = std::move(at->second);
    untold_.erase(due.first_offset);
    at = waiting_.erase(at);
    const node::JobRecord* record = hub_.node().find(due.event.job_id);
    if (record == nullptr || record->state.removed) continue;
    reported_at_[due.event.job_id] = now;
    tell(*record, due.event, dialect::moments_of(due.event, record->state, false));
  }
  const auto admins = rooms_.find("admin");
  if (admins == rooms_.end() || now - metrics_told_at_ < kMetricsEvery) return;
  metrics_told_at_ = now;
  if (const EmissionPtr metrics = system_metrics()) {
    for (DialectConversation* conversation : admins->second) conversation->hear(metrics);
  }
}

}  // namespace jobwire::hub
