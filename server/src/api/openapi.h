// The OpenAPI 3.1 document, written from the very routes that answer.
#pragma once

#include <string>
#include <vector>

#include "api/route.h"

namespace jobwire::api {

// Adds GET /api/v1/openapi.json, which describes all routes, itself among them.
void add_openapi(std::vector<Route>& routes);

std::string openapi_document(const std::vector<Route>& routes);

}  // namespace jobwire::api
