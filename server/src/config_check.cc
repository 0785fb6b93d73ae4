#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <filesystem>
#include <set>

#include "auth/algorithm.h"
#include "auth/client_address.h"
#include "auth/key_fetch.h"
#include "config.h"
#include "dialect/dialect.h"
#include "jobwire/ids.h"
#include "keys.h"
#include "node/stage_plans.h"

namespace jobwire {
namespace {

using Errors = std::vector<std::string>;

// A non-negative integer and what follows it; nullopt: no digits, or too many.
std::optional<std::pair<std::int64_t, std::string>> number_and_unit(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number < 0) return std::nullopt;
  return std::pair(number, std::string(end, text.data() + text.size()));
}

std::optional<std::int64_t> multiplied(std::int64_t number, std::int64_t unit) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 53) - 1;
  if (number > kMost / unit) return std::nullopt;
  return number * unit;
}

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

void check_listen(const ListenConfig& listen, Errors& errors) {
  for (const std::string& address : listen.addresses) {
    boost::system::error_code error;
    boost::asio::ip::make_address(address, error);
    if (error) errors.push_back("listen: '" + address + "' must be an IP address, such as 127.0.0.1, 0.0.0.0 or ::");
  }
  if (listen.tls_cert.empty() != listen.tls_key.empty()) errors.push_back("tls-cert and tls-key: give both or neither");
  for (const auto& [key, path] : {std::pair("tls-cert", listen.tls_cert), std::pair("tls-key", listen.tls_key)}) {
    if (!path.empty() && !is_file(path)) errors.push_back(std::string(key) + ": there is no file " + path);
  }
  std::error_code error;
  if (!listen.static_dir.empty() && !std::filesystem::is_directory(listen.static_dir, error)) {
    errors.push_back("static: there is no folder " + listen.static_dir);
  }
}

void check_api_keys(const std::vector<std::string>& keys, Errors& errors) {
  std::set<std::string> names;
  for (const std::string& entry : keys) {
    const std::size_t colon = entry.find(':');
    const std::string name = entry.substr(0, colon);
    // The entry itself is not printed: it may be a key without its name.
    if (colon == std::string::npos || !check_id(name, "api-key")) {
      errors.push_back("api-key: must be name:key");
    } else if (entry.size() - colon - 1 < 16) {
      errors.push_back("api-key: the key of '" + name + "' must have at least 16 characters");
    } else if (!names.insert(name).second) {
      errors.push_back("api-key: the name '" + name + "' is given twice");
    }
  }
}

bool is_cookie_name(const std::string& name) {
  return std::none_of(name.begin(), name.end(), [](unsigned char c) {
    return c <= ' ' || c >= 0x7f ||
           std::string_view("()<>@,;:\\\"/[]?={}").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string alias_names(const Config& config) {
  std::string names;
  for (const UsedAlias& alias : config.aliases) {
    if (alias.key == "allow-origin") names += (names.empty() ? " (from " : ", ") + alias.variable;
  }
  return names + ")";
}

// The keys themselves are read here too, so that check-config tells what is wrong with a file.
void check_tokens(const Config& config, Errors& errors) {
  const AccessConfig& access = config.access;
  if (const auto keys = load_keys(config); !keys) errors.push_back(keys.error().message);
  for (const std::string& name : access.algorithms) {
    if (!auth::algorithm_from_name(name)) {
      errors.push_back("jwt-algorithms: '" + name + "' must be one of HS256, HS384, HS512, RS256, ES256, EdDSA");
    }
  }
  if (access.jwks.empty()) return;
  if (!auth::is_key_url(access.jwks)) {
    if (!is_file(access.jwks)) errors.push_back("jwks: there is no file " + access.jwks);
  } else if (const Status url = auth::check_key_url(access.jwks); !url) {
    errors.push_back(url.error().message);
  }
  if (access.jwks_refresh < 1000) errors.push_back("jwks-refresh: must be at least 1s");
}

void check_access(const Config& config, Errors& errors) {
  const AccessConfig& access = config.access;
  if (!access.secret.empty() && !access.secret_file.empty())
    errors.push_back("secret and secret-file: give one of them");
  if (!access.secret_file.empty() && !is_file(access.secret_file)) {
    errors.push_back("secret-file: there is no file " + access.secret_file);
  }
  const bool public_keys = !access.public_keys.empty() || !access.jwks.empty();
  if (access.secret.empty() && access.secret_file.empty() && !public_keys && !access.dev) {
    errors.push_back(
        "secret: none is set. Set JOBWIRE_SECRET (or --secret-file) to a random text of at least 32 characters, for "
        "example from `openssl rand -base64 32`; or give the keys that sign your tokens (--jwt-public-key, --jwks); to "
        "try Jobwire on this machine, start it with --dev");
  }
  check_api_keys(access.api_keys, errors);
  const Status origins = auth::check_origins({.allowed = access.origins, .credentials = access.credentials});
  if (!origins) {
    errors.push_back(origins.error().message + (is_aliased(config, "allow-origin") ? alias_names(config) : ""));
  }
  check_tokens(config, errors);
  if (!access.cookie_name.empty()) {
    if (!is_cookie_name(access.cookie_name))
      errors.push_back("cookie-name: must be a token of RFC 6265, such as jobwire");
    if (std::find(access.origins.begin(), access.origins.end(), "*") != access.origins.end()) {
      errors.push_back("cookie-name: cannot be combined with --allow-origin '*': name the origins");
    }
  }
}

void check_times(const Config& config, Errors& errors) {
  const auto at_least = [&errors](const char* key, DurationMs value, DurationMs least, const char* told) {
    if (value < least) errors.push_back(std::string(key) + ": must be at least " + told);
  };
  at_least("heartbeat", config.timing.heartbeat, 1000, "1s");
  at_least("silent-after", config.timing.silent_after, 1000, "1s");
  if (config.timing.stalled_after != 0) at_least("stalled-after", config.timing.stalled_after, 1000, "1s, or 0");
  at_least("keep-notifications", config.notifications.rules.keep_for, 1000, "1s");
  at_least("queue-stuck-after", config.notifications.queue_stuck_after, 1000, "1s");
  at_least("remove-after", config.retention.remove_after, 1000, "1s");
  at_least("tombstones", config.retention.tombstones, 1000, "1s");
}

}  // namespace

std::optional<DurationMs> parse_duration(const std::string& text) {
  const auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  const auto& [number, unit] = *parts;
  if (unit.empty() && number == 0) return 0;
  if (unit == "ms") return multiplied(number, 1);
  if (unit == "s") return multiplied(number, 1000);
  if (unit == "m") return multiplied(number, 60 * 1000);
  if (unit == "h") return multiplied(number, 60 * 60 * 1000);
  if (unit == "d") return multiplied(number, 24 * 60 * 60 * 1000);
  return std::nullopt;
}

std::optional<std::int64_t> parse_size(const std::string& text) {
  const auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  const auto& [number, unit] = *parts;
  if (unit.empty()) return number;
  if (unit == "k" || unit == "K") return multiplied(number, 1 << 10);
  if (unit == "m" || unit == "M") return multiplied(number, 1 << 20);
  return std::nullopt;
}

bool listens_beyond_loopback(const ListenConfig& listen) {
  for (const std::string& address : listen.addresses) {
    boost::system::error_code error;
    if (!boost::asio::ip::make_address(address, error).is_loopback()) return true;
  }
  return false;
}

bool is_aliased(const Config& config, std::string_view key) {
  return std::any_of(config.aliases.begin(), config.aliases.end(),
                     [key](const UsedAlias& alias) { return alias.key == key; });
}

void check_dialects(const DialectsConfig& config, Errors& errors) {
  const auto is_dialect = [](const std::string& name) {
    const auto all = dialect::all_dialects();
    return std::any_of(all.begin(), all.end(), [&](const auto& each) { return each->name() == name; });
  };
  for (const std::string& name : config.spoken) {
    if (!is_dialect(name))
      errors.push_back("dialect: '" + name + "' is none of queue, jobs, analysis, pdf, file-processing");
  }
  for (const std::string& entry : config.types) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals + 1 == entry.size() || !is_dialect(entry.substr(0, equals))) {
      errors.push_back("dialect-types: '" + entry + "' must be a dialect's name, = and a job type, such as pdf=report");
    }
  }
  const std::string& path = config.socketio_path;
  if (!path.empty() && (path.front() != '/' || path.back() != '/' || path.size() < 3)) {
    errors.push_back("socketio-path: must begin and end with /, such as /socket.io/");
  }
}

std::vector<std::string> check_config(const Config& config) {
  Errors errors;
  check_listen(config.listen, errors);
  check_access(config, errors);
  check_times(config, errors);
  check_dialects(config.dialects, errors);
  for (const std::string& proxy : config.limits.trusted_proxies) {
    if (const auto range = auth::AddressRange::parse(proxy); !range) {
      errors.push_back("trusted-proxy: " + range.error().message);
    }
  }
  for (const std::string& line : config.jobs.stage_plans) {
    if (const auto plan = node::parse_stage_plan(line); !plan) errors.push_back(plan.error().message);
  }
  if (config.limits.result_bytes >= config.limits.message_bytes) {
    errors.push_back("max-result: must be smaller than max-message");
  }
  return errors;
}

}  // namespace jobwire
