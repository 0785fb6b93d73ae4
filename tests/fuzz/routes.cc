// Bytes of an HTTP connection, through the reader and the routes over a server in memory: each request is answered at
// most once, never with 500, an error is always a problem, and what a user is told never names another's job.
#include <memory>
#include <utility>

#include "core_in_memory.h"
#include "jobwire/ids.h"
#include "support/core_routes.h"
#include "support/fake_exchange.h"
#include "transport/request_reader.h"

namespace jobwire::fuzz {
namespace {

struct ServerInMemory : CoreInMemory, test::CoreRoutes {
  ServerInMemory() : CoreRoutes(clock, {.level = observe::Level::off}) {
    api::ApiOptions options;
    options.dev_secret = "a secret of thirty-two characters";
    open(*this, std::move(options));
  }
};

bool is_of_users(const transport::Request& request) {
  const std::string_view header = request.header("authorization");
  return header.find("admin") == std::string_view::npos && header.find("service") == std::string_view::npos;
}

void check_answer(const transport::Request& request, const test::FakeExchange& exchange) {
  promise(exchange.answers <= 1, "a request is answered at most once");
  if (!exchange.response) return;  // a poll that waits
  const transport::Response& response = *exchange.response;
  promise(response.status != 500, "no request is an internal error");
  const std::string& body = exchange.body ? exchange.body->written : response.body;
  promise(is_valid_utf8(body), "an answer is UTF-8");
  if (response.status >= 400) {
    promise(body.find("\"code\":\"") != std::string::npos || request.path == "/readyz", "an error is a problem");
  }
  if (is_of_users(request)) promise(body.find(kSecret) == std::string::npos, "another's job is not shown");
}

void ask(ServerInMemory& server, transport::Request request) {
  request.loopback = true;
  const auto exchange = std::make_shared<test::FakeExchange>(request);
  server.routes->handle(exchange);
  server.tasks.run();
  server.clock.advance(100);
  server.hub->tick();
  server.tasks.run();
  check_answer(request, *exchange);
  exchange->abort();
  server.tasks.run();
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jobwire;
  using Step = transport::RequestReader::Step;
  fuzz::ServerInMemory server;
  transport::RequestReader reader(transport::ReaderLimits{});
  reader.feed(std::string_view(reinterpret_cast<const char*>(data), size));
  for (Step step = reader.next(); step != Step::need_more && step != Step::refused; step = reader.next()) {
    if (step == Step::complete) fuzz::ask(server, reader.take().request);
  }
  return 0;
}
