#include "jobwire/job_event.h"

#include <algorithm>

namespace jobwire {
namespace {

template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;  // clang 14 deduces none for aggregates

void fill(std::string& known, const std::string& given) {
  if (known.empty()) known = given;
}

void fill(JobIdentity& known, const JobIdentity& given) {
  fill(known.type, given.type);
  fill(known.queue, given.queue);
  fill(known.user_id.value, given.user_id.value);
  fill(known.ref, given.ref);
  fill(known.parent_id.value, given.parent_id.value);
}

void merge(Metadata& known, const Metadata& given) {
  for (const auto& [key, value] : given) {
    const auto at = std::lower_bound(known.begin(), known.end(), key,
                                     [](const auto& entry, const std::string& wanted) { return entry.first < wanted; });
    const bool there = at != known.end() && at->first == key;
    if (value.text == "null") {
      if (there) known.erase(at);
    } else if (there) {
      at->second = value;
    } else {
      known.insert(at, {key, value});
    }
  }
}

void activate(JobState& job, UnixMs at) {
  job.status = JobStatus::active;
  if (job.started_at == 0) job.started_at = at;
}

void finish(JobState& job, JobStatus status, UnixMs at) {
  job.status = status;
  job.finished_at = at;
  job.stalled = false;
}

void begin_next_attempt(JobState& job) {
  job.status = JobStatus::queued;
  ++job.attempt;
  job.progress = {};
  job.status_text.clear();
  job.stage.clear();
  job.message.clear();
  job.stages.clear();
  job.result = {};
  job.error.reset();
  job.cancel_requested_at = 0;
  job.cancel_reason.clear();
  job.worker_id.clear();
  job.stalled = false;
  job.started_at = 0;
  job.finished_at = 0;
}

// A tombstone keeps what is needed to tell those who followed the job.
void bury(JobState& job) {
  JobState tombstone;
  tombstone.id = std::move(job.id);
  tombstone.identity = std::move(job.identity);
  tombstone.status = job.status;
  tombstone.attempt = job.attempt;
  tombstone.created_at = job.created_at;
  tombstone.updated_at = job.updated_at;
  tombstone.version = job.version;
  tombstone.seq = job.seq;
  tombstone.removed = true;
  job = std::move(tombstone);
}

void report(JobState& job, UnixMs at) {
  job.last_report_at = at;
  job.stalled = false;
}

void enter_stage(JobState& job, const std::string& stage, UnixMs at) {
  job.stage = stage;
  if (stage.empty() || job.stages.size() >= kMaxStages) return;
  for (const StageMark& mark : job.stages) {
    if (mark.name == stage) return;
  }
  job.stages.push_back({stage, at});
}

void fold_body(JobState& job, const JobEvent& e) {
  std::visit(Cases{[&](const event::Queued& body) {
                     report(job, e.at);
                     job.priority = body.priority;
                     job.payload = body.payload;
                   },
                   [&](const event::Started& body) {
                     report(job, e.at);
                     activate(job, e.at);
                     if (!body.worker_id.empty()) job.worker_id = body.worker_id;
                   },
                   [&](const event::Progress& body) {
                     report(job, e.at);
                     activate(job, e.at);
                     job.progress = std::max(job.progress, body.progress);
                   },
                   [&](const event::Log&) { report(job, e.at); },
                   [&](const event::Updated& body) {
                     report(job, e.at);
                     if (!body.status_text.empty()) job.status_text = body.status_text;
                     if (body.progress) {
                       activate(job, e.at);
                       job.progress = std::max(job.progress, *body.progress);
                     }
                   },
                   [&](const event::Completed& body) {
                     report(job, e.at);
                     finish(job, JobStatus::completed, e.at);
                     job.progress = kWhole;
                     job.result = body.result;
                   },
                   [&](const event::Failed& body) {
                     report(job, e.at);
                     finish(job, JobStatus::failed, e.at);
                     job.error = body.error;
                   },
                   [&](const event::CancelRequested& body) {
                     if (job.cancel_requested_at != 0) return;
                     job.cancel_requested_at = e.at;
                     job.cancel_reason = body.reason;
                   },
                   [&](const event::Cancelled& body) {
                     report(job, e.at);
                     finish(job, JobStatus::cancelled, e.at);
                     if (!body.reason.empty()) job.cancel_reason = body.reason;
                   },
                   [&](const event::Retried&) { begin_next_attempt(job); },
                   [&](const event::Stalled&) { job.stalled = true; },
                   [&](const event::Resumed&) { report(job, e.at); },
                   [&](const event::Removed&) { bury(job); },
                   [](const event::Unknown&) {}},
             e.body);
}

template <class T>
bool is(const JobEvent& e) {
  return std::holds_alternative<T>(e.body);
}

Error conflict(std::string message) { return {ErrorCode::conflict, std::move(message), {}}; }

// What may begin a job: everything that a back end reports of its own work.
bool may_create(const JobEvent& e) {
  return is<event::Queued>(e) || is<event::Started>(e) || is<event::Progress>(e) || is<event::Log>(e) ||
         is<event::Updated>(e) || is<event::Completed>(e) || is<event::Failed>(e) || is<event::Cancelled>(e);
}

Status check_set_once(const std::string& known, const std::string& given, const char* field) {
  if (known.empty() || given.empty() || known == given) return Done{};
  return Error{ErrorCode::conflict, std::string(field) + " is set once and cannot be changed", field};
}

Status check_identity(const JobIdentity& known, const JobIdentity& given) {
  for (const auto& [was, now, field] : {std::tuple{&known.type, &given.type, "job.type"},
                                        std::tuple{&known.queue, &given.queue, "job.queue"},
                                        std::tuple{&known.user_id.value, &given.user_id.value, "job.userId"},
                                        std::tuple{&known.ref, &given.ref, "job.ref"},
                                        std::tuple{&known.parent_id.value, &given.parent_id.value, "job.parentId"}}) {
    if (Status once = check_set_once(*was, *now, field); !once) return once;
  }
  return Done{};
}

Status check_metadata_size(const Metadata& known, const Metadata& given) {
  if (given.empty()) return Done{};
  Metadata merged = known;
  merge(merged, given);
  std::size_t bytes = 0;
  for (const auto& [key, value] : merged) bytes += key.size() + value.text.size();
  if (bytes <= kMaxMetadataBytes) return Done{};
  return Error{ErrorCode::too_large, "metadata must be at most 64 KiB in all", "metadata"};
}

Result<Admission> admit_to_ended(const JobState& job, const JobEvent& e) {
  if (is<event::Retried>(e) || is<event::Removed>(e)) return Admission::append;
  return conflict("the job has ended (" + std::string(status_name(job.status)) + ")");
}

Result<Admission> admit_to_living(const JobState& job, const JobEvent& e) {
  if (is<event::Queued>(e)) return conflict("the job exists already");
  if (is<event::Retried>(e)) return conflict("only a job that has ended can be retried");
  if (is<event::CancelRequested>(e)) {
    return job.cancel_requested_at != 0 ? Admission::nothing_to_do : Admission::append;
  }
  if (is<event::Stalled>(e) || is<event::Resumed>(e)) {
    if (job.status != JobStatus::active) return conflict("the job is not active");
    return job.stalled == is<event::Stalled>(e) ? Admission::nothing_to_do : Admission::append;
  }
  return Admission::append;
}

}  // namespace

std::string_view type_name(const EventBody& body) {
  return std::visit(Cases{[](const event::Queued&) -> std::string_view { return "queued"; },
                          [](const event::Started&) -> std::string_view { return "started"; },
                          [](const event::Progress&) -> std::string_view { return "progress"; },
                          [](const event::Log&) -> std::string_view { return "log"; },
                          [](const event::Updated&) -> std::string_view { return "updated"; },
                          [](const event::Completed&) -> std::string_view { return "completed"; },
                          [](const event::Failed&) -> std::string_view { return "failed"; },
                          [](const event::CancelRequested&) -> std::string_view { return "cancel-requested"; },
                          [](const event::Cancelled&) -> std::string_view { return "cancelled"; },
                          [](const event::Retried&) -> std::string_view { return "retried"; },
                          [](const event::Stalled&) -> std::string_view { return "stalled"; },
                          [](const event::Resumed&) -> std::string_view { return "resumed"; },
                          [](const event::Removed&) -> std::string_view { return "removed"; },
                          [](const event::Unknown& unknown) -> std::string_view { return unknown.type; }},
                    body);
}

void apply(JobState& job, const JobEvent& e) {
  if (job.seq == 0) {
    job.id = e.job_id;
    job.created_at = e.at;
  }
  job.seq = e.seq;
  job.version = e.offset;
  job.updated_at = e.at;
  fill(job.identity, e.identity);
  merge(job.metadata, e.metadata);
  // Before the text of this event: a new attempt clears the last one's.
  fold_body(job, e);
  if (job.removed) return;
  if (e.stage) enter_stage(job, *e.stage, e.at);
  if (e.message) job.message = *e.message;
}

Result<Admission> validate(const JobState* head, const JobEvent& e) {
  if (is<event::Unknown>(e)) {
    return Error{ErrorCode::bad_request, "type is not one of the known event types", "type"};
  }
  if (head == nullptr || head->seq == 0) {
    if (may_create(e)) return Admission::append;
    return Error{ErrorCode::not_found, "there is no such job", "jobId"};
  }
  if (head->removed) {
    if (is<event::Removed>(e)) return Admission::nothing_to_do;
    return Error{ErrorCode::gone, "the job was removed", "jobId"};
  }
  if (e.attempt && *e.attempt != head->attempt) {
    return Error{ErrorCode::conflict, "attempt is not the job's present attempt", "attempt"};
  }
  if (Status identity = check_identity(head->identity, e.identity); !identity) return identity.error();
  if (Status size = check_metadata_size(head->metadata, e.metadata); !size) return size.error();
  return is_terminal(head->status) ? admit_to_ended(*head, e) : admit_to_living(*head, e);
}

std::optional<JobStatus> status_from_synonym(std::string_view text) {
  static constexpr std::pair<std::string_view, JobStatus> kSynonyms[] = {
      {"queued", JobStatus::queued},       {"waiting", JobStatus::queued},      {"pending", JobStatus::queued},
      {"enqueued", JobStatus::queued},     {"delayed", JobStatus::queued},      {"started", JobStatus::active},
      {"active", JobStatus::active},       {"processing", JobStatus::active},   {"running", JobStatus::active},
      {"in-progress", JobStatus::active},  {"in_progress", JobStatus::active},  {"working", JobStatus::active},
      {"completed", JobStatus::completed}, {"complete", JobStatus::completed},  {"done", JobStatus::completed},
      {"success", JobStatus::completed},   {"succeeded", JobStatus::completed}, {"finished", JobStatus::completed},
      {"failed", JobStatus::failed},       {"error", JobStatus::failed},        {"errored", JobStatus::failed},
      {"failure", JobStatus::failed},      {"cancelled", JobStatus::cancelled}, {"canceled", JobStatus::cancelled},
      {"aborted", JobStatus::cancelled}};
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const auto& [word, status] : kSynonyms) {
    if (word == lower) return status;
  }
  return std::nullopt;
}

}  // namespace jobwire
