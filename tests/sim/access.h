// Tokens of the simulation: who a token stands for, and until when, is written in the world's own list.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "auth/authenticator.h"
#include "jobwire/time.h"

namespace jobwire::sim {

inline auth::Principal user(std::string name) {
  auth::Principal who;
  who.role = auth::Role::user;
  who.user = std::move(name);
  return who;
}
inline auth::Principal admin() {
  auth::Principal who;
  who.role = auth::Role::admin;
  who.user = "root";
  return who;
}
inline auth::Principal only_job(std::string name, std::string job) {
  auth::Principal who = user(std::move(name));
  who.jobs = {std::move(job)};
  who.only_named_jobs = true;
  return who;
}

class Tokens final : public auth::Authenticator {
 public:
  explicit Tokens(const Clock& clock) : clock_(clock) {}

  std::string issue(auth::Principal who, DurationMs lasts) {
    who.expires_at = lasts == 0 ? 0 : clock_.now() + lasts;
    std::string token = "token-" + std::to_string(issued_.size() + 1);
    issued_[token] = std::move(who);
    return token;
  }
  Result<auth::Principal> authenticate(std::string_view token) const override {
    const auto found = issued_.find(std::string(token));
    if (found == issued_.end()) return refused("unknown token");
    if (found->second.expires_at != 0 && found->second.expires_at <= clock_.now()) return refused("expired");
    return found->second;
  }
  Result<auth::Principal> without_token() const override { return refused("no token"); }
  // Whoever it stood for, expired or not.
  const auth::Principal& holder(const std::string& token) const { return issued_.at(token); }

 private:
  static Error refused(std::string why) { return {ErrorCode::unauthenticated, std::move(why), "token", 0}; }

  const Clock& clock_;
  std::map<std::string, auth::Principal> issued_;
};

}  // namespace jobwire::sim
