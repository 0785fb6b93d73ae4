// A ClientSession that a test plays by hand: the test is its driver, its server and its clock.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "jobwire/codec.h"
#include "support/recorded_session.h"

namespace jobwire::test {

inline Channel job_channel(std::string id) { return {ChannelKind::job, std::move(id)}; }
inline Channel user_channel(std::string id) { return {ChannelKind::user, std::move(id)}; }
inline constexpr std::uint64_t kEpoch = 0xabc;
inline Cursor at(std::int64_t offset, std::uint64_t epoch = kEpoch) { return {epoch, offset}; }

inline JobState job_at(std::string id, std::int64_t version, std::int64_t seq, std::string user = "alice") {
  JobState job;
  job.id.value = std::move(id);
  job.identity.user_id.value = std::move(user);
  job.status = JobStatus::active;
  job.version = version;
  job.seq = seq;
  job.created_at = job.updated_at = 1'764'000'000'000;
  return job;
}
inline JobEvent event_at(std::string id, std::int64_t version, std::int64_t seq) {
  JobEvent event;
  event.job_id.value = std::move(id);
  event.body = event::Progress{Percent{static_cast<std::int32_t>(seq * 100)}};
  event.seq = seq;
  event.offset = version;
  event.at = 1'764'000'000'000 + version;
  return event;
}
inline push::Changes synced_at(std::int64_t offset) {
  push::Changes changes;
  changes.cursor = at(offset);
  changes.synced = true;
  return changes;
}

inline ClientOptions with_token_source() {
  ClientOptions options;
  options.needs_token = true;
  return options;
}

class ScriptedClient {
 public:
  explicit ScriptedClient(ClientOptions options = {}, std::uint64_t seed = 7) : session(options, store, seed) {}

  // ---- time ----
  void pass(DurationMs duration) { now += duration; }
  // Moves to the next timer and fires it; fails where there is none.
  void wake() {
    REQUIRE(session.wake_at() != 0);
    now = std::max(now, session.wake_at());
    session.tick(now);
  }
  // Lives through this long, timer by timer.
  void live_through(DurationMs duration) {
    const UnixMs end = now + duration;
    while (session.wake_at() != 0 && session.wake_at() <= end) wake();
    now = end;
  }

  // ---- what came out: each call takes the actions of this kind, in order, since the last ----
  template <class A>
  std::vector<A> took() {
    for (Action& action : session.take_actions()) actions_.push_back(std::move(action));
    std::vector<A> found;
    std::vector<Action> rest;
    for (Action& action : actions_) {
      if (auto* one = std::get_if<A>(&action))
        found.push_back(std::move(*one));
      else
        rest.push_back(std::move(action));
    }
    actions_ = std::move(rest);
    return found;
  }
  template <class A>
  A took_one() {
    std::vector<A> found = took<A>();
    REQUIRE(found.size() == 1);
    return std::move(found.front());
  }
  template <class A>
  bool took_none() {
    return took<A>().empty();
  }
  void forget_actions() {
    session.take_actions();
    actions_.clear();
  }
  // Commands sent over the socket, those of this kind.
  template <class C>
  std::vector<std::pair<C, std::optional<std::int64_t>>> sent() {
    for (action::Send& send : took<action::Send>()) {
      Result<ClientCommand> command = decode_command(send.text);
      REQUIRE(command);
      commands_.push_back(std::move(*command));
    }
    std::vector<std::pair<C, std::optional<std::int64_t>>> found;
    std::vector<ClientCommand> rest;
    for (ClientCommand& command : commands_) {
      if (auto* one = std::get_if<C>(&command.body))
        found.emplace_back(std::move(*one), command.id);
      else
        rest.push_back(std::move(command));
    }
    commands_ = std::move(rest);
    return found;
  }

  // ---- the server over a socket ----
  std::uint32_t open() {
    socket = took_one<action::OpenSocket>().socket;
    session.socket_opened(now, socket);
    return socket;
  }
  void receive(ServerMessage message) { session.socket_received(now, socket, encode_server_message(message)); }
  void welcome(DurationMs heartbeat = 25'000) {
    receive(push::Welcome{"s1", at(0), heartbeat, "alice", "user", now, {}});
  }
  // From start() or a retry to live, with nothing new.
  void go_online(std::int64_t offset = 1) {
    open();
    welcome();
    receive(synced_at(offset));
  }
  void closed(std::uint16_t code = 1006) { session.socket_closed(now, socket, code, ""); }

  // ---- the server over polls ----
  ChangesRequest asked() {
    const auto poll_action = took_one<action::Poll>();
    poll = poll_action.poll;
    Result<ChangesRequest> request = decode_changes_request(poll_action.body);
    REQUIRE(request);
    return *request;
  }
  void answer(const push::Changes& changes) {
    const std::string message = encode_server_message(changes);  // {"event":"changes","data":{...}}
    const std::size_t begin = message.find("\"data\":") + 7;
    session.polled(now, poll, 200, std::string_view(message).substr(begin, message.size() - begin - 1));
  }
  void refuse_poll(int status, std::string_view code = "unavailable", DurationMs retry_after = 0) {
    session.polled(now, poll, status, "{\"code\":\"" + std::string(code) + "\",\"message\":\"no\"}", retry_after);
  }
  // From start() to polling: the first WebSocket fails at once.
  ChangesRequest fall_to_polling() {
    socket = took_one<action::OpenSocket>().socket;
    closed();
    return asked();
  }

  UnixMs now = 1'764'000'000'000;
  JobStore store;
  RecordedSession session;
  std::uint32_t socket = 0;
  std::uint32_t poll = 0;

 private:
  std::vector<Action> actions_;
  std::vector<ClientCommand> commands_;
};

// Online, with these channels followed.
inline void online_with(ScriptedClient& client, const std::vector<Channel>& channels,
                        const std::vector<JobState>& jobs = {}) {
  client.session.follow(client.now, channels);
  client.session.start(client.now);
  client.open();
  client.welcome();
  push::Changes changes = synced_at(10);
  changes.followed = channels;
  changes.jobs = jobs;
  client.receive(changes);
  client.forget_actions();
}
inline void reply(ScriptedClient& client, std::optional<std::int64_t> id, std::optional<Error> error = {}) {
  REQUIRE(id);
  client.receive(push::Reply{*id, std::move(error)});
}

}  // namespace jobwire::test
