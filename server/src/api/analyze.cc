// The calls of the systems that front ends were written for, where they are not ours by another name: how a job stands
// in the words of the dialect `queue`, a user's jobs, cancel, and the number of connections.
#include "api/api.h"
#include "api/job_access.h"
#include "api/job_list.h"
#include "api/problem.h"
#include "api/verdict.h"
#include "dialect/words.h"
#include "jobwire/json_writer.h"

namespace jobwire::api {
namespace {

using DialectPtr = std::shared_ptr<const dialect::Dialect>;

// What a queue-update says to who joins now, and beside it what only a call can tell.
std::string present_state(const Parts& parts, const dialect::Dialect& words, const JobState& job) {
  const auto estimate = parts.estimates.of(job);
  const dialect::Telling telling{job, nullptr, estimate ? &*estimate : nullptr, job.updated_at};
  std::vector<dialect::Said> said;
  for (const dialect::Moment moment : dialect::moments_of(job)) words.say(moment, telling, said);
  std::string text;
  JsonWriter json(text);
  json.begin_object().field("id", job.id.value).field("status", status_name(job.status));
  json.field("createdAt", dialect::iso_time(job.created_at));
  if (job.started_at != 0) json.field("startedAt", dialect::iso_time(job.started_at));
  if (job.finished_at != 0) json.field("completedAt", dialect::iso_time(job.finished_at));
  if (job.cancel_requested_at != 0) json.field("cancelRequested", true);
  text.append(",").append(said.back().data, 1);  // its members, and the end of the object
  return text;
}

void show(Parts& parts, const dialect::Dialect& words, const CallPtr& call) {
  const auto job = visible_job(parts, *call);
  if (!job) return call->fail(job.error());
  call->reply(json_response(200, present_state(parts, words, **job)));
}

void list(Parts& parts, const dialect::Dialect& words, const CallPtr& call) {
  const std::string user(call->parameter("userId"));
  if (Status valid = check_id(user, "userId"); !valid) return call->fail(valid.error());
  std::string body;
  JsonWriter json(body);
  json.begin_array();
  for (const JobState* job : jobs_of_user(parts, call->who, user)) {
    if (body.size() >= kMostListedBytes) break;
    json.raw(present_state(parts, words, *job));
  }
  json.end_array();
  call->reply(json_response(200, std::move(body)));
}

void answer_cancel(const CallPtr& call, const node::Verdict& verdict) {
  if (verdict.error) return call->reply(verdict_response(202, verdict));
  std::string body;
  JsonWriter(body)
      .begin_object()
      .field("success", true)
      .field("message", "Cancel requested")
      .field("jobId", verdict.job_id.value)
      .field("cancelRequested", verdict.cancel_requested)
      .end_object();
  call->reply(json_response(202, std::move(body)));
}

void cancel(Parts& parts, const CallPtr& call) {
  auto reason = decode_reason(call->request().body, parts.options.codec);
  if (!reason) return call->fail(reason.error());
  change_job(parts, call, auth::may_cancel, event::CancelRequested{std::move(*reason)}, answer_cancel);
}

// Everybody who listens now, in whatever way.
void stats(Parts& parts, const CallPtr& call) {
  const transport::TransportStats& transport = parts.transport_stats();
  const auto connected = static_cast<std::int64_t>(transport.websockets + transport.streams + parts.hub.stats().polls);
  const std::int64_t polling = parts.polling_connections ? parts.polling_connections() : 0;
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("success", true).key("data").begin_object().field("connected", connected + polling);
  json.field("timestamp", dialect::iso_time(parts.clock.now())).end_object().end_object();
  call->reply(json_response(200, std::move(body)));
}

Route route(std::string_view method, std::string_view pattern, std::string_view summary, std::string_view schema,
            std::function<void(const CallPtr&)> handle) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.summary = summary;
  route.response_schema = schema;
  route.handle = std::move(handle);
  return route;
}

}  // namespace

std::vector<Route> analyze_routes(Parts& parts) {
  const DialectPtr words = dialect::queue_dialect();
  std::vector<Route> routes;
  routes.push_back(route("GET", "/analyze/jobs/{id}", "One job, in the words of the dialect `queue`", "AnalyzeJob",
                         [&parts, words](const CallPtr& call) { show(parts, *words, call); }));
  routes.push_back(route("GET", "/analyze/jobs/user/{userId}", "A user's jobs in those words, newest change first",
                         "AnalyzeJobs", [&parts, words](const CallPtr& call) { list(parts, *words, call); }));
  Route& stop = routes.emplace_back(route("POST", "/analyze/jobs/{id}/cancel", "Ask for a cancel", "AnalyzeCancel",
                                          [&parts](const CallPtr& call) { cancel(parts, call); }));
  stop.body = Body::optional_json;
  stop.request_schema = "Reason";
  stop.status = 202;
  Route& count = routes.emplace_back(route("GET", "/api/v1/websocket/stats", "How many are connected now",
                                           "WebSocketStats", [&parts](const CallPtr& call) { stats(parts, call); }));
  if (parts.options.public_metrics) count.access = Access::anyone;
  return routes;
}

}  // namespace jobwire::api
