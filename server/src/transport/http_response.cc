#include "transport/http_response.h"

#include <boost/beast/http/status.hpp>

#include "transport/text.h"

namespace jobwire::transport {
namespace {

bool is_transports_own(std::string_view name) {
  for (std::string_view own : {"content-length", "connection", "transfer-encoding", "keep-alive", "date"}) {
    if (equals_ignoring_case(name, own)) return true;
  }
  return false;
}

bool breaks_head(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto phrase =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {phrase.data(), phrase.size()};
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string response_head(const Response& response, const HeadStyle& style) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  if (!style.date.empty()) append_field(out, "Date", style.date);
  for (const auto& [name, value] : response.headers) {
    if (is_transports_own(name) || name.empty() || !is_token(name) || breaks_head(value)) continue;
    append_field(out, name, value);
  }
  const std::size_t bytes = response.shared_body ? response.shared_body->size() : response.body.size();
  if (style.chunked) {
    append_field(out, "Transfer-Encoding", "chunked");
  } else if (may_have_body(response.status)) {
    append_field(out, "Content-Length", std::to_string(bytes));
  }
  if (!style.keep_alive) {
    append_field(out, "Connection", response.status == 426 ? "upgrade, close" : "close");
  } else if (style.minor_version == 0) {
    append_field(out, "Connection", "keep-alive");
  }
  return out.append("\r\n");
}

Response problem(const Error& error, int status, const std::function<void(JsonWriter&)>& more) {
  Response response;
  response.status = status == 0 ? http_status(error.code) : status;
  response.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  if (response.status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
  if (error.retry_after_ms > 0) {
    response.headers.emplace_back("retry-after", std::to_string((error.retry_after_ms + 999) / 1000));
  }
  JsonWriter json(response.body);
  json.begin_object().field("type", "about:blank").field("title", reason_phrase(response.status));
  json.field("status", std::int64_t{response.status}).field("detail", error.message);
  json.field("code", code_name(error.code)).field("message", error.message).field_if("field", error.field);
  json.field_if("retryAfter", error.retry_after_ms);
  if (more) more(json);
  json.end_object();
  return response;
}

}  // namespace jobwire::transport
