// Error codes of the wire and of HTTP: one table for both (PROTOCOL.md, "Errors").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jobwire {

enum class ErrorCode : std::uint8_t {
  bad_json,            // 400: not JSON, not UTF-8, too deep
  bad_request,         // 400: a field is missing or breaks its rule (`field` names it)
  unauthenticated,     // 401: no token, or one that does not verify or has expired
  forbidden,           // 403
  not_found,           // 404: unknown, or somebody else's: answered alike
  method_not_allowed,  // 405
  conflict,            // 409: the job's state does not allow it, or its attempt is stale
  gone,                // 410: the job was removed
  too_large,           // 413
  unsupported_media,   // 415
  event_id_reused,     // 422: same eventId, other body
  rate_limited,        // 429: retry_after_ms tells when
  internal,            // 500
  unavailable,         // 503: draining, or the store does not take writes
};

// Word on the wire, for example "bad_request".
std::string_view code_name(ErrorCode code);
ErrorCode code_from_name(std::string_view name);  // unknown names are `internal`
int http_status(ErrorCode code);

// What went wrong, for a person: `message` states the rule, `field` names what broke it (may be empty).
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string field;
  std::int64_t retry_after_ms = 0;
  bool operator==(const Error&) const = default;
};

// WebSocket close codes and what a client does about each (PROTOCOL.md, "Closing").
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  bad_message = 4400,
  unauthenticated = 4401,
  forbidden = 4403,
  timed_out = 4408,
  too_large = 4413,
  rate_limited = 4429,
  draining = 4503,
};
enum class AfterClose : std::uint8_t {
  reconnect,
  refresh_token,  // reconnect once a new token is there
  stop,
};
AfterClose after_close(std::uint16_t code);  // unknown codes reconnect

}  // namespace jobwire
