// A route is data: who may call it, what it takes, and the function that answers. The router, the permission check and
// the OpenAPI document all read the same table.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/principal.h"
#include "jobwire/error.h"
#include "transport/exchange.h"

namespace jobwire::api {

enum class Access : std::uint8_t {
  anyone,         // no token is looked at
  known,          // whoever the token names, or who may come without one; the route decides what they see
  publisher,      // services and admins
  administrator,  // services and admins
};

enum class Body : std::uint8_t {
  none,
  optional_json,
  json,
  json_or_lines,  // application/json or application/x-ndjson
};

// One request on its way to its answer. Shared by the callbacks that wait for something.
class Call {
 public:
  using Decorate = std::function<void(const Call&, transport::Response&)>;
  Call(std::shared_ptr<transport::Exchange> exchange, Decorate decorate)
      : exchange_(std::move(exchange)), decorate_(std::move(decorate)) {}

  const transport::Request& request() const { return exchange_->request(); }
  transport::Exchange& exchange() const { return *exchange_; }
  std::string_view parameter(std::string_view name) const;  // of the pattern, decoded

  // One of them, once.
  void reply(transport::Response response) const;
  void fail(const Error& error) const;
  std::shared_ptr<transport::BodyStream> stream(transport::Response head) const;

  auth::Principal who;
  std::string route;  // the pattern, for metrics; never the path
  std::vector<std::pair<std::string, std::string>> parameters;
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();

 private:
  std::shared_ptr<transport::Exchange> exchange_;
  Decorate decorate_;  // CORS and security headers, metrics: what every answer passes
};
using CallPtr = std::shared_ptr<Call>;

struct Parameter {
  std::string_view name;
  std::string_view about;
};

struct Route {
  std::string_view method;   // GET answers HEAD too
  std::string_view pattern;  // "/api/v1/jobs/{id}"
  Access access = Access::known;
  Body body = Body::none;
  std::string_view summary;
  std::string_view request_schema;  // a name among the document's schemas; empty: none
  std::string_view response_schema;
  int status = 200;       // of success
  bool connects = false;  // it stays open, and counts as a connection
  std::vector<Parameter> query;
  std::function<void(const CallPtr&)> handle;
};

}  // namespace jobwire::api
