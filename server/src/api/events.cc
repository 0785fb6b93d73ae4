// Events: one, or a batch in which each event has its own verdict.
#include "api/api.h"
#include "api/problem.h"
#include "api/verdict.h"

namespace jobwire::api {
namespace {

// NDJSON: a line an event; empty lines are skipped.
Result<std::vector<std::string_view>> split_lines(std::string_view body, std::size_t most) {
  std::vector<std::string_view> lines;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (lines.size() == most) {
      return Error{ErrorCode::too_large, "a batch holds at most " + std::to_string(most) + " events", "", 0};
    }
    lines.push_back(line);
  }
  return lines;
}

Result<std::vector<std::string_view>> split(const Parts& parts, const transport::Request& request) {
  std::string type(request.header("content-type").substr(0, 20));
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (type.starts_with("application/x-ndjson")) return split_lines(request.body, parts.options.most_batch);
  CodecLimits limits = parts.options.codec;
  limits.message_bytes = request.body.size();  // the transport bounds the whole, the codec each event
  limits.depth += 1;
  return split_array(request.body, parts.options.most_batch, limits);
}

// The answer of a batch while its events are under way: what could not be read has its verdict already.
struct Batch {
  std::vector<node::Verdict> verdicts;
  std::vector<std::size_t> submitted;  // positions of the others
};

std::string encode(const std::vector<node::Verdict>& verdicts) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("verdicts").begin_array();
  for (const node::Verdict& verdict : verdicts) write_verdict(writer, verdict);
  writer.end_array().end_object();
  return body;
}

void append_batch(Parts& parts, const CallPtr& call) {
  const auto texts = split(parts, call->request());
  if (!texts) return call->fail(texts.error());
  Batch batch;
  std::vector<JobEvent> events;
  for (const std::string_view text : *texts) {
    auto event = decode_event(text, {}, parts.options.codec);
    if (event) {
      batch.submitted.push_back(batch.verdicts.size());
      batch.verdicts.emplace_back();
      events.push_back(std::move(*event));
    } else {
      batch.verdicts.emplace_back().error = event.error();
      parts.metrics.event(observe::EventOutcome::rejected);
    }
  }
  if (events.empty()) return call->reply(json_response(200, encode(batch.verdicts)));
  submit(parts, call, std::move(events), [call, batch = std::move(batch)](std::vector<node::Verdict> verdicts) mutable {
    for (std::size_t i = 0; i < verdicts.size(); ++i) batch.verdicts[batch.submitted[i]] = std::move(verdicts[i]);
    call->reply(json_response(200, encode(batch.verdicts)));
  });
}

void append_one(Parts& parts, const CallPtr& call) {
  const std::string_view id = call->parameter("id");
  if (Status valid = check_id(id, "id"); !valid) return call->fail(valid.error());
  auto event = decode_event(call->request().body, id, parts.options.codec);
  if (!event) return call->fail(event.error());
  submit(parts, call, {std::move(*event)},
         [call](std::vector<node::Verdict> verdicts) { call->reply(verdict_response(200, verdicts.front())); });
}

}  // namespace

std::vector<Route> event_routes(Parts& parts) {
  Route one;
  one.method = "POST";
  one.pattern = "/api/v1/jobs/{id}/events";
  one.access = Access::publisher;
  one.body = Body::json;
  one.summary = "Append one event to a job; the first event creates it";
  one.request_schema = "Event";
  one.response_schema = "Verdict";
  one.handle = [&parts](const CallPtr& call) { append_one(parts, call); };
  Route batch = one;
  batch.pattern = "/api/v1/events";
  batch.body = Body::json_or_lines;
  batch.summary = "Append up to 1,000 events, each with its own verdict, in order";
  batch.request_schema = "Events";
  batch.response_schema = "Verdicts";
  batch.handle = [&parts](const CallPtr& call) { append_batch(parts, call); };
  return {std::move(one), std::move(batch)};
}

}  // namespace jobwire::api
