// The two kinds of answers: JSON, and what went wrong.
#pragma once

#include <string>

#include "transport/exchange.h"
#include "transport/http_response.h"

namespace jobwire::api {

using transport::problem;
transport::Response json_response(int status, std::string body);

}  // namespace jobwire::api
