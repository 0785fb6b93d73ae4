#include "api/problem.h"

#include "transport/http_response.h"

namespace jobwire::api {
transport::Response problem(const Error& error, const std::function<void(JsonWriter&)>& more) {
  transport::Response response;
  response.status = http_status(error.code);
  response.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  if (error.code == ErrorCode::unauthenticated) response.headers.emplace_back("www-authenticate", "Bearer");
  if (error.retry_after_ms > 0) {
    response.headers.emplace_back("retry-after", std::to_string((error.retry_after_ms + 999) / 1000));
  }
  JsonWriter writer(response.body);
  writer.begin_object().field("type", "about:blank").field("title", transport::reason_phrase(response.status));
  writer.field("status", std::int64_t{response.status}).field("detail", error.message);
  writer.field("code", code_name(error.code)).field("message", error.message).field_if("field", error.field);
  writer.field_if("retryAfter", error.retry_after_ms);
  if (more) more(writer);
  writer.end_object();
  return response;
}

transport::Response json_response(int status, std::string body) {
  transport::Response response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
  response.body = std::move(body);
  return response;
}

}  // namespace jobwire::api
