#include "config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config_flags.h"
#include "config_notifications.h"

namespace jobwire {
namespace {

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
  const auto at = [&](const CLI::ConfigItem& item) { return path + ": '" + item.fullname() + "' "; };
  for (const CLI::ConfigItem& item : items_of(file)) {
    if (item.name == "++" || item.name == "--") continue;  // begin and end of a section
    if (item.parents.size() == 2 && item.parents.front() == "notify" && item.inputs.size() == 1) {
      const std::string wrong =
          read_notification_key(notifications, item.parents.back(), item.name, item.inputs.front());
      if (wrong.empty()) continue;
      throw CLI::ConfigError(at(item) + wrong, CLI::ExitCodes::ConfigError);
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
  declare_flags(app, config);
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
