#include "api/problem.h"

#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a problem carries the wire's code and field beside RFC 9457's members") {
  const auto response = api::problem({ErrorCode::bad_request, "progress must be 0 to 100", "progress", 0});
  CHECK(response.status == 400);
  CHECK(header(response, "content-type") == "application/problem+json");
  CHECK(
      response.body ==
      R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"progress must be 0 to 100","code":"bad_request","message":"progress must be 0 to 100","field":"progress"})");
}

TEST_CASE("when to come back is told in the body in milliseconds and in the header in whole seconds") {
  const auto response = api::problem({ErrorCode::unavailable, "draining", "", 1500});
  CHECK(header(response, "retry-after") == "2");
  CHECK(contains(response.body, R"("retryAfter":1500)"));
}
