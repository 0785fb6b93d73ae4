// jobwire-server: serve, token, check-config.
#include <iostream>

#include "auth/jwt.h"
#include "config.h"
#include "keys.h"
#include "server.h"
#include "system_clock.h"

namespace {

using namespace jobwire;

int fail(const Error& error) {
  std::cerr << "jobwire-server: " << error.message << std::endl;
  return 1;
}

int print_token(const TokenConfig& wanted, const std::string& secret) {
  auth::TokenRequest request;
  request.user = wanted.user;
  request.jobs = wanted.jobs;
  request.expires_in = wanted.expires;
  if (wanted.role == "admin")
    request.role = auth::Role::admin;
  else if (wanted.role == "service")
    request.role = auth::Role::service;
  else if (wanted.role != "user")
    return fail({ErrorCode::bad_request, "--role: must be user, admin or service", "role", 0});
  const auto token = auth::mint_jwt(secret, request, SystemClock().now());
  if (!token) return fail(token.error());
  std::cout << *token << std::endl;
  return 0;
}

int serve(Config config, Keys keys) {
  Server server(std::move(config), std::move(keys));
  if (Status started = server.start(); !started) return fail(started.error());
  return server.run();
}

}  // namespace

int main(int argc, char** argv) {
  ConfigRead read = read_config(argc, argv);
  std::cout << read.output;
  std::cerr << read.errors;
  if (!read.config) return read.exit_code;
  auto keys = load_keys(*read.config);
  if (!keys) return fail(keys.error());
  const bool mints = read.config->command == Command::token;
  const std::string& folder = read.config->store.data_dir;
  if (keys->secret.empty() && read.config->access.dev && !(mints && folder.empty())) {
    auto secret = dev_secret(folder);
    if (!secret) return fail(secret.error());
    keys->secret = std::move(*secret);
  }
  if (!mints) return serve(std::move(*read.config), std::move(*keys));
  if (!keys->secret.empty()) return print_token(read.config->token, keys->secret);
  return fail({ErrorCode::bad_request, "token: give the server's --secret, --secret-file, or --dev with its --data-dir",
               "secret", 0});
}
