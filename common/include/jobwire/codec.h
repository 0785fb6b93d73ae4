// JSON to values and back. Unknown fields are ignored; known ones are checked, and errors name the field and the rule.
// `result`, `metadata` values and `payload` stay bytes. Lone surrogates in text fields become U+FFFD.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/job_event.h"
#include "jobwire/job_state.h"
#include "jobwire/message.h"
#include "jobwire/result.h"

namespace jobwire {

class JsonWriter;

struct CodecLimits {
  std::size_t message_bytes = 1 << 20;  // a whole text; larger is too_large
  std::size_t depth = 64;               // nesting; deeper is bad_json
  std::size_t result_bytes = 64 << 10;  // `result`, `payload`, and all of `metadata`
  std::size_t text_bytes = 4 << 10;     // stage, message, reason, statusText, error.message
  std::size_t channels = 1000;          // a connection's, and so a command's
  std::size_t sync_jobs = 1000;
};

// One encoding per visibility class, so that frames are shared. `store` is the log's own and holds everything.
enum class Visibility : std::uint8_t { viewer, admin, store };

// ---- events and jobs ----
// Reads {type, jobId?, ...}; `job_id` (from a URL) stands in for an absent jobId and must equal a present one.
// A free `status` of `updated` that is a lifecycle word becomes that event.
Result<JobEvent> decode_event(std::string_view json, std::string_view job_id = {}, const CodecLimits& = {});
// POST /jobs: {id?, type, queue?, priority?, userId?, ref?, payload?, metadata?, parentId?} as the `queued` event; an
// absent id leaves job_id empty.
Result<JobEvent> decode_new_job(std::string_view json, const CodecLimits& = {});
Result<JobState> decode_job(std::string_view json, const CodecLimits& = {});
// The same, for what encode_event(..., Visibility::store) wrote: seq, offset and at are read too.
Result<JobEvent> decode_stored_event(std::string_view json, const CodecLimits& = {});

std::string encode_event(const JobEvent& event, Visibility visibility);
std::string encode_job(const JobState& job, Visibility visibility, bool with_result = true);

// The elements of a JSON array as spans of the text, for batches with a verdict each; too many is too_large.
Result<std::vector<std::string_view>> split_array(std::string_view json, std::size_t most, const CodecLimits& = {});
// {reason?} of POST .../cancel; an empty body is {}.
Result<std::string> decode_reason(std::string_view json, const CodecLimits& = {});
Result<ChangesRequest> decode_changes_request(std::string_view json, const CodecLimits& = {});
// Fields of a flat JSON object with string values (dev token requests and the like); other values are skipped.
Result<std::vector<std::pair<std::string, std::string>>> decode_text_fields(std::string_view json,
                                                                            const CodecLimits& = {});

// ---- messages ----
Result<ClientCommand> decode_command(std::string_view json, const CodecLimits& = {});
std::optional<std::int64_t> peek_command_id(std::string_view json);  // of a command that did not decode, for its reply
Result<ServerMessage> decode_server_message(std::string_view json, const CodecLimits& = {});
// `changes` as HTTP answers it: the data object by itself.
Result<push::Changes> decode_changes(std::string_view json, const CodecLimits& = {});

std::string encode_command(const ClientCommand& command);
std::string encode_changes_request(const ChangesRequest& request);
// Whole messages; the server's fan-out builds `changes` from shared pieces instead (dialect/native).
std::string encode_server_message(const ServerMessage& message, Visibility visibility = Visibility::viewer);
// Members of an object, estimates? and queues?: what a `changes` object over HTTP carries besides.
void write_overlay(JsonWriter& json, const std::vector<JobEstimate>& estimates,
                   const std::optional<std::vector<QueueCounts>>& queues);
std::string encode_error(const Error& error);  // {code, message, field?, retryAfter?}

}  // namespace jobwire
