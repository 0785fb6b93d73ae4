#include "server_options.h"

#include <algorithm>

#include "auth/key_fetch.h"

namespace jobwire {
namespace {

CodecLimits codec_limits(const LimitsConfig& limits) {
  CodecLimits codec;
  codec.message_bytes = static_cast<std::size_t>(limits.message_bytes);
  codec.result_bytes = static_cast<std::size_t>(limits.result_bytes);
  codec.channels = static_cast<std::size_t>(limits.channels);
  return codec;
}

auth::ApiKey api_key(const std::string& entry) {
  const std::size_t colon = entry.find(':');
  return {entry.substr(0, colon), entry.substr(colon + 1)};
}

std::vector<auth::Algorithm> algorithms(const AccessConfig& access) {
  std::vector<auth::Algorithm> named;
  for (const std::string& name : access.algorithms) {
    if (const auto algorithm = auth::algorithm_from_name(name)) named.push_back(*algorithm);
  }
  return named;
}

}  // namespace

auth::AccessOptions access_options(const Config& config, const Keys& keys, const std::string& dev_token) {
  const AccessConfig& access = config.access;
  auth::AccessOptions options;
  options.secret = keys.secret;
  options.public_keys = keys.public_keys;
  options.algorithms = algorithms(access);
  options.jwt.audiences = access.audiences;
  options.jwt.issuers = access.issuers;
  if (access.leeway) options.jwt.not_before_leeway = options.jwt.expiry_leeway = *access.leeway;
  if (!access.user_claims.empty()) options.jwt.user_claims = access.user_claims;
  if (!access.role_claims.empty()) options.jwt.role_claims = access.role_claims;
  if (!access.job_claims.empty()) options.jwt.job_claims = access.job_claims;
  for (const std::string& entry : access.api_keys) options.api_keys.push_back(api_key(entry));
  options.dev = access.dev;
  options.dev_token = dev_token;
  options.anonymous = access.anonymous;
  return options;
}

auth::KeyCacheOptions key_cache_options(const Config& config) {
  return {.refresh = config.access.jwks_refresh,
          .allowed = algorithms(config.access),
          .secrets = !auth::is_key_url(config.access.jwks)};
}

// Under --dev on loopback no name but loopback's is this server: a page whose name was rebound to 127.0.0.1 is foreign.
auth::OriginRules origin_rules(const Config& config) {
  const bool local_dev = config.access.dev && !listens_beyond_loopback(config.listen);
  return {.allowed = config.access.origins,
          .same_origin = !local_dev,
          .loopback_origins = config.access.dev,
          .only_loopback_host = local_dev,
          .credentials = config.access.credentials};
}

auth::CredentialRules credential_rules(const Config& config) {
  return {.cookie_name = config.access.cookie_name, .query = config.access.query_token};
}

node::NodeOptions node_options(const Config& config) {
  node::NodeOptions options;
  options.remove_after = config.retention.remove_after;
  options.tombstone_for = config.retention.tombstones;
  options.most_jobs = static_cast<std::size_t>(config.limits.jobs);
  options.stalled_after = config.timing.stalled_after;
  options.stage_plans = node::StagePlans(node::built_in_stage_plans());
  for (const std::string& line : config.jobs.stage_plans) {
    if (auto plan = node::parse_stage_plan(line)) options.stage_plans.set(std::move(*plan));
  }
  options.rules = config.notifications.rules;
  // Video analyses have words of their own, as their queue's dialect does; the file's are stronger.
  for (const char* type : {"video-analysis", "youtube-video", "file-upload", "transcript"}) {
    options.rules.by_type.try_emplace(type, node::analysis_rules());
  }
  if (config.access.dev) options.rules.ownerless = "dev";
  options.most_notifications = static_cast<std::size_t>(config.notifications.most);
  return options;
}

node::EstimateOptions estimate_options(const Config& config) {
  node::EstimateOptions options;
  options.silent_after = config.timing.silent_after;
  return options;
}

node::AlertOptions alert_options(const Config& config) {
  node::AlertOptions options;
  options.on = config.notifications.alerts;
  options.stuck_after = config.notifications.queue_stuck_after;
  return options;
}

hub::HubOptions hub_options(const Config& config) {
  hub::HubOptions options;
  options.heartbeat = config.timing.heartbeat;
  options.expiry_grace = config.timing.expiry_grace;
  options.high_water = static_cast<std::size_t>(config.limits.unsent_bytes);
  options.most_channels = static_cast<std::size_t>(config.limits.channels);
  options.drain_spread = std::min<DurationMs>(options.drain_spread, std::max<DurationMs>(config.listen.drain, 1000));
  options.codec = codec_limits(config.limits);
  options.credentials = credential_rules(config);
  options.rates = config.limits.rates;
  return options;
}

api::ApiOptions api_options(const Config& config, const std::string& secret) {
  api::ApiOptions options;
  options.codec = codec_limits(config.limits);
  options.origins = origin_rules(config);
  options.credentials = credential_rules(config);
  options.public_metrics = config.access.public_metrics;
  if (config.access.dev) options.dev_secret = secret;
  options.static_dir = config.listen.static_dir;
  options.content_security_policy = config.access.content_security_policy;
  return options;
}

transport::TransportOptions transport_options(const Config& config) {
  transport::TransportOptions options;
  if (!config.listen.addresses.empty()) options.addresses = config.listen.addresses;
  options.port = config.listen.port;
  options.tls_certificate = config.listen.tls_cert;
  options.tls_key = config.listen.tls_key;
  options.batch_writes = config.listen.io_uring;
  options.most_connections = static_cast<std::size_t>(config.limits.connections);
  options.message_bytes = static_cast<std::size_t>(config.limits.message_bytes);
  options.http.body_bytes = static_cast<std::uint64_t>(config.limits.body_bytes);
  for (const std::string& proxy : config.limits.trusted_proxies) {
    if (const auto range = auth::AddressRange::parse(proxy)) options.trusted_proxies.push_back(*range);
  }
  options.timeouts.ping = std::chrono::milliseconds(config.timing.heartbeat);
  options.timeouts.drain = std::chrono::milliseconds(config.listen.drain);
  options.origin_allowed = [rules = origin_rules(config)](const transport::Request& request) {
    const std::string_view host = request.header("host");
    return auth::host_allowed(rules, host) &&
           auth::origin_allowed(rules, request.header("origin"), host, request.secure);
  };
  return options;
}

hub::DialectsOptions dialects_options(const Config& config) {
  const DialectsConfig& given = config.dialects;
  hub::DialectsOptions options;
  options.recovery.enabled = given.recovery;
  for (const auto& each : dialect::all_dialects()) {
    const std::string name(each->name());
    hub::DialectOptions& dialect = options.by_name[name];
    dialect.enabled =
        given.spoken.empty() || std::find(given.spoken.begin(), given.spoken.end(), name) != given.spoken.end();
    for (const std::string& entry : given.types) {
      if (entry.starts_with(name + "=")) dialect.types.push_back(entry.substr(name.size() + 1));
    }
  }
  return options;
}

socketio::ServerOptions socketio_options(const Config& config) {
  socketio::ServerOptions options;
  options.path = config.dialects.socketio_path;
  options.origins = origin_rules(config);
  options.engine.ping_interval = config.timing.heartbeat;
  return options;
}

}  // namespace jobwire
