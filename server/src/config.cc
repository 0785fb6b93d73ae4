#include "config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "config_notifications.h"

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
  flags.parsed("socketio-recovery", "on or off: who comes back within two minutes goes on where it was [on]",
               "must be on or off", [&dialects](const std::string& given) {
                 dialects.recovery = given == "on";
                 return given == "on" || given == "off";
               });
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

bool read_switch(const std::string& given, bool& into) {
  into = given == "on";
  return given == "on" || given == "off";
}

// Which events tell, and how, is for the file: config_notifications.h.
void declare_notifications(Flags& flags, NotificationConfig& config) {
  flags.section("Notifications");
  config.rules.on = true;
  flags.parsed("notifications", "Users are notified of their jobs, by the rules of the file's [notify.TYPE] [on]",
               "must be on or off",
               [&config](const std::string& given) { return read_switch(given, config.rules.on); });
  flags.duration("keep-notifications", config.rules.keep_for, "[30d]");
  flags.number("max-notifications", config.most, 1, 10'000, "Kept of a user; the oldest make room");
  flags.parsed("alerts", "Admins are notified of a failing store, stuck queues and many errors [on]",
               "must be on or off", [&config](const std::string& given) { return read_switch(given, config.alerts); });
  flags.duration("queue-stuck-after", config.queue_stuck_after, "Jobs wait and none is active, for this long [10m]");
}

void declare_the_rest(Flags& flags, Config& config) {
  flags.section("Retention");
  flags.duration("remove-after", config.retention.remove_after, "A job is removed this long after its end [24h]");
  flags.duration("tombstones", config.retention.tombstones, "A removed id answers 410 for this long [24h]");
  flags.number("history", config.retention.history, 1, 10'000, "Events kept of a job");
  flags.section("Limits");
  flags.number("max-jobs", config.limits.jobs, 1, 100'000'000, "Jobs in the table");
  flags.number("max-connections", config.limits.connections, 1, 1'000'000, "Open sockets");
  flags.number("max-channels", config.limits.channels, 1, 100'000, "Channels of a connection");
  flags.size("max-body", config.limits.body_bytes, 1024, "HTTP body [8m]");
  flags.size("max-message", config.limits.message_bytes, 1024, "WebSocket message, and one event over HTTP [1m]");
  flags.size("max-result", config.limits.result_bytes, 64, "result, payload, and all of metadata, each [64k]");
  flags.size("max-unsent", config.limits.unsent_bytes, 4096, "Unsent bytes of a connection before it lags [256k]");
  declare_rates(flags, config.limits);
  flags.section("Jobs");
  flags.lines("stage-plan", config.jobs.stage_plans,
              "\"type: stage=percent text; ...\", repeatable: what the stages of such jobs are; \"type:\" for none "
              "[youtube-video, file-upload, transcript]");
  flags.section("Timing");
  flags.duration("heartbeat", config.timing.heartbeat, "Longest silence on a connection [25s]");
  flags.duration("expiry-grace", config.timing.expiry_grace,
                 "A connection outlives its token by this, for a fresh one to come [30s]");
  flags.duration("silent-after", config.timing.silent_after, "\"No report for\" is told from here on [10s]");
  flags.duration("stalled-after", config.timing.stalled_after,
                 "An active job without report becomes stalled; 0: never [0]");
  declare_notifications(flags, config.notifications);
  flags.section("Log");
  flags.parsed("log-level", "debug, info, warn, error or off [info]", "must be debug, info, warn, error or off",
               [&config](const std::string& given) {
                 const auto level = observe::level_from_name(given);
                 if (level) config.log.level = *level;
                 return level.has_value();
               });
  flags.parsed("log-format", "logfmt or json [logfmt]", "must be logfmt or json", [&config](const std::string& given) {
    const auto format = observe::format_from_name(given);
    if (format) config.log.format = *format;
    return format.has_value();
  });
}

struct Commands {
  CLI::App* serve;
  CLI::App* token;
  CLI::App* check;
};

Commands declare_commands(CLI::App& app, TokenConfig& token) {
  Commands commands{app.add_subcommand("serve", "Serve (what happens without a command)"),
                    app.add_subcommand("token", "Print a token signed with the configured secret"),
                    app.add_subcommand("check-config", "Print OK, or what is wrong")};
  for (CLI::App* command : {commands.serve, commands.token, commands.check}) command->fallthrough();
  app.require_subcommand(0, 1);
  commands.token->add_option("--user", token.user, "Whose token");
  commands.token->add_option("--role", token.role, "user, admin or service [user]");
  commands.token->add_option("--job", token.jobs, "Limit the token to this job, repeatable");
  commands.token->add_option_function<std::string>(
      "--expires",
      [&token](const std::string& given) {
        const auto value = parse_duration(given);
        if (!value) throw CLI::ValidationError("--expires", "'" + given + "' must be a duration such as 30s or 1h");
        token.expires = *value;
      },
      "Valid for: 30s, 1h, 7d [for ever]");
  return commands;
}

// Without what follows a # outside quotes. CLI11 would cut a secret or a link at theirs, in quotes as well.
std::istringstream without_comments(std::istream& file) {
  std::string text;
  for (std::string line; std::getline(file, line); text += '\n') {
    char quote = 0;
    for (const char c : line) {
      if (c == '#' && quote == 0) break;
      if (quote == c) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      }
      text += c;
    }
  }
  return std::istringstream(std::move(text));
}

std::vector<CLI::ConfigItem> items_of(std::istream& file) {
  constexpr char kNone = '\x01';
  CLI::ConfigTOML format;
  format.comment(kNone);
  std::istringstream text = without_comments(file);
  return format.from_config(text);
}

// What neither a flag nor the environment has set. Throws CLI::Error, naming file and key.
void read_file(CLI::App& app, const std::string& path, NotificationConfig& notifications) {
  std::ifstream file(path);
  if (!file) throw CLI::FileError("--config: cannot read " + path, CLI::ExitCodes::FileError);
  for (const CLI::ConfigItem& item : items_of(file)) {
    if (item.name == "++" || item.name == "--") continue;  // begin and end of a section
    if (item.parents.size() == 2 && item.parents.front() == "notify" && item.inputs.size() == 1) {
      const std::string wrong =
          read_notification_key(notifications, item.parents.back(), item.name, item.inputs.front());
      if (wrong.empty()) continue;
      throw CLI::ConfigError(path + ": '" + item.fullname() + "' " + wrong, CLI::ExitCodes::ConfigError);
    }
    CLI::Option* option = item.parents.empty() ? app.get_option_no_throw("--" + item.name) : nullptr;
    if (option == nullptr || !option->get_configurable()) {
      throw CLI::ConfigError(path + ": unknown key '" + item.fullname() + "'", CLI::ExitCodes::ConfigError);
    }
    if (option->count() > 0) continue;
    if (option->get_expected_min() == 0) {
      option->add_result(option->get_flag_value(item.name, CLI::ConfigTOML().to_flag(item)));
    } else {
      option->add_result(item.inputs);
    }
    option->run_callback();
  }
}

bool is_set(const CLI::App& app, const char* flag) { return app.get_option(flag)->count() > 0; }

// What other systems call these settings. JOBWIRE_*, a flag or the file wins; several lists are one.
void read_aliases(const CLI::App& app, Config& config) {
  const auto value = [](const char* variable) {
    const char* text = std::getenv(variable);
    return std::string(text == nullptr ? "" : text);
  };
  AccessConfig& access = config.access;
  const bool has_keys = is_set(app, "--secret") || is_set(app, "--secret-file") || is_set(app, "--jwks") ||
                        is_set(app, "--jwt-public-key");
  if (!has_keys && !value("ACCESS_TOKEN_SECRET").empty()) {
    access.secret = value("ACCESS_TOKEN_SECRET");
    config.aliases.push_back({"ACCESS_TOKEN_SECRET", "secret"});
  }
  if (is_set(app, "--allow-origin")) return;
  for (const char* variable : {"CORS_ORIGIN", "ALLOWED_ORIGINS", "WEBSOCKET_CORS_ORIGIN"}) {
    for (const std::string& part : CLI::detail::split(value(variable), ',')) {
      const std::string origin = CLI::detail::trim_copy(part);
      const bool known = std::find(access.origins.begin(), access.origins.end(), origin) != access.origins.end();
      if (!origin.empty() && !known) access.origins.push_back(origin);
    }
    if (!value(variable).empty()) config.aliases.push_back({variable, "allow-origin"});
  }
  // Those systems let their pages send cookies along; "*" never may.
  const bool any_page = std::find(access.origins.begin(), access.origins.end(), "*") != access.origins.end();
  if (!access.origins.empty() && !any_page && !is_set(app, "--allow-credentials")) access.credentials = true;
}

void settle_store(StoreConfig& store) {
  if (store.kind.empty()) store.kind = store.data_dir.empty() && store.db.empty() ? "memory" : "sqlite";
  if (store.kind == "memory") return;
  if (store.data_dir.empty() && store.db.empty()) store.data_dir = "data";
  if (store.db.empty()) store.db = store.data_dir + "/jobwire.db";
  if (store.data_dir.empty()) store.data_dir = std::filesystem::path(store.db).parent_path().string();
  if (store.data_dir.empty()) store.data_dir = ".";
}

ConfigRead refused(const std::vector<std::string>& errors) {
  ConfigRead read;
  read.exit_code = 1;
  for (const std::string& error : errors) read.errors += "jobwire-server: " + error + "\n";
  return read;
}

void parse(CLI::App& app, int argc, const char* const* argv, std::string& config_file,
           NotificationConfig& notifications) {
  auto* file = app.add_option("--config", config_file, "File of key = value lines (TOML)")->configurable(false);
  file->envname("JOBWIRE_CONFIG");
  app.set_help_flag("-h,--help", "Print this")->configurable(false);
  app.set_version_flag("--version", JOBWIRE_VERSION)->configurable(false);
  app.parse(argc, argv);
  if (!config_file.empty()) read_file(app, config_file, notifications);
}

}  // namespace

ConfigRead read_config(int argc, const char* const* argv) {
  Config config;
  CLI::App app("Jobwire: the live state of background jobs, brought to web pages", "jobwire-server");
  Flags flags(app);
  declare_listen(flags, config.listen);
  declare_store(flags, config.store);
  declare_access(flags, config.access);
  declare_dialects(flags, config.dialects);
  declare_the_rest(flags, config);
  const Commands commands = declare_commands(app, config.token);
  std::string config_file;
  try {
    parse(app, argc, argv, config_file, config.notifications);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream out;
    app.exit(success, out, out);
    return {std::nullopt, out.str(), {}, 0};
  } catch (const CLI::Error& error) {
    return refused({error.what()});
  }
  if (*commands.token) config.command = Command::token;
  if (*commands.check) config.command = Command::check_config;
  read_aliases(app, config);
  settle_store(config.store);
  if (const auto errors = check_config(config); !errors.empty()) return refused(errors);
  if (config.command == Command::check_config) return {std::nullopt, "OK\n", {}, 0};
  return {std::move(config), {}, {}, 0};
}

}  // namespace jobwire
