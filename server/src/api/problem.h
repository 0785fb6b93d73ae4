// Errors as HTTP tells them: RFC 9457 problem details with the wire's own fields beside.
#pragma once

#include <functional>

#include "jobwire/error.h"
#include "jobwire/json_writer.h"
#include "transport/exchange.h"

namespace jobwire::api {

// `more` adds members to the object, for example a verdict's cancelRequested.
transport::Response problem(const Error& error, const std::function<void(JsonWriter&)>& more = {});
transport::Response json_response(int status, std::string body);

}  // namespace jobwire::api
