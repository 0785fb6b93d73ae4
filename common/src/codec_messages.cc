// Messages and other texts of a server as whole values: for tests, tools and the server itself. A client folds them
// from the tape (client_session_socket.cc).
#include "codec_internal.h"

namespace jobwire {
namespace json {
namespace {

Error refusal(const Records& records) {
  const std::string field(records.broken());
  return {ErrorCode::bad_request, field + " is missing, or is not as PROTOCOL.md says", field, 0};
}

// `read(records)` answers the value; where it broke a rule the error names what did.
template <class T, class Read>
Result<T> decode_record(std::string_view text, std::size_t depth, Read read_root) {
  Result<Tape> tape = Tape::parse(text, kAnySize, depth);
  if (!tape) return std::move(tape.error());
  Records records(*tape);
  T value;
  if (!read_root(records, value)) return refusal(records);
  return value;
}

JobIdentity identity_of(const EventView& view) {
  return {std::string(view.job_type),
          std::string(view.queue),
          {std::string(view.user_id)},
          std::string(view.ref),
          {std::string(view.parent_id)}};
}

EventBody body_of(const EventRecord& record) {
  const EventView& view = record.view;
  switch (view.type) {
    case EventType::queued:
      return event::Queued{view.priority, {std::string(view.payload)}};
    case EventType::started:
      return event::Started{std::string(view.worker_id), view.progress};
    case EventType::progress:
      return event::Progress{*view.progress};
    case EventType::log:
      return event::Log{};
    case EventType::updated:
      return event::Updated{std::string(view.status_text), view.progress};
    case EventType::completed:
      return event::Completed{{std::string(view.result)}};
    case EventType::failed:
      return event::Failed{{std::string(view.error_message), std::string(view.error_code)}};
    case EventType::cancel_requested:
      return event::CancelRequested{std::string(view.reason)};
    case EventType::cancelled:
      return event::Cancelled{std::string(view.reason)};
    case EventType::retried:
      return event::Retried{};
    case EventType::stalled:
      return event::Stalled{};
    case EventType::resumed:
      return event::Resumed{};
    case EventType::removed:
      return event::Removed{};
    case EventType::unknown:
      break;
  }
  return event::Unknown{std::string(record.type)};
}

JobEvent event_of(EventRecord& record) {
  const EventView& view = record.view;
  JobEvent event;
  event.job_id.value = view.job_id;
  event.body = body_of(record);
  event.identity = identity_of(view);
  if (view.stage.data() != nullptr) event.stage = view.stage;
  if (view.message.data() != nullptr) event.message = view.message;
  event.metadata = std::move(record.metadata);
  event.seq = view.seq;
  event.offset = view.offset;
  event.at = view.at;
  return event;
}

template <class T>
bool collect(Records& records, std::uint32_t list, std::vector<T>& into) {
  return read_each<T>(records, list, [&](T& value) { into.push_back(std::move(value)); });
}

bool read_channels(Records& records, std::uint32_t list, std::vector<Channel>& into) {
  if (list == 0) return true;
  for (auto [each, end] = records.tape().at(list).children(); each != end; each = each.next()) {
    if (!each.is(Kind::string) || read_channel(each.text(), into.emplace_back()) != nullptr) return false;
  }
  return true;
}

bool read_changes(Records& records, Value data, push::Changes& changes) {
  ChangesRecord record;
  if (!read(records, data, record)) return records.refuse("data");
  if (!record.cursor.empty() && !read_cursor(record.cursor, changes.cursor)) return records.refuse("cursor");
  changes.reset = record.reset;
  changes.synced = record.synced;
  changes.user = record.user;
  changes.role = record.role;
  if (!read_channels(records, record.followed, changes.followed)) return records.refuse("followed");
  if (!read_channels(records, record.truncated, changes.truncated)) return records.refuse("truncated");
  return read_each<EventRecord>(records, record.events,
                                [&](EventRecord& event) { changes.events.push_back(event_of(event)); }) &&
         collect(records, record.jobs, changes.jobs) && collect(records, record.removed, changes.removed) &&
         collect(records, record.estimates, changes.estimates) &&
         (record.queues == 0 || collect(records, record.queues, changes.queues.emplace()));
}

// The one list that an object holds.
template <const auto& kMembers, class T>
bool read_list(Records& records, Value object, std::vector<T>& into) {
  std::uint32_t list = 0;
  return records.read<kMembers>(object, &list) && collect(records, list, into);
}
constexpr Member kJobs[] = {{"jobs", Rule::list, 0}};
constexpr Member kQueues[] = {{"queues", Rule::list, 0}};

struct AppMessageRecord {
  std::string_view name, data;
};
constexpr Member kAppMessage[] = {{"name", Rule::borrowed_text, offsetof(AppMessageRecord, name)},
                                  {"data", Rule::borrowed_raw, offsetof(AppMessageRecord, data)}};

bool read_app_message(Records& records, Value value, push::AppMessage& message) {
  AppMessageRecord record;
  if (!records.read<kAppMessage>(value, &record)) return false;
  message = {std::string(record.name), {std::string(record.data)}};
  return true;
}

constexpr Member kHeartbeat[] = {{"serverTime", Rule::count, offsetof(push::Heartbeat, server_time)}};

constexpr Member kWelcome[] = {
    {"sessionId", Rule::id, offsetof(push::Welcome, session_id)},
    {"heartbeat", Rule::count, offsetof(push::Welcome, heartbeat)},
    {"user", Rule::text, offsetof(push::Welcome, user)},
    {"role", Rule::text, offsetof(push::Welcome, role)},
    {"serverTime", Rule::count, offsetof(push::Welcome, server_time)},
    {"degraded", Rule::text, offsetof(push::Welcome, degraded)},
};
constexpr Member kGoodbye[] = {{"reason", Rule::text, offsetof(push::Goodbye, reason)},
                               {"reconnectAfter", Rule::count, offsetof(push::Goodbye, reconnect_after)}};

constexpr Member kCursor[] = {{"cursor", Rule::borrowed_text, 0}};

bool read_welcome(Records& records, Value value, push::Welcome& welcome) {
  std::string_view cursor;
  return records.read<kWelcome>(value, &welcome) && records.read<kCursor>(value, &cursor) &&
         (cursor.empty() || read_cursor(cursor, welcome.cursor));
}

bool read_error(Records& records, Value value, Error& error) {
  Refusal refusal;
  if (!read(records, value, refusal)) return false;
  error = {refusal.code, std::string(refusal.message), std::string(refusal.field), refusal.retry_after};
  return true;
}

bool read_reply(Records& records, Value value, push::Reply& reply) {
  ReplyRecord record;
  if (!read(records, value, record)) return false;
  reply.id = record.id;
  return record.error == 0 || read_error(records, records.tape().at(record.error), reply.error.emplace());
}

bool read_message(Records& records, ServerMessage& into) {
  MessageRecord message;
  if (!read(records, message)) return false;
  const Value data = records.tape().at(message.data);
  const std::string_view event = message.event;
  const bool good = event == "changes"     ? read_changes(records, data, into.emplace<push::Changes>())
                    : event == "welcome"   ? read_welcome(records, data, into.emplace<push::Welcome>())
                    : event == "estimates" ? read_list<kJobs>(records, data, into.emplace<push::Estimates>().jobs)
                    : event == "queue-status"
                        ? read_list<kQueues>(records, data, into.emplace<push::QueueStatus>().queues)
                    : event == "message"        ? read_app_message(records, data, into.emplace<push::AppMessage>())
                    : event == "auth-error"     ? read_error(records, data, into.emplace<push::AuthError>().error)
                    : event == "heartbeat"      ? records.read<kHeartbeat>(data, &into.emplace<push::Heartbeat>())
                    : event == "goodbye"        ? records.read<kGoodbye>(data, &into.emplace<push::Goodbye>())
                    : event == "reply"          ? read_reply(records, data, into.emplace<push::Reply>())
                    : event == "system-metrics" ? (into.emplace<push::SystemMetrics>().metrics.text = data.raw(), true)
                                                : (into.emplace<push::Unknown>().name = event, true);
  return good || records.refuse("data");
}

}  // namespace
}  // namespace json

using json::Records;

Result<JobState> decode_job(std::string_view text, const CodecLimits& limits) {
  return json::decode_record<JobState>(
      text, limits.depth, [](Records& records, JobState& job) { return read(records, records.tape().root(), job); });
}

Result<ServerMessage> decode_server_message(std::string_view text, const CodecLimits& limits) {
  return json::decode_record<ServerMessage>(text, limits.depth, [](Records& records, ServerMessage& message) {
    return json::read_message(records, message);
  });
}

Result<push::Changes> decode_changes(std::string_view text, const CodecLimits& limits) {
  return json::decode_record<push::Changes>(text, limits.depth, [](Records& records, push::Changes& changes) {
    return json::read_changes(records, records.tape().root(), changes);
  });
}

}  // namespace jobwire
