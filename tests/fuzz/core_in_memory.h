// A server in memory for targets that put requests and messages in: its tokens are names, and it holds a secret.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz.h"
#include "support/core.h"

namespace jobwire::fuzz {

inline constexpr std::string_view kSomebody = "somebody-else";  // whose job it is
inline constexpr std::string_view kSecret = "hush-hush";        // that says this

// The token is the name: a user, or where that is not all that there is "admin" and "service".
class ByName final : public auth::Authenticator {
 public:
  explicit ByName(bool only_users) : only_users_(only_users) {}
  Result<auth::Principal> authenticate(std::string_view token) const override {
    auth::Principal who;
    if (only_users_ && token == kSomebody) return Error{ErrorCode::unauthenticated, "nobody knows this", "token", 0};
    who.role = auth::Role::user;
    if (!only_users_ && token == "admin") who.role = auth::Role::admin;
    if (!only_users_ && token == "service") who.role = auth::Role::service;
    who.user = token;
    return who;
  }
  Result<auth::Principal> without_token() const override {
    return Error{ErrorCode::unauthenticated, "a token is needed", "token", 0};
  }

 private:
  bool only_users_;
};

struct CoreInMemory : test::Core {
  explicit CoreInMemory(bool only_users = false, hub::HubOptions options = {}) {
    promise(bool(start(std::make_unique<ByName>(only_users), std::move(options))), "a node starts on an empty log");
    JobEvent secret;
    secret.job_id.value = "of-somebody";
    secret.identity.user_id.value = kSomebody;
    secret.message = kSecret;
    secret.body = event::Queued{};
    publish(std::move(secret));
  }
  void publish(JobEvent event) {
    std::vector<JobEvent> events;
    events.push_back(std::move(event));
    submit(std::move(events), [](std::vector<node::Verdict>) {});
  }
};

}  // namespace jobwire::fuzz
