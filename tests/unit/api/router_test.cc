#include "api/router.h"

#include <catch2/catch.hpp>

using namespace jobwire::api;

namespace {

Route route(std::string_view method, std::string_view pattern) {
  Route made;
  made.method = method;
  made.pattern = pattern;
  return made;
}

const Router kRouter({route("POST", "/jobs"), route("GET", "/jobs"), route("GET", "/jobs/{id}"),
                      route("POST", "/jobs/{id}/cancel")});

}  // namespace

TEST_CASE("a path is matched segment by segment, and its parameters are decoded") {
  const auto match = kRouter.match("POST", "/jobs/a%2Fb%20c/cancel");
  REQUIRE(match.route != nullptr);
  CHECK(match.route->pattern == "/jobs/{id}/cancel");
  CHECK(match.parameters == std::vector<std::pair<std::string, std::string>>{{"id", "a/b c"}});
}

TEST_CASE("HEAD is answered by the route of GET") {
  REQUIRE(kRouter.match("HEAD", "/jobs/1").route != nullptr);
  CHECK(kRouter.match("HEAD", "/jobs/1").route->method == "GET");
  CHECK(kRouter.match("HEAD", "/jobs/1/cancel").route == nullptr);
}

TEST_CASE("a path that is there names its methods, whichever was asked for") {
  CHECK(kRouter.match("DELETE", "/jobs").allowed == "POST, GET, HEAD, OPTIONS");
  CHECK(kRouter.match("DELETE", "/jobs").route == nullptr);
  CHECK(kRouter.match("GET", "/jobs/1/cancel").allowed == "POST, OPTIONS");
}

TEST_CASE("anything else is no path") {
  for (const char* path : {"", "*", "/", "/job", "/jobs/", "/jobs//cancel", "/jobs/1/", "/jobs/1/cancel/x", "//jobs",
                           "/jobs/%", "/jobs/%4", "/jobs/%zz"}) {
    INFO(path);
    const auto match = kRouter.match("GET", path);
    CHECK(match.route == nullptr);
    CHECK(match.allowed.empty());
  }
}

TEST_CASE("a segment is encoded so that it is read back as it was") {
  CHECK(percent_encode("a/b c?d#é%") == "a%2Fb%20c%3Fd%23%C3%A9%25");
  CHECK(percent_encode("A-z_0.9~") == "A-z_0.9~");
}
