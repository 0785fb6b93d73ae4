#include "api/job_access.h"

#include <utility>

#include "api/verdict.h"

namespace jobwire::api {

Result<const JobState*> visible_job(const Parts& parts, const Call& call) {
  const std::string_view id = call.parameter("id");
  if (Status valid = check_id(id, "id"); !valid) return valid.error();
  const node::JobRecord* record = parts.node.find(JobId{std::string(id)});
  if (record == nullptr || !auth::may_see(call.who, record->state)) {
    return Error{ErrorCode::not_found, "there is no such job", "", 0};
  }
  if (record->state.removed) return Error{ErrorCode::gone, "the job was removed", "", 0};
  return &record->state;
}

void change_job(Parts& parts, const CallPtr& call, bool (*may)(const auth::Principal&, const JobState&), EventBody body,
                std::function<void(const CallPtr&, const node::Verdict&)> answer) {
  const auto job = visible_job(parts, *call);
  if (!job) return call->fail(job.error());
  if (!may(call->who, **job)) return call->fail({ErrorCode::forbidden, "only its owner may do this to the job", "", 0});
  JobEvent event;
  event.job_id = (*job)->id;
  event.body = std::move(body);
  submit(parts, call, {std::move(event)},
         [call, answer = std::move(answer)](std::vector<node::Verdict> verdicts) { answer(call, verdicts.front()); });
}

}  // namespace jobwire::api
