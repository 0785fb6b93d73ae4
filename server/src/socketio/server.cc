#include "socketio/server.h"

#include <algorithm>
#include <array>
#include <utility>

#include "transport/credentials.h"

namespace jobwire::socketio {
namespace {

using transport::Request;
using transport::Response;

// Engine.IO's own error codes, as its server answers them.
struct Complaint {
  int code;
  const char* message;
};
constexpr Complaint kUnknownTransport{0, "Transport unknown"};
constexpr Complaint kUnknownSession{1, "Session ID unknown"};
constexpr Complaint kBadMethod{2, "Bad handshake method"};
constexpr Complaint kBadRequest{3, "Bad request"};
constexpr Complaint kForbidden{4, "Forbidden"};
constexpr Complaint kTooMany{4, "Too many connections"};
constexpr Complaint kBadVersion{5, "Unsupported protocol version"};

Response answer(int status, std::string type, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", std::move(type));
  response.headers.emplace_back("cache-control", "no-store");
  response.body = std::move(body);
  return response;
}

Response complain(const Complaint& complaint, int status = 400) {
  return answer(status, "application/json",
                "{\"code\":" + std::to_string(complaint.code) + ",\"message\":\"" + complaint.message + "\"}");
}

// A POST's `ok` is text/html, as Engine.IO's server says; nothing that a client sent is in it.
Response of(HttpAnswer given, const char* type) {
  if (given.status != 200) return answer(given.status, "application/json", std::move(given.body));
  return answer(200, type, std::move(given.body));
}

}  // namespace

struct Server::Connection {
  std::unique_ptr<EngineSession> engine;
  std::unique_ptr<EngineApplication> application;  // goes first
};

// A WebSocket of a connection: its transport, or the probe of an upgrade.
class Server::Socket final : public transport::SessionPort {
 public:
  Socket(ConnectionPtr connection, hub::Sink& sink) : connection_(std::move(connection)), sink_(sink) {}
  ~Socket() override { connection_->engine->gone(sink_); }
  void received(std::string_view message) override { connection_->engine->received(sink_, message, false); }
  void received_binary(std::string_view bytes) override { connection_->engine->received(sink_, bytes, true); }
  void drained() override { connection_->engine->drained(sink_); }

 private:
  ConnectionPtr connection_;
  hub::Sink& sink_;
};

Server::Server(ServerOptions options, Make make, Surroundings around)
    : options_(std::move(options)),
      make_(std::move(make)),
      around_(std::move(around)),
      self_(std::make_shared<Server*>(this)) {}

Server::~Server() { *self_ = nullptr; }

bool Server::serves(const std::string& path) const {
  return path == options_.path || (path.size() + 1 == options_.path.size() && options_.path.starts_with(path));
}

std::vector<transport::WebSocketRoute> Server::routes() {
  std::vector<transport::WebSocketRoute> routes;
  for (const std::string& path : {options_.path, options_.path.substr(0, options_.path.size() - 1)}) {
    if (path.empty()) continue;
    transport::WebSocketRoute route;
    route.path = path;
    route.also_http = true;
    route.message_bytes = options_.message_bytes;
    route.check = [this](const Request& request) { return judge_and_count(request, true).refusal; };
    route.open = [this](hub::Sink& sink, const Request& request) { return accept(sink, request); };
    routes.push_back(std::move(route));
  }
  return routes;
}

// ---- which connection ----

Server::Judged Server::judge(const Request& request, bool websocket) const {
  const auto transport = request.query_value("transport").value_or("");
  if (transport != "polling" && transport != "websocket") return {nullptr, complain(kUnknownTransport)};
  if (websocket != (transport == "websocket")) return {nullptr, complain(kBadRequest)};
  if (request.query_value("EIO").value_or("") != "4") return {nullptr, complain(kBadVersion)};
  const auto sid = request.query_value("sid");
  if (!sid) {
    if (request.method != "GET") return {nullptr, complain(kBadMethod)};
    if (draining_ || connections_.size() >= options_.most_sessions) return {nullptr, complain(kForbidden, 503)};
    return {};
  }
  const auto at = connections_.find(std::string(*sid));
  if (at == connections_.end()) return {nullptr, complain(kUnknownSession)};
  if (!websocket && at->second->engine->on_websocket()) return {nullptr, complain(kBadRequest)};
  return {at->second, std::nullopt};
}

// A new connection counts, once: to be asked once for each request.
Server::Judged Server::judge_and_count(const Request& request, bool websocket) const {
  Judged judged = judge(request, websocket);
  if (judged.refusal || judged.connection || !around_.admit) return judged;
  if (const Status admitted = around_.admit(request); !admitted) {
    judged.refusal = complain(kTooMany, 429);
    const DurationMs wait = admitted.error().retry_after_ms;
    judged.refusal->headers.emplace_back("retry-after", std::to_string((wait + 999) / 1000));
  }
  return judged;
}

// A connection whose time is over answers no more, however late the next tick.
void Server::catch_up(const Request& request) {
  const auto at = connections_.find(std::string(request.query_value("sid").value_or("")));
  if (at == connections_.end()) return;
  const ConnectionPtr connection = at->second;
  connection->engine->tick(around_.clock.now());
}

Server::ConnectionPtr Server::open(const Request& request) {
  const std::string sid = around_.random_id();
  auto connection = std::make_shared<Connection>();
  const EngineSession::Host host{[this, sid] { ended(sid); }, [this, sid] { flush_soon(sid); }};
  connection->engine = std::make_unique<EngineSession>(options_.engine, sid, around_.clock.now(), host);
  connection->application = make_(*connection->engine, request);
  connection->engine->attach(*connection->application);
  connections_[sid] = connection;
  ++opened_;
  return connection;
}

// It may be on the stack: it goes at the end of this turn.
void Server::ended(const std::string& sid) {
  const auto at = connections_.find(sid);
  if (at == connections_.end()) return;
  at->second->engine->detach();
  around_.post([dropped = std::move(at->second)] { dropped->application.reset(); });
  connections_.erase(at);
}

void Server::flush_soon(const std::string& sid) {
  around_.post([self = self_, sid] {
    if (*self == nullptr) return;
    const auto at = (*self)->connections_.find(sid);
    if (at == (*self)->connections_.end()) return;
    const ConnectionPtr connection = at->second;  // flushing may end it
    connection->engine->flush();
  });
}

std::unique_ptr<transport::SessionPort> Server::accept(hub::Sink& sink, const Request& request) {
  Judged judged = judge(request, true);
  if (judged.refusal) return nullptr;  // its session has ended since it was checked
  const bool first = judged.connection == nullptr;
  const ConnectionPtr connection = first ? open(request) : judged.connection;
  auto socket = std::make_unique<Socket>(connection, sink);
  if (!first) ++upgraded_;
  first ? connection->engine->open(sink) : connection->engine->probe(sink);
  return socket;
}

// ---- HTTP ----

void Server::handle(const std::shared_ptr<transport::Exchange>& exchange) {
  const Request& request = exchange->request();
  const std::string_view host = request.header("host");
  if (!auth::host_allowed(options_.origins, host) ||
      !auth::origin_allowed(options_.origins, request.header("origin"), host, request.secure)) {
    return reply(*exchange, complain(kForbidden, 403));
  }
  if (request.method == "OPTIONS") return preflight(*exchange);
  catch_up(request);
  Judged judged = judge_and_count(request, false);
  if (judged.refusal) return reply(*exchange, std::move(*judged.refusal));
  if (!judged.connection) return poll(exchange, open(request), true);
  if (request.method == "GET") return poll(exchange, judged.connection, false);
  if (request.method != "POST") return reply(*exchange, complain(kBadRequest));
  reply(*exchange, of(judged.connection->engine->post(request.body), "text/html"));
}

void Server::poll(const std::shared_ptr<transport::Exchange>& exchange, const ConnectionPtr& connection, bool first) {
  exchange->on_abort([held = std::weak_ptr<Connection>(connection)] {
    if (const ConnectionPtr aborted = held.lock()) aborted->engine->poll_aborted();
  });
  PollDone done = [self = self_, exchange](HttpAnswer given) {
    if (*self != nullptr) (*self)->reply(*exchange, of(std::move(given), "text/plain; charset=UTF-8"));
  };
  first ? connection->engine->open_polling(std::move(done)) : connection->engine->poll(std::move(done));
}

// Fetch, "CORS protocol".
void Server::decorate(const Request& request, Response& response) const {
  const std::string_view origin = request.header("origin");
  response.headers.emplace_back("vary", "Origin");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  if (origin.empty() || !auth::origin_allowed(options_.origins, origin, request.header("host"), request.secure)) return;
  response.headers.emplace_back("access-control-allow-origin", origin);
  if (options_.origins.credentials) response.headers.emplace_back("access-control-allow-credentials", "true");
}

void Server::preflight(transport::Exchange& exchange) const {
  Response response;
  response.status = 204;
  response.headers.emplace_back("allow", "GET, POST");
  if (!exchange.request().header("access-control-request-method").empty()) {
    response.headers.emplace_back("access-control-allow-methods", "GET, POST");
    const std::string_view asked = exchange.request().header("access-control-request-headers");
    if (!asked.empty()) response.headers.emplace_back("access-control-allow-headers", asked);
    response.headers.emplace_back("access-control-max-age", "7200");
  }
  reply(exchange, std::move(response));
}

void Server::reply(transport::Exchange& exchange, Response response) const {
  decorate(exchange.request(), response);
  exchange.respond(std::move(response));
}

// ---- time ----

void Server::tick() {
  const UnixMs now = around_.clock.now();
  for (auto at = connections_.begin(); at != connections_.end();) {
    const ConnectionPtr connection = (at++)->second;  // that ends itself at most
    connection->engine->tick(now);
  }
}

void Server::drain() {
  draining_ = true;
  for (const auto& [sid, connection] : std::map(connections_)) connection->engine->close();
}

ServerStats Server::stats() const {
  const auto polls = [](const auto& entry) { return !entry.second->engine->on_websocket(); };
  const auto polling = std::count_if(connections_.begin(), connections_.end(), polls);
  return {connections_.size(), static_cast<std::size_t>(polling), opened_, upgraded_};
}

std::unique_ptr<Server> make_server(ServerOptions options, SocketIoOptions socketio,
                                    std::vector<hub::Namespace> namespaces, Server::Surroundings around) {
  auto shared = std::make_shared<const std::vector<hub::Namespace>>(std::move(namespaces));
  const Clock& clock = around.clock;
  Server::Make make = [=, &clock, origins = options.origins, post = around.post, counts = bool(around.admit)](
                          EngineSession& engine, const Request& request) {
    hub::Opening opening;
    opening.is_counted = counts;
    opening.credentials = transport::credentials_of(request, origins);
    opening.address = request.client;
    const auto release = [post](std::shared_ptr<void> object) { post([object = std::move(object)] {}); };
    return std::make_unique<SocketIoSession>(engine, *shared, socketio, std::move(opening), clock.now(), release);
  };
  return std::make_unique<Server>(std::move(options), std::move(make), std::move(around));
}

}  // namespace jobwire::socketio
