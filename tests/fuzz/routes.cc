// Bytes of an HTTP connection, through the reader and the routes over a server in memory: each request is answered at
// most once, never with 500, an error is always a problem, and what a user is told never names another's job.
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

#include "api/api.h"
#include "fuzz.h"
#include "jobwire/ids.h"
#include "log/memory_log.h"
#include "support/clock.h"
#include "support/fake_exchange.h"
#include "transport/request_reader.h"

namespace jobwire::fuzz {
namespace {

// The token is the name: "admin", "service", or a user.
class ByName final : public auth::Authenticator {
 public:
  Result<auth::Principal> authenticate(std::string_view token) const override {
    auth::Principal who;
    who.role = token == "admin" ? auth::Role::admin : token == "service" ? auth::Role::service : auth::Role::user;
    who.user = token;
    return who;
  }
  Result<auth::Principal> without_token() const override {
    return Error{ErrorCode::unauthenticated, "a token is needed", "token", 0};
  }
};

struct Tasks {
  std::deque<std::function<void()>> queue;
  log::Post post() {
    return [this](std::function<void()> task) { queue.push_back(std::move(task)); };
  }
  void run() {
    while (!queue.empty()) {
      const auto task = std::move(queue.front());
      queue.pop_front();
      task();
    }
  }
};

struct ServerInMemory {
  ServerInMemory() {
    promise(bool(node.start()), "a node starts on an empty log");
    estimates.emplace(node::EstimateOptions{}, node.table(), clock);
    hub.emplace(hub::HubOptions{}, node, *estimates, authenticator, clock, 7, tasks.post());
    routes.emplace(api::Parts{.options = options(),
                              .node = node,
                              .estimates = *estimates,
                              .hub = *hub,
                              .authenticator = authenticator,
                              .clock = clock,
                              .metrics = metrics,
                              .log = journal,
                              .post = tasks.post(),
                              .random_id = [] { return std::string("random"); },
                              .transport_stats = [this]() -> const transport::TransportStats& { return stats; },
                              .started_at = clock.now()});
    JobEvent secret;
    secret.job_id.value = "of-somebody";
    secret.identity.user_id.value = "somebody-else";
    secret.message = "hush-hush";
    secret.body = event::Queued{};
    node.submit({secret}, [](std::vector<node::Verdict>) {});
    tasks.run();
  }

  static api::ApiOptions options() {
    api::ApiOptions options;
    options.dev_secret = "a secret of thirty-two characters";
    return options;
  }

  test::ManualClock clock;
  Tasks tasks;
  log::MemoryStore store;
  log::MemoryLog log{{}, store, clock, Random(1), tasks.post()};
  node::Node node{{}, log, clock};
  ByName authenticator;
  observe::Metrics metrics;
  std::ostringstream text;
  observe::Log journal{{.level = observe::Level::off}, clock, text};
  transport::TransportStats stats;
  std::optional<node::Estimates> estimates;
  std::optional<hub::Hub> hub;
  std::optional<api::Api> routes;
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
  if (is_of_users(request)) promise(body.find("hush-hush") == std::string::npos, "another's job is not shown");
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
