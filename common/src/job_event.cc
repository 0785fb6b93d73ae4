#include "jobwire/job_event.h"

#include <algorithm>

#include "words.h"

namespace jobwire {
namespace {

void fill(std::string& known, std::string_view given) {
  if (known.empty() && !given.empty()) known = given;
}

void merge(Metadata& known, const Metadata& given) {
  for (const auto& entry : given) {
    if (entry.second.text != "null") {
      put(known, entry.first, entry.second.text);
    } else {
      std::erase_if(known, [&](const auto& other) { return other.first == entry.first; });
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

void fail(JobState& job, const EventView& e) {
  finish(job, JobStatus::failed, e.at);
  JobError& error = job.error.emplace();
  error.message = e.error_message;
  error.code = e.error_code;
}

void clear_attempt(JobState& job) {
  job.status = JobStatus::queued;
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
  const JobStatus status = job.status;
  clear_attempt(job);
  job.status = status;
  job.priority = 0;
  job.metadata.clear();
  job.payload = {};
  job.last_report_at = 0;
  job.removed = true;
}

void report(JobState& job, UnixMs at) {
  job.last_report_at = at;
  job.stalled = false;
}

void enter_stage(JobState& job, std::string_view stage, UnixMs at) {
  if (job.stage == stage && !job.stages.empty()) return;
  job.stage = stage;
  if (stage.empty() || job.stages.size() >= kMaxStages) return;
  for (const StageMark& mark : job.stages) {
    if (mark.name == stage) return;
  }
  StageMark& mark = job.stages.emplace_back();
  mark.name = stage;
  mark.started_at = at;
}

void advance(JobState& job, const EventView& e) {
  activate(job, e.at);
  job.progress = std::max(job.progress, *e.progress);
}

// All but what others say of the job.
bool is_report(EventType type) {
  constexpr auto bit = [](EventType one) { return 1u << static_cast<unsigned>(one); };
  constexpr unsigned kOthers = bit(EventType::cancel_requested) | bit(EventType::retried) | bit(EventType::stalled) |
                               bit(EventType::removed) | bit(EventType::unknown);
  return (bit(type) & kOthers) == 0;
}

void fold_body(JobState& job, const EventView& e) {
  if (is_report(e.type)) report(job, e.at);
  switch (e.type) {
    case EventType::queued:
      job.priority = e.priority;
      job.payload.text = e.payload;
      return;
    case EventType::started:
      activate(job, e.at);
      if (!e.worker_id.empty()) job.worker_id = e.worker_id;
      if (e.progress) advance(job, e);
      return;
    case EventType::progress:
      return advance(job, e);
    case EventType::log:
    case EventType::resumed:
      return;
    case EventType::updated:
      if (!e.status_text.empty()) job.status_text = e.status_text;
      if (e.progress) advance(job, e);
      return;
    case EventType::completed:
      finish(job, JobStatus::completed, e.at);
      job.progress = kWhole;
      job.result.text = e.result;
      return;
    case EventType::failed:
      return fail(job, e);
    case EventType::cancel_requested:
      if (job.cancel_requested_at != 0) return;
      job.cancel_requested_at = e.at;
      job.cancel_reason = e.reason;
      return;
    case EventType::cancelled:
      finish(job, JobStatus::cancelled, e.at);
      if (!e.reason.empty()) job.cancel_reason = e.reason;
      return;
    case EventType::retried:
      ++job.attempt;
      return clear_attempt(job);
    case EventType::stalled:
      job.stalled = true;
      return;
    case EventType::removed:
      return bury(job);
    case EventType::unknown:
      return;
  }
}

// What the body of an event adds to its view.
struct ViewBody {
  EventView& view;

  void operator()(const event::Queued& body) const {
    view.priority = body.priority;
    view.payload = body.payload.text;
  }
  void operator()(const event::Started& body) const {
    view.worker_id = body.worker_id;
    view.progress = body.progress;
  }
  void operator()(const event::Progress& body) const { view.progress = body.progress; }
  void operator()(const event::Log&) const {}
  void operator()(const event::Updated& body) const {
    view.status_text = body.status_text;
    view.progress = body.progress;
  }
  void operator()(const event::Completed& body) const { view.result = body.result.text; }
  void operator()(const event::Failed& body) const {
    view.error_message = body.error.message;
    view.error_code = body.error.code;
  }
  void operator()(const event::CancelRequested& body) const { view.reason = body.reason; }
  void operator()(const event::Cancelled& body) const { view.reason = body.reason; }
  void operator()(const event::Retried&) const {}
  void operator()(const event::Stalled&) const {}
  void operator()(const event::Resumed&) const {}
  void operator()(const event::Removed&) const {}
  void operator()(const event::Unknown&) const {}
};

constexpr char kTypeNames[] =
    "queued\0started\0progress\0log\0updated\0completed\0failed\0cancel-requested\0cancelled\0retried\0stalled\0"
    "resumed\0removed\0";
static_assert(count_of(kTypeNames) == static_cast<std::size_t>(EventType::unknown) &&
              std::variant_size_v<EventBody> == count_of(kTypeNames) + 1);

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
  for (const auto& [was, now, field] :
       {std::tuple{&known.type, &given.type, "job.type"}, std::tuple{&known.queue, &given.queue, "job.queue"},
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
  if (const auto* unknown = std::get_if<event::Unknown>(&body)) return unknown->type;
  return word_at(kTypeNames, body.index());
}

EventType event_type(std::string_view name) { return static_cast<EventType>(place_of(name, kTypeNames)); }

EventView view_of(const JobEvent& e) {
  EventView view;
  view.type = static_cast<EventType>(e.body.index());
  view.job_id = e.job_id.value;
  view.seq = e.seq;
  view.offset = e.offset;
  view.at = e.at;
  if (e.stage) view.stage = *e.stage;
  if (e.message) view.message = *e.message;
  std::visit(ViewBody{view}, e.body);
  view.job_type = e.identity.type;
  view.queue = e.identity.queue;
  view.user_id = e.identity.user_id.value;
  view.ref = e.identity.ref;
  view.parent_id = e.identity.parent_id.value;
  view.metadata = &e.metadata;
  return view;
}

void apply(JobState& job, const EventView& e) {
  if (job.seq == 0) {
    job.id.value = e.job_id;
    job.created_at = e.at;
  }
  job.seq = e.seq;
  job.version = e.offset;
  job.updated_at = e.at;
  fill(job.identity.type, e.job_type);
  fill(job.identity.queue, e.queue);
  fill(job.identity.user_id.value, e.user_id);
  fill(job.identity.ref, e.ref);
  fill(job.identity.parent_id.value, e.parent_id);
  if (e.metadata != nullptr) merge(job.metadata, *e.metadata);
  // Before the text of this event: a new attempt clears the last one's.
  fold_body(job, e);
  if (job.removed) return;
  if (e.stage.data() != nullptr) enter_stage(job, e.stage, e.at);
  if (e.message.data() != nullptr) job.message = e.message;
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
