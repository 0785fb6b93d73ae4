#include "jobwire/error.h"

#include <array>

namespace jobwire {
namespace {

struct CodeRow {
  ErrorCode code;
  std::string_view name;
  int status;
};

constexpr std::array kCodes{
    CodeRow{ErrorCode::bad_json, "bad_json", 400},
    CodeRow{ErrorCode::bad_request, "bad_request", 400},
    CodeRow{ErrorCode::unauthenticated, "unauthenticated", 401},
    CodeRow{ErrorCode::forbidden, "forbidden", 403},
    CodeRow{ErrorCode::not_found, "not_found", 404},
    CodeRow{ErrorCode::method_not_allowed, "method_not_allowed", 405},
    CodeRow{ErrorCode::conflict, "conflict", 409},
    CodeRow{ErrorCode::gone, "gone", 410},
    CodeRow{ErrorCode::too_large, "too_large", 413},
    CodeRow{ErrorCode::unsupported_media, "unsupported_media", 415},
    CodeRow{ErrorCode::event_id_reused, "event_id_reused", 422},
    CodeRow{ErrorCode::rate_limited, "rate_limited", 429},
    CodeRow{ErrorCode::internal, "internal", 500},
    CodeRow{ErrorCode::unavailable, "unavailable", 503},
};

const CodeRow& row(ErrorCode code) { return kCodes[static_cast<std::size_t>(code)]; }

}  // namespace

std::string_view code_name(ErrorCode code) { return row(code).name; }

ErrorCode code_from_name(std::string_view name) {
  for (const CodeRow& each : kCodes) {
    if (each.name == name) return each.code;
  }
  return ErrorCode::internal;
}

int http_status(ErrorCode code) { return row(code).status; }

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
