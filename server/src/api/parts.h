// What the routes work with; the composition root owns all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "auth/authenticator.h"
#include "auth/credentials.h"
#include "auth/origin.h"
#include "hub/hub.h"
#include "jobwire/codec.h"
#include "jobwire/time.h"
#include "node/estimates.h"
#include "node/node.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "transport/options.h"

namespace jobwire::api {

struct ApiOptions {
  CodecLimits codec;
  auth::OriginRules origins;
  auth::CredentialRules credentials;
  bool public_metrics = false;          // /metrics without a token
  std::string dev_secret;               // --dev: signs tokens of POST /dev/token; empty: there is no such route
  std::string static_dir;               // empty: no static files
  std::string content_security_policy;  // of static files; empty: the one that the demo needs
  std::size_t most_batch = 1000;        // events of one POST /events
  std::size_t most_listed = 500;
  std::size_t most_scanned = 20'000;  // jobs looked at for one page of a list: a filter that fits nothing stays cheap
};

struct Parts {
  ApiOptions options;
  node::Node& node;
  node::Estimates& estimates;
  hub::Hub& hub;
  const auth::Authenticator& authenticator;
  const Clock& clock;
  observe::Metrics& metrics;
  observe::Log& log;
  log::Post post;                          // onto the loop
  std::function<std::string()> random_id;  // unguessable
  std::function<const transport::TransportStats&()> transport_stats;
  std::function<std::string()> not_ready = {};  // why no traffic should come, beside the log's health; empty: it may
  std::function<std::int64_t()> polling_connections = {};  // of Socket.IO, that have no WebSocket; unset: none
  UnixMs started_at = 0;
  bool told_of_ownerless = false;  // the first job without owner is logged, the others are not
};

}  // namespace jobwire::api
