// A ClientSession whose actions are kept as values, for those who drive one in C++.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "jobwire/client_session.h"
#include "jobwire/codec.h"

namespace jobwire {

namespace action {
struct OpenSocket {
  std::uint32_t socket = 0;
};
struct Send {
  std::uint32_t socket = 0;
  std::string text;
};
struct CloseSocket {
  std::uint32_t socket = 0;
  std::uint16_t code = 1000;
};
struct Poll {
  std::uint32_t poll = 0;
  std::string body;
};
struct AbortPoll {
  std::uint32_t poll = 0;
};
struct Request {
  std::int64_t id = 0;
  JobId job_id;
  std::string reason;
};
struct NeedToken {
  std::string reason;
};
struct StatusChanged {};
struct CommandDone {
  std::int64_t id = 0;
  std::optional<Error> error;
};
struct Pushed {
  ServerMessage message;
  std::string json;
};  // queue-status, system-metrics, message
struct ChannelRefused {
  Channel channel;
  Error error;
};
}  // namespace action
using Action = std::variant<action::OpenSocket, action::Send, action::CloseSocket, action::Poll, action::AbortPoll,
                            action::Request, action::NeedToken, action::StatusChanged, action::CommandDone,
                            action::Pushed, action::ChannelRefused>;

namespace test {

class ActionList : private ActionSink {
 public:
  std::vector<Action> take_actions() { return std::exchange(actions_, {}); }

 protected:
  ActionSink& sink() { return *this; }

 private:
  void open_socket(std::uint32_t socket) override { add(action::OpenSocket{socket}); }
  void send(std::uint32_t socket, std::string_view text) override { add(action::Send{socket, std::string(text)}); }
  void close_socket(std::uint32_t socket, std::uint16_t code) override { add(action::CloseSocket{socket, code}); }
  void poll(std::uint32_t poll, std::string_view body) override { add(action::Poll{poll, std::string(body)}); }
  void abort_poll(std::uint32_t poll) override { add(action::AbortPoll{poll}); }
  void request(std::int64_t id, std::string_view job, std::string_view reason) override {
    add(action::Request{id, JobId{std::string(job)}, std::string(reason)});
  }
  void need_token(std::string_view reason) override { add(action::NeedToken{std::string(reason)}); }
  void status_changed(const ConnectionStatus&) override { add(action::StatusChanged{}); }
  void command_done(std::int64_t id, const Refusal* refusal) override {
    action::CommandDone done{id, {}};
    if (refusal != nullptr) done.error = error_of(*refusal);
    add(std::move(done));
  }
  void pushed(std::string_view event, std::string_view json) override {
    std::string text = "{\"event\":\"";
    text.append(event).append("\",\"data\":").append(json).append("}");
    Result<ServerMessage> message = decode_server_message(text);
    if (message && !std::get_if<push::Unknown>(&*message)) add(action::Pushed{std::move(*message), std::string(json)});
  }
  void channel_refused(std::string_view channel, const Refusal& refusal) override {
    action::ChannelRefused refused{{}, error_of(refusal)};
    read_channel(channel, refused.channel);
    add(std::move(refused));
  }
  static Error error_of(const Refusal& refusal) {
    return {refusal.code, std::string(refusal.message), std::string(refusal.field), refusal.retry_after};
  }
  void add(Action action) { actions_.push_back(std::move(action)); }

  std::vector<Action> actions_;
};

class RecordedSession : public ActionList, public ClientSession {
 public:
  RecordedSession(ClientOptions options, JobStore& store, std::uint64_t seed)
      : ClientSession(std::move(options), store, sink(), seed) {}

  void follow(UnixMs now, const std::vector<Channel>& channels) { ClientSession::follow(now, lines_of(channels)); }
  void unfollow(UnixMs now, const std::vector<Channel>& channels) { ClientSession::unfollow(now, lines_of(channels)); }
  using ClientSession::follow;
  std::int64_t cancel(UnixMs now, const JobId& job, std::string_view reason) {
    return ClientSession::cancel(now, job.value, reason);
  }
  std::optional<Cursor> cursor() const {
    Cursor cursor;
    return read_cursor(ClientSession::cursor(), cursor) ? std::optional(cursor) : std::nullopt;
  }

 private:
  static std::string lines_of(const std::vector<Channel>& channels) {
    std::string lines;
    for (const Channel& channel : channels) lines += to_string(channel) + '\n';
    return lines;
  }
};

}  // namespace test
}  // namespace jobwire
