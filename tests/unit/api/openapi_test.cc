// The document against the routes, both ways.
#include "api/openapi.h"

#include <set>

#include "api/openapi_schemas.h"
#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// "GET /path" for each operation of a document, read as a client would find them: keys of `paths`, then methods.
std::set<std::string> operations(const std::string& document) {
  std::set<std::string> found;
  const std::size_t begin = document.find(R"("paths":{)") + 9;
  const std::size_t end = document.find(R"("components":)");
  std::string path;
  int depth = 0;
  for (std::size_t at = begin; at < end; ++at) {
    if (document[at] == '{' || document[at] == '[') ++depth;
    if (document[at] == '}' || document[at] == ']') --depth;
    if (document[at] != '"') continue;
    const std::size_t close = document.find('"', at + 1);
    const std::string text = document.substr(at + 1, close - at - 1);
    const bool is_key = document[close + 1] == ':';
    if (is_key && depth == 0) path = text;
    if (is_key && depth == 1) {
      std::string method = text;
      for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      found.insert(method + " " + path);
    }
    at = close;
  }
  return found;
}

api::ApiOptions dev() {
  api::ApiOptions options;
  options.dev_secret = ApiFixture::kSecret;
  return options;
}

// What PROTOCOL.md lists, so that a route cannot be lost together with its description.
const std::set<std::string> kPromised = {"POST /api/v1/jobs",
                                         "GET /api/v1/jobs",
                                         "GET /api/v1/jobs/{id}",
                                         "GET /api/v1/jobs/{id}/history",
                                         "POST /api/v1/jobs/{id}/events",
                                         "POST /api/v1/events",
                                         "POST /api/v1/jobs/{id}/cancel",
                                         "POST /api/v1/jobs/{id}/retry",
                                         "POST /api/v1/changes",
                                         "POST /api/v1/changes/stream",
                                         "GET /api/v1/changes/stream",
                                         "GET /api/v1/notifications",
                                         "GET /api/v1/notifications/unread-count",
                                         "POST /api/v1/notifications/{id}/read",
                                         "POST /api/v1/notifications/read-all",
                                         "POST /api/v1/users/{userId}/notifications",
                                         "POST /api/v1/broadcast",
                                         "POST /api/v1/users/{userId}/messages",
                                         "POST /api/v1/channels/{channel}/messages",
                                         "GET /api/v1/queues",
                                         "GET /api/v1/stats",
                                         "GET /api/v1/metrics",
                                         "GET /api/v1/health",
                                         "GET /api/v1/openapi.json",
                                         "GET /analyze/jobs/{id}",
                                         "GET /analyze/jobs/user/{userId}",
                                         "POST /analyze/jobs/{id}/cancel",
                                         "GET /api/v1/websocket/stats",
                                         "GET /metrics",
                                         "GET /healthz",
                                         "GET /readyz",
                                         "POST /api/v1/dev/token"};

}  // namespace

TEST_CASE(
    "every route is in the document, every operation of the document is a route, and both are what was promised") {
  ApiFixture server(dev());
  std::set<std::string> routes;
  for (const api::Route& route : server.routes->routes())
    routes.insert(std::string(route.method) + " " + std::string(route.pattern));
  const auto response = server.get("/api/v1/openapi.json");
  CHECK(response.status == 200);
  CHECK(header(response, "content-type") == "application/json");
  CHECK(operations(response.body) == routes);
  CHECK(routes == kPromised);
}

TEST_CASE("the document is JSON that this very server would read") {
  ApiFixture server(dev());
  CHECK(decode_text_fields(server.get("/api/v1/openapi.json").body));
}

TEST_CASE("every schema that is named is there") {
  ApiFixture server(dev());
  const std::string document = server.get("/api/v1/openapi.json").body;
  std::set<std::string> names;
  for (const auto& [name, schema] : api::kSchemas) names.insert(std::string(name));
  const std::string prefix = "#/components/schemas/";
  for (std::size_t at = document.find(prefix); at != std::string::npos; at = document.find(prefix, at + 1)) {
    const std::size_t begin = at + prefix.size();
    CHECK(names.count(document.substr(begin, document.find('"', begin) - begin)) == 1);
  }
  for (const api::Route& route : server.routes->routes()) CHECK(names.count(std::string(route.response_schema)) == 1);
}

TEST_CASE("who needs a token is in the document") {
  ApiFixture server;
  const std::string document = server.get("/api/v1/openapi.json").body;
  CHECK(contains(document, R"("securitySchemes":{"bearer":{"type":"http","scheme":"bearer")"));
  CHECK(contains(document.substr(document.find(R"("/healthz")"), 400), R"("security":[])"));
  CHECK(contains(document.substr(document.find(R"("/api/v1/stats")"), 400), R"("security":[{"bearer":[]}])"));
}
