// Job events as tests write them: queued("a"), progress("a", 40), with_event_id(progress("a", 40), "e1").
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "jobwire/job_event.h"
#include "jobwire/job_state.h"

namespace jobwire::test {

inline JobEvent event_of(std::string_view job, EventBody body) {
  JobEvent made;
  made.job_id.value = job;
  made.body = std::move(body);
  return made;
}

// `percent` as a person writes it: 40, 12.5.
inline Percent percent(double value) { return Percent{static_cast<std::int32_t>(std::lround(value * 100))}; }

inline JobEvent queued(std::string_view job, std::int32_t priority = 0) {
  return event_of(job, event::Queued{.priority = priority, .payload = {}});
}
inline JobEvent started(std::string_view job, std::string_view worker = {}) {
  return event_of(job, event::Started{std::string(worker)});
}
inline JobEvent progress(std::string_view job, double value) { return event_of(job, event::Progress{percent(value)}); }
inline JobEvent log_line(std::string_view job, std::string_view message) {
  JobEvent made = event_of(job, event::Log{});
  made.message = message;
  return made;
}
inline JobEvent updated(std::string_view job, std::string_view status_text = {}) {
  return event_of(job, event::Updated{std::string(status_text), {}});
}
inline JobEvent completed(std::string_view job, std::string_view result_json = {}) {
  return event_of(job, event::Completed{RawJson{std::string(result_json)}});
}
inline JobEvent failed(std::string_view job, std::string_view message = "it broke", std::string_view code = {}) {
  return event_of(job, event::Failed{JobError{std::string(message), std::string(code)}});
}
inline JobEvent cancel_requested(std::string_view job, std::string_view reason = {}) {
  return event_of(job, event::CancelRequested{std::string(reason)});
}
inline JobEvent cancelled(std::string_view job, std::string_view reason = {}) {
  return event_of(job, event::Cancelled{std::string(reason)});
}
inline JobEvent retried(std::string_view job) { return event_of(job, event::Retried{}); }
inline JobEvent stalled(std::string_view job) { return event_of(job, event::Stalled{}); }
inline JobEvent resumed(std::string_view job) { return event_of(job, event::Resumed{}); }
inline JobEvent removed(std::string_view job) { return event_of(job, event::Removed{}); }

inline JobEvent with_event_id(JobEvent made, std::string_view id) {
  made.event_id = id;
  return made;
}
inline JobEvent with_stage(JobEvent made, std::string_view stage) {
  made.stage = stage;
  return made;
}
inline JobEvent with_message(JobEvent made, std::string_view message) {
  made.message = message;
  return made;
}
inline JobEvent with_attempt(JobEvent made, std::uint32_t attempt) {
  made.attempt = attempt;
  return made;
}
inline JobEvent with_user(JobEvent made, std::string_view user) {
  made.identity.user_id.value = user;
  return made;
}
inline JobEvent owned(std::string_view id, std::string_view user) { return with_user(queued(id), user); }
inline JobEvent with_queue(JobEvent made, std::string_view queue) {
  made.identity.queue = queue;
  return made;
}
inline JobEvent with_type(JobEvent made, std::string_view type) {
  made.identity.type = type;
  return made;
}
// `json` is the value's text. Give keys in sorted order: Metadata is sorted.
inline JobEvent with_metadata(JobEvent made, std::string_view key, std::string_view json) {
  made.metadata.emplace_back(std::string(key), RawJson{std::string(json)});
  return made;
}
inline JobEvent with_payload(JobEvent made, std::string_view json) {
  std::get<event::Queued>(made.body).payload.text = json;
  return made;
}

// As the log stamps it.
inline JobEvent stamped(JobEvent made, std::int64_t seq, std::int64_t offset, UnixMs at) {
  made.seq = seq;
  made.offset = offset;
  made.at = at;
  return made;
}

}  // namespace jobwire::test
