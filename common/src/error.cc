#include "jobwire/error.h"

#include "words.h"

namespace jobwire {
namespace {

// In the order of ErrorCode.
constexpr char kNames[] =
    "bad_json\0bad_request\0unauthenticated\0forbidden\0not_found\0method_not_allowed\0conflict\0gone\0"
    "too_large\0unsupported_media\0event_id_reused\0rate_limited\0internal\0unavailable\0";
constexpr int kStatuses[] = {400, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503};
static_assert(count_of(kNames) == std::size(kStatuses));

}  // namespace

std::string_view code_name(ErrorCode code) { return word_at(kNames, static_cast<std::size_t>(code)); }

ErrorCode code_from_name(std::string_view name) {
  const std::size_t code = place_of(name, kNames);
  return code == std::size(kStatuses) ? ErrorCode::internal : static_cast<ErrorCode>(code);
}

int http_status(ErrorCode code) { return kStatuses[static_cast<std::size_t>(code)]; }

AfterClose after_close(std::uint16_t code) {
  switch (static_cast<CloseCode>(code)) {
    case CloseCode::unauthenticated:
      return AfterClose::refresh_token;
    case CloseCode::bad_message:
    case CloseCode::forbidden:
    case CloseCode::too_large:
      return AfterClose::stop;
    default:
      return AfterClose::reconnect;
  }
}

}  // namespace jobwire
