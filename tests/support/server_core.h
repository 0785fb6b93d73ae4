// A server in memory whose tokens are words, and clients that fold what they are sent.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "jobwire/codec.h"
#include "jobwire/job_store.h"
#include "support/core.h"
#include "support/events.h"

namespace jobwire::test {

// Tokens are words: "alice", "admin", "service", "alice+admin" (with that role), "alice@1000" (expires then), "job:x"
// (names that job).
class WordAuthenticator : public auth::Authenticator {
 public:
  Result<auth::Principal> authenticate(std::string_view token) const override {
    auth::Principal who;
    const std::size_t at = token.find('@');
    if (at != std::string_view::npos) who.expires_at = std::stoll(std::string(token.substr(at + 1)));
    who.user = token.substr(0, at);
    const bool given_role = who.user.ends_with("+admin");
    if (given_role) who.user.resize(who.user.size() - 6);
    who.role = given_role || who.user == "admin" ? auth::Role::admin
               : who.user == "service"           ? auth::Role::service
                                                 : auth::Role::user;
    if (who.user.starts_with("job:")) {
      who.jobs.push_back(who.user.substr(4));
      who.only_named_jobs = true;
    }
    if (who.user == "nobody") return Error{ErrorCode::unauthenticated, "the token does not verify", "token"};
    return who;
  }
  Result<auth::Principal> without_token() const override {
    return Error{ErrorCode::unauthenticated, "a token is required", "token"};
  }
};

class ServerCore : public Core {
 public:
  explicit ServerCore(hub::HubOptions options = {}, node::NodeOptions node_options = {})
      : Core(std::move(node_options)) {
    REQUIRE(start(std::make_unique<WordAuthenticator>(), std::move(options)));
  }

  // Appends these events and runs the loop until it is idle; every one must be accepted.
  void publish(std::vector<JobEvent> events) {
    submit(std::move(events), [](std::vector<node::Verdict> verdicts) {
      for (const node::Verdict& verdict : verdicts) {
        INFO((verdict.error ? verdict.error->message : ""));
        CHECK_FALSE(verdict.error.has_value());
      }
    });
  }
  const JobState& state(std::string_view id) { return node.find(JobId{std::string(id)})->state; }
};

// One connection and what its client made of it.
class TestClient : public hub::Sink {
 public:
  explicit TestClient(ServerCore& core) : core_(core), session(core.hub->connect(*this)) {}

  hub::Framing framing() const override { return hub::Framing::bare; }
  void send(hub::Frame frame) override {
    frames.push_back(frame);
    unsent += stuck ? frame->size() : 0;
    Result<ServerMessage> message = decode_server_message(*frame);
    REQUIRE(message);
    if (const auto* changes = std::get_if<push::Changes>(&*message)) {
      seen.fold(*changes);
      cursor = changes->cursor;
    }
    messages.push_back(std::move(*message));
  }
  void close(CloseCode code, std::string_view) override { closed = code; }
  bool unsent_exceeds(std::size_t bytes) const override { return unsent > bytes; }

  void command(CommandBody body, std::optional<std::int64_t> id = {}) {
    session->received(encode_command({std::move(body), id}));
    core_.run();
  }
  void hello(const std::string& token, std::vector<Channel> channels, std::optional<Cursor> at = {}) {
    command(command::Hello{token, at, std::move(channels), "test", kReducerVersion, false});
  }
  // The network takes what was sent.
  void drain() {
    stuck = false;
    unsent = 0;
    session->drained();
  }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const ServerMessage& message : messages) {
      if (const auto* one = std::get_if<T>(&message)) found.push_back(*one);
    }
    return found;
  }
  template <class T>
  T last() const {
    const std::vector<T> found = all<T>();
    REQUIRE_FALSE(found.empty());
    return found.back();
  }
  void forget() {
    frames.clear();
    messages.clear();
  }

 private:
  ServerCore& core_;

 public:
  JobStore seen;
  Cursor cursor;
  std::vector<hub::Frame> frames;
  std::vector<ServerMessage> messages;
  std::size_t unsent = 0;
  bool stuck = false;  // the network takes nothing
  std::optional<CloseCode> closed;
  std::unique_ptr<hub::Session> session;
};

inline Channel channel(std::string_view text) {
  Result<Channel> parsed = parse_channel(text);
  REQUIRE(parsed);
  return *parsed;
}

// The view and the server agree on this job, as a viewer sees it.
inline void check_same(const JobStore& seen, ServerCore& core, std::string_view id) {
  const JobState* job = seen.find(JobId{std::string(id)});
  REQUIRE(job != nullptr);
  CHECK(encode_job(*job, Visibility::viewer) == encode_job(core.state(id), Visibility::viewer));
}

}  // namespace jobwire::test
