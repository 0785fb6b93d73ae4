// Jobs: create, look at, cancel, retry. Listing has a file of its own.
#include "api/api.h"
#include "api/job_access.h"
#include "api/job_list.h"
#include "api/problem.h"
#include "api/verdict.h"
#include "auth/digest.h"
#include "auth/text_encoding.h"
#include "jobwire/json_writer.h"

namespace jobwire::api {
namespace {

constexpr std::size_t kMostKeyBytes = 255;
constexpr std::int64_t kMostHistory = 100;

// Derived, so that a repeat finds the first request's verdict in the log and no table of keys is kept. The caller is
// part of it: two services may use the same key.
std::string derived(std::string_view purpose, const auth::Principal& who, std::string_view key) {
  std::string text;
  for (const std::string_view part : {purpose, auth::role_name(who.role), std::string_view(who.user), key}) {
    text.append(part).push_back('\0');
  }
  return auth::base32(auth::sha256(text).substr(0, 20));
}

Status name_job(const Parts& parts, const Call& call, JobEvent& event) {
  const std::string_view key = call.request().header("idempotency-key");
  if (key.size() > kMostKeyBytes) {
    return Error{ErrorCode::bad_request, "Idempotency-Key must have at most 255 bytes", "Idempotency-Key", 0};
  }
  if (!key.empty()) {
    event.event_id = derived("event", call.who, key);
    if (event.job_id.empty()) event.job_id.value = derived("job", call.who, key);
  } else if (!event.job_id.empty()) {
    event.event_id = derived("id", call.who, event.job_id.value);  // the id itself makes a repeat safe
  } else {
    event.job_id.value = parts.random_id();
  }
  return Done{};
}

void create(Parts& parts, const CallPtr& call) {
  auto event = decode_new_job(call->request().body, parts.options.codec);
  if (!event) return call->fail(event.error());
  if (Status named = name_job(parts, *call, *event); !named) return call->fail(named.error());
  submit(parts, call, {std::move(*event)}, [call](std::vector<node::Verdict> verdicts) {
    const node::Verdict& verdict = verdicts.front();
    transport::Response response = verdict_response(verdict.appended ? 201 : 200, verdict);
    if (!verdict.error) {
      response.headers.emplace_back("location", "/api/v1/jobs/" + percent_encode(verdict.job_id.value));
    }
    call->reply(std::move(response));
  });
}

void show(Parts& parts, const CallPtr& call) {
  const auto job = visible_job(parts, *call);
  if (!job) return call->fail(job.error());
  call->reply(json_response(200, encode_job(**job, auth::visibility(call->who))));
}

Result<std::int64_t> history_limit(const Call& call) {
  const auto text = call.request().query_value("limit");
  if (!text) return kMostHistory;
  const auto limit = parse_count(*text, 1, kMostHistory);
  if (!limit) return Error{ErrorCode::bad_request, "limit must be an integer from 1 to 100", "limit", 0};
  return *limit;
}

void history(Parts& parts, const CallPtr& call) {
  const auto job = visible_job(parts, *call);
  if (!job) return call->fail(job.error());
  const auto limit = history_limit(*call);
  if (!limit) return call->fail(limit.error());
  parts.node.log().history((*job)->id, static_cast<std::size_t>(*limit), [call](Result<std::vector<JobEvent>> events) {
    if (!events) return call->fail(events.error());
    const Visibility visibility = auth::visibility(call->who);
    std::string body;
    JsonWriter writer(body);
    writer.begin_object().key("events").begin_array();
    for (auto event = events->rbegin(); event != events->rend(); ++event) writer.raw(encode_event(*event, visibility));
    writer.end_array().end_object();
    call->reply(json_response(200, std::move(body)));
  });
}

void answer_verdict(const CallPtr& call, const node::Verdict& verdict) { call->reply(verdict_response(202, verdict)); }

void cancel(Parts& parts, const CallPtr& call) {
  auto reason = decode_reason(call->request().body, parts.options.codec);
  if (!reason) return call->fail(reason.error());
  change_job(parts, call, auth::may_cancel, event::CancelRequested{std::move(*reason)}, answer_verdict);
}

void retry(Parts& parts, const CallPtr& call) {
  change_job(parts, call, auth::may_retry, event::Retried{}, answer_verdict);
}

Route route(std::string_view method, std::string_view pattern, Access access, std::string_view summary) {
  Route route;
  route.method = method;
  route.pattern = pattern;
  route.access = access;
  route.summary = summary;
  return route;
}

}  // namespace

std::vector<Route> job_routes(Parts& parts) {
  const auto to = [&parts](void (*answer)(Parts&, const CallPtr&)) {
    return [&parts, answer](const CallPtr& call) { answer(parts, call); };
  };
  std::vector<Route> routes;
  Route& creation = routes.emplace_back(route("POST", "/api/v1/jobs", Access::publisher, "Create a job"));
  creation.body = Body::json;
  creation.request_schema = "NewJob";
  creation.response_schema = "Verdict";
  creation.status = 201;
  creation.handle = to(create);
  routes.push_back(list_route(parts));
  Route& one = routes.emplace_back(route("GET", "/api/v1/jobs/{id}", Access::known, "One job"));
  one.response_schema = "Job";
  one.handle = to(show);
  Route& past = routes.emplace_back(
      route("GET", "/api/v1/jobs/{id}/history", Access::known, "A job's last events, oldest first"));
  past.query = {{"limit", "1 to 100 (100)"}};
  past.response_schema = "History";
  past.handle = to(history);
  Route& stop = routes.emplace_back(route("POST", "/api/v1/jobs/{id}/cancel", Access::known, "Ask for a cancel"));
  stop.body = Body::optional_json;
  stop.request_schema = "Reason";
  stop.response_schema = "Verdict";
  stop.status = 202;
  stop.handle = to(cancel);
  Route& again = routes.emplace_back(
      route("POST", "/api/v1/jobs/{id}/retry", Access::known, "Begin the next attempt of an ended job"));
  again.response_schema = "Verdict";
  again.status = 202;
  again.handle = to(retry);
  return routes;
}

}  // namespace jobwire::api
