#include "api_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

api::ApiOptions dev() {
  api::ApiOptions options;
  options.dev_secret = ApiFixture::kSecret;
  options.origins = {.same_origin = false, .loopback_origins = true, .only_loopback_host = true};
  return options;
}

const Headers kOwnPage = {{"host", "localhost:7070"}, {"origin", "http://localhost:7070"}, {"x-jobwire-dev", "1"}};

Headers own_page_but(std::string name, std::string value) {
  Headers headers = kOwnPage;
  for (auto& [key, was] : headers) {
    if (key == name) was = value;
  }
  std::erase_if(headers, [](const auto& field) { return field.second.empty(); });
  return headers;
}

}  // namespace

TEST_CASE("the server's own page gets a token for whom it asks") {
  ApiFixture server(dev(), {.dev = true});
  const auto response = server.post("/api/v1/dev/token", "", R"({"user":"alice","role":"admin"})", kOwnPage);
  REQUIRE(response.status == 200);
  REQUIRE(response.body.starts_with(R"({"token":")"));
  const auto who = server.authenticator->authenticate(response.body.substr(10, response.body.size() - 12));
  REQUIRE(who);
  CHECK(who->user == "alice");
  CHECK(who->role == auth::Role::admin);
  CHECK(who->expires_at > server.clock.now());
}

TEST_CASE("nobody else does: each of the four conditions counts") {
  ApiFixture server(dev(), {.dev = true});
  const auto status = [&](Headers headers) {
    return server.post("/api/v1/dev/token", "", R"({"user":"a"})", std::move(headers)).status;
  };
  CHECK(status(kOwnPage) == 200);
  CHECK(status(own_page_but("x-jobwire-dev", "")) == 403);
  CHECK(status(own_page_but("x-jobwire-dev", "0")) == 403);
  CHECK(status(own_page_but("origin", "")) == 403);
  CHECK(status(own_page_but("origin", "http://localhost:5173")) == 403);
  CHECK(status(own_page_but("origin", "https://evil.example")) == 403);
  CHECK(status(own_page_but("host", "evil.example:7070")) == 403);
  auto far = server.request("POST", "/api/v1/dev/token", "", R"({"user":"a"})", kOwnPage);
  far.loopback = false;
  CHECK(server.ask(std::move(far)).status == 403);
}

TEST_CASE("outside --dev there is no such path") {
  ApiFixture server;
  CHECK(server.post("/api/v1/dev/token", server.admin, R"({"user":"a"})", kOwnPage).status == 404);
}

TEST_CASE("a request for no user, or for a role that there is not, is 400") {
  ApiFixture server(dev(), {.dev = true});
  CHECK(server.post("/api/v1/dev/token", "", "{}", kOwnPage).status == 400);
  CHECK(server.post("/api/v1/dev/token", "", R"({"user":"a","role":"root"})", kOwnPage).status == 400);
  CHECK(server.post("/api/v1/dev/token", "", R"({"role":"service"})", kOwnPage).status == 200);
  CHECK(server.post("/api/v1/dev/token", "", "nonsense", kOwnPage).status == 400);
}
