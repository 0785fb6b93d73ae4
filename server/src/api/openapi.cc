#include "api/openapi.h"

#include "api/openapi_schemas.h"
#include "api/problem.h"

namespace jobwire::api {
namespace {

std::string_view access_text(Access access) {
  switch (access) {
    case Access::anyone:
      return "anyone";
    case Access::known:
      return "whoever the token names, for what they may see";
    case Access::publisher:
    case Access::administrator:
      return "services and admins";
  }
  return "";
}

std::string_view media_type(std::string_view schema) {
  if (schema == "Text") return "text/plain";
  if (schema == "EventStream") return "text/event-stream";
  if (schema == "Problem") return "application/problem+json";
  return "application/json";
}

void write_content(JsonWriter& writer, std::string_view schema, std::string_view media) {
  writer.key("content").begin_object().key(media).begin_object();
  writer.key("schema").begin_object().field("$ref", "#/components/schemas/" + std::string(schema)).end_object();
  writer.end_object().end_object();
}

void write_parameter(JsonWriter& writer, std::string_view name, std::string_view in, std::string_view about) {
  writer.begin_object().field("name", name).field("in", in).field("required", in == "path");
  writer.field_if("description", about);
  writer.key("schema").begin_object().field("type", "string").end_object().end_object();
}

void write_parameters(JsonWriter& writer, const Route& route) {
  writer.key("parameters").begin_array();
  std::string_view rest = route.pattern;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    write_parameter(writer, rest.substr(open + 1, close - open - 1), "path", "");
    rest.remove_prefix(close + 1);
  }
  for (const Parameter& parameter : route.query) write_parameter(writer, parameter.name, "query", parameter.about);
  if (route.request_schema == "NewJob") {
    write_parameter(writer, "Idempotency-Key", "header",
                    "a repeat with the same key and body is answered like the first");
  }
  writer.end_array();
}

void write_body(JsonWriter& writer, const Route& route) {
  if (route.request_schema.empty()) return;
  writer.key("requestBody").begin_object().field("required", route.body != Body::optional_json);
  writer.key("content").begin_object().key("application/json").begin_object();
  writer.key("schema")
      .begin_object()
      .field("$ref", "#/components/schemas/" + std::string(route.request_schema))
      .end_object();
  writer.end_object();
  if (route.body == Body::json_or_lines) {
    writer.key("application/x-ndjson").begin_object();
    writer.key("schema").begin_object().field("type", "string").field("description", "an event a line").end_object();
    writer.end_object();
  }
  writer.end_object().end_object();
}

void write_too_many(JsonWriter& writer) {
  writer.key("429").begin_object().field("description", "too many of these; Retry-After and retryAfter tell when");
  writer.key("headers").begin_object().key("Retry-After").begin_object().field("description", "seconds");
  writer.key("schema").begin_object().field("type", "integer").end_object().end_object().end_object();
  write_content(writer, "Problem", media_type("Problem"));
  writer.end_object();
}

void write_operation(JsonWriter& writer, const Route& route) {
  std::string method(route.method);
  for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
  writer.key(method).begin_object().field("summary", route.summary);
  writer.field("description", "For " + std::string(access_text(route.access)) + ".");
  write_parameters(writer, route);
  write_body(writer, route);
  writer.key("security").begin_array();
  if (route.access != Access::anyone) writer.begin_object().key("bearer").begin_array().end_array().end_object();
  writer.end_array();
  writer.key("responses").begin_object();
  writer.key(std::to_string(route.status)).begin_object().field("description", "done");
  write_content(writer, route.response_schema, media_type(route.response_schema));
  writer.end_object();
  if (route.access != Access::anyone) write_too_many(writer);
  writer.key("default").begin_object().field("description", "an error");
  write_content(writer, "Problem", media_type("Problem"));
  writer.end_object().end_object().end_object();
}

bool is_first_of_its_path(const std::vector<Route>& routes, std::size_t index) {
  for (std::size_t i = 0; i < index; ++i) {
    if (routes[i].pattern == routes[index].pattern) return false;
  }
  return true;
}

void write_components(JsonWriter& writer) {
  writer.key("components").begin_object().key("securitySchemes").begin_object();
  writer.key("bearer").begin_object().field("type", "http").field("scheme", "bearer");
  writer.field("description", "a JWT or an API key").end_object().end_object();
  writer.key("schemas").begin_object();
  for (const auto& [name, schema] : kSchemas) writer.key(name).raw(schema);
  writer.end_object().end_object();
}

}  // namespace

std::string openapi_document(const std::vector<Route>& routes) {
  std::string document;
  JsonWriter writer(document);
  writer.begin_object().field("openapi", "3.1.0");
  writer.key("info").begin_object().field("title", "Jobwire").field("version", "1");
  writer.field("description", "The live state of background jobs. The contract is common/PROTOCOL.md.").end_object();
  writer.key("paths").begin_object();
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (!is_first_of_its_path(routes, i)) continue;
    writer.key(routes[i].pattern).begin_object();
    for (const Route& route : routes) {
      if (route.pattern == routes[i].pattern) write_operation(writer, route);
    }
    writer.end_object();
  }
  writer.end_object();
  write_components(writer);
  writer.end_object();
  return document;
}

void add_openapi(std::vector<Route>& routes) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/openapi.json";
  route.access = Access::anyone;
  route.summary = "This document";
  route.response_schema = "Document";
  routes.push_back(route);
  auto document = std::make_shared<const std::string>(openapi_document(routes));
  routes.back().handle = [document](const CallPtr& call) {
    transport::Response response = json_response(200, {});
    response.shared_body = document;
    call->reply(std::move(response));
  };
}

}  // namespace jobwire::api
