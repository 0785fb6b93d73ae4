// HTTP: every request passes here, is checked once (Host, Origin, token, media type), and is answered by its route.
#pragma once

#include <memory>

#include "api/parts.h"
#include "api/router.h"
#include "api/static_files.h"
#include "transport/exchange.h"

namespace jobwire::api {

class Api {
 public:
  explicit Api(Parts parts);
  Api(const Api&) = delete;  // routes refer to parts_
  Api& operator=(const Api&) = delete;

  void handle(std::shared_ptr<transport::Exchange> exchange);
  const std::vector<Route>& routes() const { return router_.routes(); }
  const Parts& parts() const { return parts_; }

 private:
  CallPtr begin(std::shared_ptr<transport::Exchange> exchange);
  void decorate(const Call& call, transport::Response& response);
  void preflight(const Call& call, const Router::Match& match) const;
  void no_route(const Call& call, const Router::Match& match) const;
  std::optional<Error> identify(Call& call, const Route& route) const;
  std::optional<Error> take(Call& call, const Route& route);

  Parts parts_;
  Router router_;
  std::optional<StaticFiles> files_;
};

// What /api/v1/metrics answers, and what `system-metrics` carries to those who follow `admin`.
std::string system_metrics_object(const Parts& parts);

// One function a resource; together they are the table.
std::vector<Route> job_routes(Parts& parts);
std::vector<Route> event_routes(Parts& parts);
std::vector<Route> change_routes(Parts& parts);
std::vector<Route> notification_routes(Parts& parts);
std::vector<Route> message_routes(Parts& parts);
std::vector<Route> analyze_routes(Parts& parts);  // calls of the systems that were here before
std::vector<Route> system_routes(Parts& parts);
std::vector<Route> dev_token_routes(Parts& parts);  // none without a dev secret

}  // namespace jobwire::api
