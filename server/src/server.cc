#include "server.h"

#include <sys/resource.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <optional>

#include "api/api.h"
#include "auth/digest.h"
#include "auth/key_fetch.h"
#include "auth/text_encoding.h"
#include "auth/token_authenticator.h"
#include "hub/dialects.h"
#include "hub/hub.h"
#include "hub/notifications_conversation.h"
#include "log/memory_log.h"
#include "log/sqlite_log.h"
#include "node/alerts.h"
#include "node/estimates.h"
#include "node/node.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/process.h"
#include "server_options.h"
#include "socketio/plain_events.h"
#include "socketio/server.h"
#include "system_clock.h"
#include "transport/native_session.h"
#include "transport/transport.h"

namespace jobwire {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHubTick{100};
constexpr milliseconds kNodeTick{1000};
constexpr milliseconds kGrace{2000};  // beyond the drain, for the log to finish

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  const std::string bytes = auth::random_bytes(sizeof seed);
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

std::string random_id() { return auth::base32(auth::random_bytes(16)); }

// Tens of thousands of connections need as many descriptors; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

// In the order in which they are built; each refers to earlier ones only.
struct Server::Parts {
  Parts(Config given, Keys given_keys)
      : config(std::move(given)),
        keys(std::move(given_keys)),
        authenticator(access_options(config, keys, dev_token), clock, published_keys()) {}

  Config config;
  Keys keys;
  // --dev beyond loopback: everybody could be `dev`, so that who is has to bring this.
  std::string dev_token = config.access.dev && listens_beyond_loopback(config.listen) ? random_id() : std::string();
  SystemClock clock;
  observe::Log journal{config.log, clock, std::clog};
  observe::Metrics metrics;
  boost::asio::io_context io{1};
  std::optional<auth::KeyCache> key_cache;
  auth::TokenAuthenticator authenticator;
  log::Post post = [this](std::function<void()> task) { boost::asio::post(io, std::move(task)); };
  log::MemoryStore memory;
  std::unique_ptr<log::EventLog> log;
  std::optional<node::Node> node;
  std::optional<node::Estimates> estimates;
  std::optional<node::Alerts> alerts;
  std::optional<hub::Hub> hub;
  std::optional<api::Api> api;
  std::optional<hub::Dialects> dialects;
  std::unique_ptr<socketio::Server> socketio;  // null: Socket.IO is not spoken
  std::optional<transport::Transport> transport;
  boost::asio::steady_timer hub_timer{io};
  boost::asio::steady_timer node_timer{io};
  boost::asio::steady_timer bound{io};
  boost::asio::signal_set signals{io, SIGTERM, SIGINT};
  std::string degraded;  // as last written to the journal
  std::uint64_t limited_told = 0;
  UnixMs limited_told_at = 0;
  std::optional<int> exit_code;

  auth::KeyCache* published_keys();
  Status open_log();
  void build();
  void build_dialects();
  std::vector<hub::Namespace> namespaces();
  std::string url(std::uint16_t port) const;
  void tell_ready(std::uint16_t port);
  void tell_limited();
  void tell_keys(const auth::KeyCache::Outcome& outcome);
  void tick_hub();
  void tick_node();
  void await_signal();
  void drain();
  void finish(int code);
};

// Null: none are published.
auth::KeyCache* Server::Parts::published_keys() {
  if (config.access.jwks.empty()) return nullptr;
  key_cache.emplace(
      key_cache_options(config), auth::key_fetch(io, config.access.jwks),
      [this](const auth::KeyCache::Outcome& outcome) { tell_keys(outcome); }, clock);
  return &*key_cache;
}

void Server::Parts::tell_keys(const auth::KeyCache::Outcome& outcome) {
  if (!outcome.error.empty()) {
    return journal.warn("keys-not-fetched",
                        {{"why", outcome.error}, {"keys", outcome.keys}, {"again-in-ms", outcome.again_in}});
  }
  for (const std::string& why : outcome.skipped) journal.info("key-skipped", {{"why", why}});
  journal.info("keys-fetched", {{"keys", outcome.keys}});
}

Status Server::Parts::open_log() {
  const log::HistoryLimits history{static_cast<std::size_t>(config.retention.history),
                                   static_cast<std::size_t>(config.retention.history)};
  if (config.store.kind == "memory") {
    const log::MemoryLogOptions options{.history = history, .restartable = false};
    log = std::make_unique<log::MemoryLog>(options, memory, clock, Random(random_seed()), post);
    return Done{};
  }
  const std::filesystem::path folder = std::filesystem::path(config.store.db).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error)
    return Error{ErrorCode::unavailable, "cannot make the folder " + folder.string() + ": " + error.message(),
                 "data-dir", 0};
  auto opened = log::SqliteLog::open({.path = config.store.db, .history = history}, clock, Random(random_seed()), post);
  if (!opened) return opened.error();
  log = std::move(*opened);
  return Done{};
}

void Server::Parts::build() {
  estimates.emplace(estimate_options(config), node->table(), clock);
  alerts.emplace(alert_options(config), *node);
  hub.emplace(hub_options(config), *node, *estimates, authenticator, clock, random_seed(), post);
  api.emplace(api::Parts{
      .options = api_options(config, keys.secret),
      .node = *node,
      .estimates = *estimates,
      .hub = *hub,
      .authenticator = authenticator,
      .clock = clock,
      .metrics = metrics,
      .log = journal,
      .post = post,
      .random_id = random_id,
      .transport_stats = [this]() -> const transport::TransportStats& { return transport->stats(); },
      .not_ready = [this] { return key_cache ? key_cache->missing() : std::string(); },
      .polling_connections = [this] { return socketio ? static_cast<std::int64_t>(socketio->stats().polling) : 0; },
      .started_at = clock.now(),
  });
  build_dialects();
  hub->set_system_metrics([this] { return api::system_metrics_object(api->parts()); });
  std::vector<transport::WebSocketRoute> routes{transport::native_websocket(*hub, origin_rules(config))};
  for (auto& route : socketio::plain_routes(namespaces(), origin_rules(config))) {
    routes.push_back(std::move(route));
  }
  if (socketio) {
    for (auto& route : socketio->routes()) routes.push_back(std::move(route));
  }
  transport.emplace(
      io, transport_options(config),
      [this](std::shared_ptr<transport::Exchange> exchange) {
        const bool socket = socketio && socketio->serves(exchange->request().path);
        socket ? socketio->handle(exchange) : api->handle(std::move(exchange));
      },
      std::move(routes));
}

void Server::Parts::build_dialects() {
  const auto process = [] {
    const observe::ProcessUse use = observe::process_use();
    std::array<double, 1> load{};
    const bool known = getloadavg(load.data(), 1) == 1;
    return hub::ProcessFigures{use.resident_bytes, static_cast<std::int64_t>(use.cpu_seconds * 1000),
                               known ? static_cast<std::int64_t>(load[0] * 100) : 0};
  };
  dialects.emplace(dialects_options(config), *hub, clock, random_id, process);
  if (config.dialects.socketio_path.empty()) return;
  const socketio::SocketIoOptions options{.codec = api_options(config, {}).codec};
  const auto admit = [this](const transport::Request& request) {
    auth::Caller caller{.address = request.client};
    return hub->take(auth::Act::connect, caller);
  };
  socketio = socketio::make_server(socketio_options(config), options, namespaces(), {clock, post, random_id, admit});
}

std::vector<hub::Namespace> Server::Parts::namespaces() {
  std::vector<hub::Namespace> all = dialects->namespaces();
  all.push_back(hub::notifications_namespace(*hub, random_id));
  return all;
}

// What a person opens: an unspecified address is no address to open.
std::string Server::Parts::url(std::uint16_t port) const {
  const std::string scheme = config.listen.tls_cert.empty() ? "http://" : "https://";
  std::string host = config.listen.addresses.empty() ? "127.0.0.1" : config.listen.addresses.front();
  const auto address = boost::asio::ip::make_address(host);
  if (address.is_unspecified()) host = "127.0.0.1";
  if (address.is_v6() && !address.is_unspecified()) host = "[" + host + "]";
  return scheme + host + ":" + std::to_string(port);
}

void Server::Parts::tell_ready(std::uint16_t port) {
  journal.info("listening", {{"url", url(port)},
                             {"store", config.store.kind},
                             {"file", config.store.db},
                             {"jobs", node->table().live()},
                             {"dev", config.access.dev},
                             {"io_uring", transport->stats().batches_writes},
                             {"version", JOBWIRE_VERSION}});
  for (const UsedAlias& alias : config.aliases) {
    journal.info("alias", {{"variable", alias.variable}, {"sets", alias.key}});
  }
  if (!keys.secret.empty() && keys.secret.size() < 32) {
    journal.warn("short-secret", {{"hint", "HS256 wants a secret of at least 32 bytes (RFC 7518, section 3.2)"}});
  }
  if (config.store.kind == "memory")
    journal.warn("memory-store", {{"hint", "jobs are lost when the server stops: see --data-dir"}});
  if (!dev_token.empty()) std::cout << "dev token: " << dev_token << "\n";
  std::cout << "listening on " << url(port) << std::endl;
}

void Server::Parts::tick_hub() {
  hub->tick();
  if (socketio) socketio->tick();
  hub_timer.expires_after(kHubTick);
  hub_timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick_hub();
  });
}

// Once a minute at most: a flood is no reason for another one in the journal.
void Server::Parts::tell_limited() {
  const std::uint64_t refused = hub->rate_limited();
  const UnixMs now = clock.now();
  if (refused == limited_told || now - limited_told_at < 60'000) return;
  journal.warn("rate-limited", {{"refused", refused - limited_told},
                                {"hint", "see --limit-connects and the like; behind a proxy, --trusted-proxy"}});
  limited_told = refused;
  limited_told_at = now;
}

void Server::Parts::tick_node() {
  node->tick();
  alerts->tick(estimates->queues());
  if (key_cache) key_cache->tick();
  tell_limited();
  if (const std::string now = log->degraded(); now != degraded) {
    now.empty() ? journal.info("log-healthy") : journal.error("log-degraded", {{"why", now}});
    degraded = now;
  }
  node_timer.expires_after(kNodeTick);
  node_timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick_node();
  });
}

void Server::Parts::await_signal() {
  signals.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (hub->draining()) std::_Exit(128 + number);
    journal.info("draining", {{"signal", number}});
    drain();
    await_signal();
  });
}

void Server::Parts::drain() {
  bound.expires_after(milliseconds(config.listen.drain) + kGrace);
  bound.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    journal.error("drain-too-slow", {{"hint", "the log did not finish in time"}});
    finish(1);
  });
  transport->drain(
      [this] {
        hub->drain();
        if (socketio) socketio->drain();
      },
      [this] { log->drain([this] { finish(0); }); });
}

void Server::Parts::finish(int code) {
  if (!exit_code) exit_code = code;
  io.stop();
}

Server::Server(Config config, Keys keys) : parts_(std::make_unique<Parts>(std::move(config), std::move(keys))) {}
Server::~Server() = default;

Status Server::start() {
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  if (Status opened = parts_->open_log(); !opened) return opened;
  parts_->node.emplace(node_options(parts_->config), *parts_->log, parts_->clock);
  if (Status started = parts_->node->start(); !started) return started;
  parts_->build();
  if (parts_->key_cache) parts_->key_cache->start();
  const auto port = parts_->transport->start();
  if (!port) return port.error();
  parts_->tell_ready(*port);
  return Done{};
}

int Server::run() {
  parts_->tick_hub();
  parts_->tick_node();
  parts_->await_signal();
  parts_->io.run();
  parts_->journal.info("stopped", {{"code", parts_->exit_code.value_or(1)}});
  return parts_->exit_code.value_or(1);
}

}  // namespace jobwire
