// What an operator can set: one struct per section. Flags win over the environment (JOBWIRE_*), that over the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/origin.h"
#include "auth/rate_limit.h"
#include "auth/token_authenticator.h"
#include "jobwire/result.h"
#include "jobwire/time.h"
#include "node/notification_rules.h"
#include "observe/log.h"

namespace jobwire {

struct ListenConfig {
  std::vector<std::string> addresses;  // empty: both loopbacks
  std::uint16_t port = 7070;           // 0: any free one; the ready line tells which
  std::string tls_cert;                // PEM files; both or neither
  std::string tls_key;
  DurationMs drain = 10'000;  // from SIGTERM to the exit, at most
  bool io_uring = true;       // write to many connections in one system call, where the kernel offers it
  std::string static_dir;     // empty: no static files
};

struct StoreConfig {
  std::string kind;      // "memory" or "sqlite"
  std::string data_dir;  // empty with memory: nothing is kept
  std::string db;        // the SQLite file
};

struct AccessConfig {
  std::string secret;
  std::string secret_file;
  std::vector<std::string> api_keys;  // "name:key"
  bool dev = false;
  bool anonymous = false;
  std::vector<std::string> origins;
  bool credentials = false;
  std::string cookie_name;  // empty: cookies are not looked at
  bool query_token = false;
  bool public_metrics = false;
  std::vector<std::string> public_keys;      // PEM files
  std::string jwks;                          // a JWKS file, or a URL
  DurationMs jwks_refresh = 10 * 60 * 1000;  // how often it is read again
  std::vector<std::string> algorithms;       // of tokens; empty: what the keys can do
  std::vector<std::string> audiences;
  std::vector<std::string> issuers;
  std::optional<DurationMs> leeway;      // for exp and nbf; absent: the defaults of auth/jwt.h
  std::string content_security_policy;   // of static files; empty: the default
  std::vector<std::string> user_claims;  // empty: the defaults of auth/jwt.h
  std::vector<std::string> role_claims;
  std::vector<std::string> job_claims;
};

// The words of other systems, for front ends that were written for them.
struct DialectsConfig {
  std::string socketio_path = "/socket.io/";  // empty: Socket.IO is not spoken
  std::vector<std::string> spoken;            // names; empty: all of them
  std::vector<std::string> types;             // "name=type": a dialect tells jobs of these types only
  bool recovery = true;                       // Socket.IO's connection state recovery
};

struct RetentionConfig {
  DurationMs remove_after = 24 * 60 * 60 * 1000;
  DurationMs tombstones = 24 * 60 * 60 * 1000;
  std::int64_t history = 100;
};

struct LimitsConfig {
  std::int64_t jobs = 1'000'000;
  std::int64_t body_bytes = 8 << 20;
  std::int64_t message_bytes = 1 << 20;
  std::int64_t result_bytes = 64 << 10;
  std::int64_t channels = 1000;
  std::int64_t connections = 50'000;
  std::int64_t unsent_bytes = 256 << 10;
  auth::RateRules rates = auth::default_rates();
  std::vector<std::string> trusted_proxies;  // addresses or networks
};

struct TimingConfig {
  DurationMs heartbeat = 25'000;
  DurationMs silent_after = 10'000;
  DurationMs expiry_grace = 30'000;
  DurationMs stalled_after = 0;  // 0: silence is shown, never declared
};

struct JobsConfig {
  std::vector<std::string> stage_plans;  // lines as node/stage_plans.h reads them, in addition to the built-in ones
};

struct NotificationConfig {
  node::NotificationRules rules;
  std::int64_t most = 200;  // of a user
  bool alerts = true;       // to admins
  DurationMs queue_stuck_after = 10 * 60 * 1000;
};

struct TokenConfig {
  std::string user;
  std::string role = "user";
  std::vector<std::string> jobs;
  DurationMs expires = 0;  // 0: never
};

// A variable of other systems that stood in for a setting of ours, since nothing else had set it.
struct UsedAlias {
  std::string variable;
  std::string key;
};

enum class Command : std::uint8_t { serve, token, check_config };

struct Config {
  Command command = Command::serve;
  ListenConfig listen;
  StoreConfig store;
  AccessConfig access;
  DialectsConfig dialects;
  RetentionConfig retention;
  LimitsConfig limits;
  TimingConfig timing;
  JobsConfig jobs;
  NotificationConfig notifications;
  observe::LogOptions log;
  TokenConfig token;
  std::vector<UsedAlias> aliases;
};

// Either a configuration, or what to print and the exit code: help, version, or every error that was found.
struct ConfigRead {
  std::optional<Config> config;
  std::string output;  // for standard output
  std::string errors;  // for standard error
  int exit_code = 0;
};
// Reads flags, environment and file, and checks everything that can be checked without opening a port or a store.
ConfigRead read_config(int argc, const char* const* argv);

// The rules that concern more than one value; each error names the key and its rule.
std::vector<std::string> check_config(const Config& config);

// Has `key` been set by a variable of another system's name?
bool is_aliased(const Config& config, std::string_view key);
bool listens_beyond_loopback(const ListenConfig& listen);

// "250ms", "30s", "15m", "1h", "7d"; 0 needs no unit.
std::optional<DurationMs> parse_duration(const std::string& text);
// "4096", "64k", "8m"
std::optional<std::int64_t> parse_size(const std::string& text);

}  // namespace jobwire
