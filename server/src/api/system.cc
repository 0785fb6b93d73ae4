// What concerns the server itself: queues, connections, metrics, health.
#include "api/api.h"
#include "api/problem.h"
#include "observe/process.h"

namespace jobwire::api {
namespace {

std::int64_t whole(std::size_t number) { return static_cast<std::int64_t>(number); }

void queues(Parts& parts, const CallPtr& call) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("queues").begin_array();
  for (const QueueCounts& queue : parts.estimates.queues()) {
    if (!auth::may_follow(call->who, {ChannelKind::queue, queue.queue})) continue;
    writer.begin_object().field("queue", queue.queue).field("waiting", queue.waiting).field("active", queue.active);
    if (queue.average_wait) writer.field("averageWait", *queue.average_wait);
    writer.end_object();
  }
  writer.end_array().end_object();
  call->reply(json_response(200, std::move(body)));
}

void stats(Parts& parts, const CallPtr& call) {
  const hub::HubStats& hub = parts.hub.stats();
  std::string body;
  JsonWriter(body)
      .begin_object()
      .field("connections", whole(parts.transport_stats().connections))
      .field("sessions", whole(hub.sessions))
      .field("polls", whole(hub.polls))
      .field("lagging", whole(hub.lagging))
      .field("messagesOut", whole(hub.messages_out))
      .field("messagesIn", whole(hub.messages_in))
      .field("framesBuilt", whole(hub.frames_built))
      .field("draining", parts.hub.draining())
      .end_object();
  call->reply(json_response(200, std::move(body)));
}

void system_metrics(Parts& parts, const CallPtr& call) {
  call->reply(json_response(200, system_metrics_object(parts)));
}

// For a person and for pages: always 200, the word tells.
void health(Parts& parts, const CallPtr& call) {
  const std::string degraded = parts.node.log().degraded();
  const char* status = parts.hub.draining() ? "draining" : degraded.empty() ? "ok" : "degraded";
  std::string body;
  JsonWriter(body).begin_object().field("status", status).field_if("degraded", degraded).end_object();
  call->reply(json_response(200, std::move(body)));
}

transport::Response text(int status, std::string body) {
  transport::Response response;
  response.status = status;
  response.headers = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}};
  response.body = std::move(body);
  return response;
}

// For a load balancer: may traffic be sent here?
void ready(Parts& parts, const CallPtr& call) {
  if (parts.hub.draining()) return call->reply(text(503, "draining\n"));
  const std::string degraded = parts.node.log().degraded();
  if (!degraded.empty()) return call->reply(text(503, "degraded: " + degraded + "\n"));
  const std::string not_ready = parts.not_ready ? parts.not_ready() : std::string();
  call->reply(not_ready.empty() ? text(200, "ok\n") : text(503, "no keys: " + not_ready + "\n"));
}

observe::Sample sample_of(const Parts& parts) {
  const hub::HubStats& hub = parts.hub.stats();
  const transport::TransportStats& transport = parts.transport_stats();
  const node::JobTable& table = parts.node.table();
  return {.sessions = whole(hub.sessions),
          .polls = whole(hub.polls),
          .lagging = whole(hub.lagging),
          .connections = whole(transport.connections),
          .websockets = whole(transport.websockets),
          .streams = whole(transport.streams),
          .jobs = whole(table.live()),
          .tombstones = whole(table.size() - table.live()),
          .log_head = parts.node.head().offset,
          .degraded = !parts.node.log().degraded().empty(),
          .draining = parts.hub.draining(),
          .messages_out = hub.messages_out,
          .messages_in = hub.messages_in,
          .frames_built = hub.frames_built,
          .rate_limited = hub.rate_limited,
          .accepted = transport.accepted,
          .refused = transport.refused,
          .bad_requests = transport.bad_requests,
          .aborted = transport.aborted,
          .timed_out = transport.timed_out,
          .bytes_in = transport.bytes_in,
          .bytes_out = transport.bytes_out,
          .writes = transport.writes};
}

void prometheus(Parts& parts, const CallPtr& call) {
  transport::Response response = text(200, parts.metrics.text(sample_of(parts)));
  response.headers.front().second = "text/plain; version=0.0.4; charset=utf-8";
  call->reply(std::move(response));
}

Route get(Parts& parts, std::string_view pattern, Access access, std::string_view summary, std::string_view schema,
          void (*answer)(Parts&, const CallPtr&)) {
  Route route;
  route.method = "GET";
  route.pattern = pattern;
  route.access = access;
  route.summary = summary;
  route.response_schema = schema;
  route.handle = [&parts, answer](const CallPtr& call) { answer(parts, call); };
  return route;
}

}  // namespace

std::string system_metrics_object(const Parts& parts) {
  const node::JobTable& table = parts.node.table();
  const observe::ProcessUse use = observe::process_use();
  std::string body;
  JsonWriter(body)
      .begin_object()
      .field("jobs", whole(table.live()))
      .field("tombstones", whole(table.size() - table.live()))
      .field("logHead", parts.node.head().offset)
      .field("memoryBytes", use.resident_bytes)
      .field("cpuMs", static_cast<std::int64_t>(use.cpu_seconds * 1000))
      .field("startedAt", parts.started_at)
      .field("uptime", parts.clock.now() - parts.started_at)
      .field_if("degraded", parts.node.log().degraded())
      .end_object();
  return body;
}

std::vector<Route> system_routes(Parts& parts) {
  const Access scrape = parts.options.public_metrics ? Access::anyone : Access::administrator;
  return {
      get(parts, "/api/v1/queues", Access::known, "Jobs waiting and active, by queue", "QueueStatus", queues),
      get(parts, "/api/v1/stats", Access::administrator, "Connections and messages", "Stats", stats),
      get(parts, "/api/v1/metrics", Access::administrator, "What the server holds and uses", "SystemMetrics",
          system_metrics),
      get(parts, "/api/v1/health", Access::anyone, "ok, degraded or draining", "Health", health),
      get(parts, "/metrics", scrape, "For Prometheus", "Text", prometheus),
      get(parts, "/healthz", Access::anyone, "The process lives", "Text",
          [](Parts&, const CallPtr& call) { call->reply(text(200, "ok\n")); }),
      get(parts, "/readyz", Access::anyone, "200 while traffic may be sent here, else 503", "Text", ready),
  };
}

}  // namespace jobwire::api
