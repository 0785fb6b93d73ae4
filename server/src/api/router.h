// Method and path to route. Patterns are matched segment by segment on the path as sent, so that an id may hold an
// encoded slash.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/route.h"

namespace jobwire::api {

class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  struct Match {
    const Route* route = nullptr;  // null: no such path, or (with `allowed`) no such method there
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allowed;  // methods of the path, as an Allow header lists them; empty: no such path
  };
  Match match(std::string_view method, std::string_view raw_path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

std::string percent_encode(std::string_view segment);

}  // namespace jobwire::api
