#include "config_flags.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace jobwire {
namespace {

std::string environment_name(std::string flag) {
  for (char& c : flag) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return "JOBWIRE_" + flag;
}

// Declares flags under their one name: "--max-jobs", JOBWIRE_MAX_JOBS, and the file's key max-jobs.
class Flags {
 public:
  explicit Flags(CLI::App& app) : app_(app) {}

  void section(std::string name) { section_ = std::move(name); }

  void text(const std::string& name, std::string& into, const std::string& help, const std::string& aliases = "") {
    finish(app_.add_option("--" + name + aliases, into, help), name);
  }
  void list(const std::string& name, std::vector<std::string>& into, const std::string& help,
            const std::string& aliases = "") {
    finish(app_.add_option("--" + name + aliases, into, help)->delimiter(',')->allow_extra_args(false), name);
  }
  // Each a text of its own, commas and all.
  void lines(const std::string& name, std::vector<std::string>& into, const std::string& help) {
    finish(app_.add_option("--" + name, into, help)->allow_extra_args(false), name);
  }
  void flag(const std::string& name, bool& into, const std::string& help) {
    finish(app_.add_flag("--" + name, into, help), name);
  }
  void on_or_off(const std::string& name, bool& into, const std::string& help) {
    parsed(name, help, "must be on or off", [&into](const std::string& given) {
      into = given == "on";
      return given == "on" || given == "off";
    });
  }
  template <class Number>
  void number(const std::string& name, Number& into, std::int64_t least, std::int64_t most, const std::string& help) {
    const std::string rule = "must be an integer from " + std::to_string(least) + " to " + std::to_string(most);
    parsed(name, help + " [" + std::to_string(into) + "]", rule, [&into, least, most](const std::string& given) {
      std::int64_t value = 0;
      if (!CLI::detail::lexical_cast(given, value) || value < least || value > most) return false;
      into = static_cast<Number>(value);
      return true;
    });
  }
  void duration(const std::string& name, DurationMs& into, const std::string& help) {
    parsed(name, help, "must be a duration such as 500ms, 30s, 15m, 1h or 7d", [&into](const std::string& given) {
      const auto value = parse_duration(given);
      if (value) into = *value;
      return value.has_value();
    });
  }
  void size(const std::string& name, std::int64_t& into, std::int64_t least, const std::string& help) {
    const std::string rule = "must be a size of at least " + std::to_string(least) + " bytes, such as 65536, 64k or 8m";
    parsed(name, help, rule, [&into, least](const std::string& given) {
      const auto value = parse_size(given);
      if (!value || *value < least) return false;
      into = *value;
      return true;
    });
  }
  void parsed(const std::string& name, const std::string& help, const std::string& rule,
              std::function<bool(const std::string&)> read) {
    finish(app_.add_option_function<std::string>(
               "--" + name,
               [name, rule, read = std::move(read)](const std::string& given) {
                 if (!read(given)) throw CLI::ValidationError("--" + name, "'" + given + "' " + rule);
               },
               help),
           name);
  }

 private:
  void finish(CLI::Option* option, const std::string& name) {
    option->envname(environment_name(name))->group(section_);
  }

  CLI::App& app_;
  std::string section_ = "Options";
};

void declare_listen(Flags& flags, ListenConfig& listen) {
  flags.section("Listening");
  flags.list("listen", listen.addresses, "Address to listen on, repeatable [127.0.0.1 and ::1]", ",--address");
  flags.number("port", listen.port, 0, 65535, "Port; 0 takes any free one");
  flags.text("tls-cert", listen.tls_cert, "Certificate chain, PEM; with --tls-key");
  flags.text("tls-key", listen.tls_key, "Private key, PEM");
  flags.text("static", listen.static_dir, "Folder whose files are served at /");
  flags.parsed("drain-seconds", "From SIGTERM to the exit, at most [10]", "must be an integer from 0 to 3600",
               [&listen](const std::string& given) {
                 std::int64_t seconds = 0;
                 if (!CLI::detail::lexical_cast(given, seconds) || seconds < 0 || seconds > 3600) return false;
                 listen.drain = seconds * 1000;
                 return true;
               });
  flags.on_or_off("io-uring", listen.io_uring,
                  "Write to many pages in one system call, where the kernel offers it [on]");
}

void declare_store(Flags& flags, StoreConfig& store) {
  flags.section("Store");
  flags.parsed("store", "memory or sqlite [sqlite where a folder or file is given, else memory]",
               "must be memory or sqlite", [&store](const std::string& given) {
                 store.kind = given;
                 return given == "memory" || given == "sqlite";
               });
  flags.text("data-dir", store.data_dir, "Folder of the store and of the --dev secret [data, with --store sqlite]");
  flags.text("db", store.db, "SQLite file [jobwire.db in the data folder]");
}

void declare_access(Flags& flags, AccessConfig& access) {
  flags.section("Access");
  flags.text("secret", access.secret, "Secret of HS256 tokens (better: JOBWIRE_SECRET or --secret-file)");
  flags.text("secret-file", access.secret_file, "File that holds the secret");
  flags.list("jwt-public-key", access.public_keys, "PEM file of public keys (RSA, P-256, Ed25519), repeatable");
  flags.text("jwks", access.jwks, "Published keys: a JWKS file, or an https URL");
  flags.duration("jwks-refresh", access.jwks_refresh, "How often those are read again [10m]");
  flags.list("jwt-algorithms", access.algorithms,
             "Of HS256,HS384,HS512,RS256,ES256,EdDSA those that are accepted [what the keys can do]");
  flags.list("jwt-audience", access.audiences, "A token must be for one of these (aud), repeatable [any]");
  flags.list("jwt-issuer", access.issuers, "A token must be from one of these (iss), repeatable [any]");
  flags.parsed("jwt-leeway", "How far the clock of an issuer may be off, for exp and nbf [0s and 5s]",
               "must be a duration of at most 10m, such as 30s", [&access](const std::string& given) {
                 access.leeway = parse_duration(given);
                 return access.leeway && *access.leeway <= 10 * 60 * 1000;
               });
  flags.list("api-key", access.api_keys, "name:key of a service, repeatable");
  flags.flag("dev", access.dev, "For development: no token needed, on loopback only");
  flags.flag("anonymous", access.anonymous, "Who knows a job's unguessable id may follow it without a token");
  flags.list("allow-origin", access.origins, "Origin of pages of other sites that may ask, repeatable; * for all");
  flags.flag("allow-credentials", access.credentials, "Allow those pages to send cookies along");
  flags.text("cookie-name", access.cookie_name,
             "Cookie that holds a token, of pages that --allow-origin names and of this server's own [none]");
  flags.flag("query-token", access.query_token,
             "Accept ?token= where no header can be sent (it shows in logs of proxies)");
  flags.text("content-security-policy", access.content_security_policy,
             "Of the files at /, for example to let their pages connect elsewhere [this server only]");
  flags.flag("public-metrics", access.public_metrics, "/metrics without a token");
  flags.list("user-claim", access.user_claims, "Claims that name the user [sub,id,_id,userId]");
  flags.list("role-claim", access.role_claims, "Claims that tell the role [role,isAdmin]");
  flags.list("job-claim", access.job_claims, "Claims that name jobs [jobs,job]");
}

void declare_dialects(Flags& flags, DialectsConfig& dialects) {
  flags.section("Dialects");
  flags.text("socketio-path", dialects.socketio_path, "Where Socket.IO clients find it; empty: nowhere [/socket.io/]");
  flags.list("dialect", dialects.spoken, "queue, jobs, analysis, pdf or file-processing, repeatable [all of them]");
  flags.list("dialect-types", dialects.types,
             "name=type, repeatable: this dialect tells of jobs of these types only [of all]");
  flags.on_or_off("socketio-recovery", dialects.recovery,
                  "on or off: who comes back within two minutes goes on where it was [on]");
}

void declare_rates(Flags& flags, LimitsConfig& limits) {
  const auto rate = [&](const std::string& name, auth::Act act, const std::string& help) {
    flags.parsed(name, help, "must be such as 200/10s, off, or user:1000/10s,address:off",
                 [&limits, act](const std::string& given) {
                   return static_cast<bool>(auth::read_rates(given, act, limits.rates));
                 });
  };
  rate("limit-connects", auth::Act::connect, "New connections [user:20000/1m,address:6000/1m]");
  rate("limit-subscribes", auth::Act::subscribe, "[connection:2000/10s,user:10000/10s]");
  rate("limit-commands", auth::Act::command,
       "Other commands, and requests that publish nothing [connection:5000/10s,user:50000/10s]");
  rate("limit-publishes", auth::Act::publish, "Requests that publish; a batch is one [off]");
  flags.list("trusted-proxy", limits.trusted_proxies,
             "Address or network of a proxy whose X-Forwarded-For (or Forwarded) counts, repeatable");
}

// Which events tell, and how, is for the file: config_notifications.h.
void declare_notifications(Flags& flags, NotificationConfig& config) {
  flags.section("Notifications");
  config.rules.on = true;
  flags.on_or_off("notifications", config.rules.on,
                  "Users are notified of their jobs, by the rules of the file's [notify.TYPE] [on]");
  flags.duration("keep-notifications", config.rules.keep_for, "[30d]");
  flags.number("max-notifications", config.most, 1, 10'000, "Kept of a user; the oldest make room");
  flags.on_or_off("alerts", config.alerts, "Admins are notified of a failing store, stuck queues and many errors [on]");
  flags.duration("queue-stuck-after", config.queue_stuck_after, "Jobs wait and none is active, for this long [10m]");
}

void declare_retention(Flags& flags, RetentionConfig& retention) {
  flags.section("Retention");
  flags.duration("remove-after", retention.remove_after, "A job is removed this long after its end [24h]");
  flags.duration("tombstones", retention.tombstones, "A removed id answers 410 for this long [24h]");
  flags.number("history", retention.history, 1, 10'000, "Events kept of a job");
}

void declare_limits(Flags& flags, LimitsConfig& limits) {
  flags.section("Limits");
  flags.number("max-jobs", limits.jobs, 1, 100'000'000, "Jobs in the table");
  flags.number("max-connections", limits.connections, 1, 1'000'000, "Open sockets");
  flags.number("max-channels", limits.channels, 1, 100'000, "Channels of a connection");
  flags.size("max-body", limits.body_bytes, 1024, "HTTP body [8m]");
  flags.size("max-message", limits.message_bytes, 1024, "WebSocket message, and one event over HTTP [1m]");
  flags.size("max-result", limits.result_bytes, 64, "result, payload, and all of metadata, each [64k]");
  flags.size("max-unsent", limits.unsent_bytes, 4096, "Unsent bytes of a connection before it lags [256k]");
  declare_rates(flags, limits);
}

void declare_timing(Flags& flags, TimingConfig& timing) {
  flags.section("Timing");
  flags.duration("heartbeat", timing.heartbeat, "Longest silence on a connection [25s]");
  flags.duration("expiry-grace", timing.expiry_grace,
                 "A connection outlives its token by this, for a fresh one to come [30s]");
  flags.duration("silent-after", timing.silent_after, "\"No report for\" is told from here on [10s]");
  flags.duration("stalled-after", timing.stalled_after, "An active job without report becomes stalled; 0: never [0]");
}

void declare_log(Flags& flags, observe::LogOptions& log) {
  flags.section("Log");
  flags.parsed("log-level", "debug, info, warn, error or off [info]", "must be debug, info, warn, error or off",
               [&log](const std::string& given) {
                 const auto level = observe::level_from_name(given);
                 if (level) log.level = *level;
                 return level.has_value();
               });
  flags.parsed("log-format", "logfmt or json [logfmt]", "must be logfmt or json", [&log](const std::string& given) {
    const auto format = observe::format_from_name(given);
    if (format) log.format = *format;
    return format.has_value();
  });
}

void declare_jobs(Flags& flags, JobsConfig& jobs) {
  flags.section("Jobs");
  flags.lines("stage-plan", jobs.stage_plans,
              "\"type: stage=percent text; ...\", repeatable: what the stages of such jobs are; \"type:\" for none "
              "[youtube-video, file-upload, transcript]");
}

}  // namespace

void declare_flags(CLI::App& app, Config& config) {
  Flags flags(app);
  declare_listen(flags, config.listen);
  declare_store(flags, config.store);
  declare_access(flags, config.access);
  declare_dialects(flags, config.dialects);
  declare_retention(flags, config.retention);
  declare_limits(flags, config.limits);
  declare_jobs(flags, config.jobs);
  declare_timing(flags, config.timing);
  declare_notifications(flags, config.notifications);
  declare_log(flags, config.log);
}

}  // namespace jobwire
