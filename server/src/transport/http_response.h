// An answer's bytes: the head as this server writes it, and problem details.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "jobwire/error.h"
#include "jobwire/json_writer.h"
#include "transport/exchange.h"

namespace jobwire::transport {

struct HeadStyle {
  bool keep_alive = true;
  int minor_version = 1;  // of the request
  bool chunked = false;   // a streamed body
  std::string_view date;  // RFC 9110 section 6.6.1; empty: left out
};

std::string_view reason_phrase(int status);
bool may_have_body(int status);  // not 1xx, 204, 304

// Status line and fields, blank line included. Content-Length from the body, unless it is streamed. A field that would
// break the head (CR, LF or NUL in it) is left out, as are the transport's own.
std::string response_head(const Response& response, const HeadStyle& style);

// RFC 9457 problem details with the fields of PROTOCOL.md, "Errors". `status` 0: the code's own. `more` adds members to
// the object, for example a verdict's cancelRequested.
Response problem(const Error& error, int status = 0, const std::function<void(JsonWriter&)>& more = {});

}  // namespace jobwire::transport
