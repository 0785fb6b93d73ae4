// A server but for its transport: log, node and hub in memory, for targets that put requests and messages in.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "fuzz.h"
#include "hub/hub.h"
#include "log/memory_log.h"
#include "node/estimates.h"
#include "node/node.h"
#include "support/clock.h"

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

struct Tasks {
  std::deque<std::function<void()>> queue;
  log::Post post() {
    return [this](std::function<void()> task) { queue.push_back(std::move(task)); };
  }
  void run() {
    while (!queue.empty()) {
      const auto task = std::move(queue.front());
      queue.pop_front();
      task();
    }
  }
};

struct CoreInMemory {
  explicit CoreInMemory(bool only_users = false) : authenticator(only_users) {
    promise(bool(node.start()), "a node starts on an empty log");
    estimates.emplace(node::EstimateOptions{}, node.table(), clock);
    hub.emplace(hub::HubOptions{}, node, *estimates, authenticator, clock, 7, tasks.post());
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
    node.submit(std::move(events), [](std::vector<node::Verdict>) {});
    tasks.run();
  }

  test::ManualClock clock;
  Tasks tasks;
  log::MemoryStore store;
  log::MemoryLog log{{}, store, clock, Random(1), tasks.post()};
  node::Node node{{}, log, clock};
  ByName authenticator;
  std::optional<node::Estimates> estimates;
  std::optional<hub::Hub> hub;
};

}  // namespace jobwire::fuzz
