// Readers and writers of nested values, shared by the codec's files.
#pragma once

#include <memory>

#include "jobwire/client_action.h"
#include "jobwire/codec.h"
#include "jobwire/json_writer.h"
#include "json_fields.h"
#include "json_record.h"
#include "json_tape.h"

namespace jobwire::json {

// What a browser takes from its own server: sizes are the server's affair.
inline constexpr std::size_t kAnySize = std::size_t{1} << 30;
inline constexpr std::size_t kMessageDepth = 64;

// Where an event comes from decides what is read of it.
enum class EventSource : std::uint8_t {
  reporter,  // seq, offset and at are ignored; an unknown type is an error
  log,       // everything is read
};
JobEvent read_event(Fields& fields, Value value, EventSource source);

// ---- what a server tells, read by the tables of codec_records.cc; false: a rule is broken ----
struct EventRecord {
  EventView view;
  std::string_view type;
  Metadata metadata;
};
struct MessageRecord {
  std::string_view event;
  std::uint32_t data = 0;
};
// Lists are places on the tape; 0: absent.
struct ChangesRecord {
  std::string_view cursor;
  bool reset = false;
  bool synced = false;
  std::uint32_t events = 0;
  std::uint32_t jobs = 0;
  std::uint32_t removed = 0;
  std::uint32_t estimates = 0;
  std::uint32_t queues = 0;
  std::uint32_t messages = 0;
  std::uint32_t unread = 0;  // beside notifications, or where a view begins
  std::uint32_t followed = 0;
  std::uint32_t truncated = 0;
  std::string_view user;
  std::string_view role;
};
struct WelcomeRecord {
  DurationMs heartbeat = 0;
  std::string_view user;
  std::string_view role;
  std::string_view degraded;
};
struct ReplyRecord {
  std::int64_t id = 0;
  std::uint32_t error = 0;  // a place on the tape; 0: ok
};
struct GoodbyeRecord {
  DurationMs reconnect_after = 0;
};
bool read_identity(Records& records, Value value, EventView& view);
bool read(Records& records, Value value, EventRecord& event);
bool read(Records& records, Value value, JobState& job);
bool read(Records& records, Value value, RemovedJob& removed);
bool read(Records& records, Value value, JobEstimate& estimate);
bool read(Records& records, Value value, QueueCounts& counts);
bool read(Records& records, Value value, ChangesRecord& changes);
bool read(Records& records, Value value, WelcomeRecord& welcome);
bool read(Records& records, Value value, GoodbyeRecord& goodbye);
bool read(Records& records, Value value, ReplyRecord& reply);
bool read(Records& records, Value value, Refusal& refusal);
bool read(Records& records, MessageRecord& message);

// Calls `take` with each element of a list, read into a T of its own; false where one breaks a rule.
template <class T, class Take>
bool read_each(Records& records, std::uint32_t list, Take take) {
  if (list == 0) return true;
  for (auto [at, end] = records.tape().at(list).children(); at != end; at = at.next()) {
    T value{};
    if (!read(records, at, value)) return false;
    take(value);
  }
  return true;
}

// The data object of each command.
void write(JsonWriter& json, const command::Hello& hello);
void write(JsonWriter& json, const command::Subscribe& subscribe);
void write(JsonWriter& json, const command::Unsubscribe& unsubscribe);
void write(JsonWriter& json, const command::Sync& sync);
void write(JsonWriter& json, const command::Cancel& cancel);
void write(JsonWriter& json, const command::Token& token);
void write(JsonWriter& json, const command::Heartbeat& heartbeat);
void write(JsonWriter& json, const command::Read& read);
command::Read read_read(Fields& fields, Value value);

// A whole command, as far as into its data: two objects are to be ended.
inline constexpr std::int64_t kNoId = -1;
void begin_command(JsonWriter& json, std::string_view event, std::int64_t id);
template <class Command>
std::string encode(std::string_view event, const Command& command, std::optional<std::int64_t> id = {}) {
  std::string out;
  JsonWriter json(out);
  begin_command(json, event, id.value_or(kNoId));
  write(json, command);
  json.end_object().end_object();
  return out;
}

void write_metadata(JsonWriter& json, const Metadata& metadata);
void write_job_error(JsonWriter& json, const JobError& error);
void write_error(JsonWriter& json, const Error& error);
void write_channels(JsonWriter& json, const std::vector<Channel>& channels);

// Parses, reads with `read(fields, root)`, and answers the value or the first error.
template <class T, class Read>
Result<T> decode(std::string_view text, const CodecLimits& limits, Read read) {
  Result<Tape> tape = Tape::parse(text, limits.message_bytes, limits.depth);
  if (!tape) return std::move(tape.error());
  Fields fields(limits);
  T value = read(fields, tape->root());
  if (!fields.ok()) return fields.error();
  return value;
}

}  // namespace jobwire::json
