// The routes over a server in memory, to be asked through exchanges without a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "api/api.h"
#include "support/core.h"

namespace jobwire::test {

struct CoreRoutes {
  explicit CoreRoutes(const Clock& clock, observe::LogOptions options = {}) : journal(options, clock, journal_text) {}

  // `core` has been started, and outlives the routes.
  void open(Core& core, api::ApiOptions options) {
    routes.emplace(
        api::Parts{.options = std::move(options),
                   .node = core.node,
                   .estimates = core.estimates,
                   .hub = *core.hub,
                   .authenticator = *core.authenticator,
                   .clock = core.clock,
                   .metrics = metrics,
                   .log = journal,
                   .post = core.tasks.post(),
                   .random_id = [this] { return "random-" + std::to_string(++ids); },
                   .transport_stats = [this]() -> const transport::TransportStats& { return transport_stats; },
                   .polling_connections = [this] { return polling; },
                   .started_at = core.clock.now()});
  }

  observe::Metrics metrics;
  std::ostringstream journal_text;
  observe::Log journal;
  transport::TransportStats transport_stats{.connections = 3};
  std::int64_t polling = 0;  // Socket.IO connections
  int ids = 0;
  std::optional<api::Api> routes;
};

}  // namespace jobwire::test
