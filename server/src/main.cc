// jobwire-server: serve, token, check-config.
#include <iostream>

#include "auth/jwt.h"
#include "config.h"
#include "secret.h"
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

int serve(Config config, std::string secret) {
  Server server(std::move(config), std::move(secret));
  if (Status started = server.start(); !started) return fail(started.error());
  return server.run();
}

}  // namespace

int main(int argc, char** argv) {
  ConfigRead read = read_config(argc, argv);
  std::cout << read.output;
  std::cerr << read.errors;
  if (!read.config) return read.exit_code;
  const AccessConfig& access = read.config->access;
  const bool has_secret = !access.secret.empty() || !access.secret_file.empty() || !read.config->store.data_dir.empty();
  if (read.config->command == Command::token && !has_secret) {
    return fail({ErrorCode::bad_request,
                 "token: give the server's --secret, --secret-file, or --dev with its --data-dir", "secret", 0});
  }
  auto secret = load_secret(read.config->access, read.config->store);
  if (!secret) return fail(secret.error());
  if (read.config->command == Command::token) return print_token(read.config->token, *secret);
  return serve(std::move(*read.config), std::move(*secret));
}
