// Readers and writers of nested values, shared by the codec's files.
#pragma once

#include "jobwire/codec.h"
#include "jobwire/json_writer.h"
#include "json_fields.h"
#include "json_tape.h"

namespace jobwire::json {

// What a browser takes from its own server: sizes are the server's affair.
CodecLimits trusted_limits();

// Where an event comes from decides what is read of it.
enum class EventSource : std::uint8_t {
  reporter,  // seq, offset and at are ignored; an unknown type is an error
  log,       // everything is read
  server,    // as the log, and an unknown type is kept as event::Unknown
};
JobEvent read_event(Fields& fields, Value value, EventSource source);
JobState read_job(Fields& fields, Value value);
push::Changes read_changes(Fields& fields, Value value);

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
