#include "api/verdict.h"

#include <chrono>

#include "api/problem.h"

namespace jobwire::api {
namespace {

using observe::EventOutcome;

EventOutcome outcome(const node::Verdict& verdict) {
  if (verdict.error) return EventOutcome::rejected;
  if (verdict.appended) return EventOutcome::appended;
  return verdict.repeated ? EventOutcome::repeated : EventOutcome::unchanged;
}

std::string_view word(EventOutcome outcome) {
  switch (outcome) {
    case EventOutcome::appended:
      return "appended";
    case EventOutcome::repeated:
      return "repeated";
    case EventOutcome::unchanged:
      return "unchanged";
    case EventOutcome::rejected:
      return "rejected";
  }
  return "rejected";
}

// A job that nobody owns is shown to admins only, which is seldom meant.
void tell_of_ownerless(Parts& parts, const std::string& route, const node::Verdict& verdict) {
  const bool created = verdict.appended && verdict.seq == 1;
  if (!created || parts.told_of_ownerless || !parts.options.dev_secret.empty()) return;  // `dev` owns them
  const node::JobRecord* record = parts.node.find(verdict.job_id);
  if (record == nullptr || !record->state.identity.user_id.empty()) return;
  parts.told_of_ownerless = true;
  parts.log.warn("job-without-owner", {{"job", verdict.job_id.value},
                                       {"route", route},
                                       {"hint", "it was created without userId: only admins and services see it"}});
}

}  // namespace

void write_verdict(JsonWriter& writer, const node::Verdict& verdict) {
  writer.begin_object().field_if("jobId", verdict.job_id.value).field("status", word(outcome(verdict)));
  writer.field_if("version", verdict.offset).field_if("seq", verdict.seq);
  writer.field("cancelRequested", verdict.cancel_requested);
  if (verdict.error) writer.key("error").raw(encode_error(*verdict.error));
  writer.end_object();
}

transport::Response verdict_response(int status, const node::Verdict& verdict) {
  if (verdict.error) {
    return problem(*verdict.error, 0, [&](JsonWriter& writer) {
      writer.field_if("jobId", verdict.job_id.value).field("cancelRequested", verdict.cancel_requested);
    });
  }
  std::string body;
  JsonWriter writer(body);
  write_verdict(writer, verdict);
  return json_response(status, std::move(body));
}

void submit(Parts& parts, const CallPtr& call, std::vector<JobEvent> events, node::SubmitDone done) {
  const auto begun = std::chrono::steady_clock::now();
  parts.node.submit(std::move(events),
                    [&parts, call, begun, done = std::move(done)](std::vector<node::Verdict> verdicts) {
                      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
                      parts.metrics.append(taken.count());
                      for (const node::Verdict& verdict : verdicts) {
                        parts.metrics.event(outcome(verdict));
                        tell_of_ownerless(parts, call->route, verdict);
                      }
                      done(std::move(verdicts));
                    });
}

}  // namespace jobwire::api
