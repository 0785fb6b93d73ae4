#include "api/problem.h"

namespace jobwire::api {

transport::Response json_response(int status, std::string body) {
  transport::Response response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
  response.body = std::move(body);
  return response;
}

}  // namespace jobwire::api
