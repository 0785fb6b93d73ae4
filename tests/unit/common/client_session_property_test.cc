// Whatever the order of calls: one socket and one poll at most, no busy loop, timers in the future.
#include <set>

#include "support/scripted_client.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// Performs actions as a driver would, and holds the session to its promises.
class Chaos {
 public:
  Chaos(std::uint64_t seed, ClientOptions options) : random_(seed), session_(options, store_, seed) {}

  void step() {
    call();
    perform();
    if (random_.below(3) == 0) tick();
  }
  // After the chaos: a server that answers everything.
  void heal() {
    session_.set_online(now_, true);
    session_.set_visible(now_, true);
    for (int i = 0; i < 400 && session_.status().state != ConnectionState::online; ++i) {
      session_.start(now_);
      perform();
      if (token_wanted_) session_.set_token(now_, "good");
      token_wanted_ = false;
      perform();
      for (const std::uint32_t socket : std::set<std::uint32_t>(sockets_)) {
        session_.socket_opened(now_, socket);
        receive(socket, push::Welcome{"s", at(1), 25'000, "alice", "user", now_, {}});
        receive(socket, synced_at(1'000));
      }
      perform();
      tick();
    }
    CHECK(session_.status().state == ConnectionState::online);
  }
  UnixMs elapsed() const { return now_ - kBegin; }
  int attempts() const { return attempts_; }

 private:
  static constexpr UnixMs kBegin = 1'764'000'000'000;

  std::uint32_t any_socket() { return static_cast<std::uint32_t>(random_.below(last_socket_ + 2)); }
  std::uint32_t any_poll() { return static_cast<std::uint32_t>(random_.below(last_poll_ + 2)); }
  std::vector<Channel> any_channels() {
    std::vector<Channel> channels;
    for (std::uint64_t i = random_.below(4); i-- > 0;) {
      channels.push_back({static_cast<ChannelKind>(random_.below(3)), std::to_string(random_.below(5))});
    }
    return channels;
  }
  push::Changes any_changes() {
    push::Changes changes;
    changes.cursor = at(static_cast<std::int64_t>(random_.below(100)), kEpoch + random_.below(2));
    changes.reset = random_.below(5) == 0;
    changes.synced = random_.below(2) == 0;
    changes.followed = any_channels();
    const auto number = static_cast<std::int64_t>(random_.below(100) + 1);
    if (random_.below(2) == 0) changes.events.push_back(event_at(std::to_string(random_.below(5)), number, number / 3));
    if (random_.below(2) == 0) changes.jobs.push_back(job_at(std::to_string(random_.below(5)), number, number / 3 + 1));
    return changes;
  }
  ServerMessage any_message() {
    switch (random_.below(9)) {
      case 0:
        return push::Welcome{"s", at(1), static_cast<DurationMs>(random_.below(30'000)), "alice", "user", now_, {}};
      case 1:
        return push::Heartbeat{now_};
      case 2:
        return push::Goodbye{"restart", static_cast<DurationMs>(random_.below(9'000))};
      case 3:
        return push::AuthError{{ErrorCode::unauthenticated, "expired", "", 0}};
      case 4:
        return push::Reply{static_cast<std::int64_t>(random_.below(40)), {}};
      case 5:
        return push::Reply{static_cast<std::int64_t>(random_.below(40)),
                           Error{static_cast<ErrorCode>(random_.below(14)), "no", "",
                                 static_cast<std::int64_t>(random_.below(2'000))}};
      default:
        return any_changes();
    }
  }
  void receive(std::uint32_t socket, const ServerMessage& message) {
    session_.socket_received(now_, socket, encode_server_message(message));
  }

  void call() {
    constexpr std::uint16_t kCodes[] = {1000, 1001, 1006, 4400, 4401, 4403, 4408, 4413, 4429, 4503};
    constexpr int kStatuses[] = {0, 200, 200, 200, 400, 401, 403, 404, 429, 500, 503};
    switch (random_.below(20)) {
      case 0:
        return session_.start(now_);
      case 1:
        return random_.below(4) == 0 ? session_.close(now_) : session_.start(now_);
      case 2:
        return session_.follow(now_, any_channels());
      case 3:
        return session_.unfollow(now_, any_channels());
      case 4:
        return (void)session_.cancel(now_, JobId{"1"}, "why");
      case 5:
        return session_.set_token(now_, std::to_string(random_.below(3)));
      case 6:
        return session_.token_failed(now_, "no");
      case 7:
        return session_.retry_now(now_);
      case 8:
        return session_.set_online(now_, random_.below(3) != 0);
      case 9:
        return session_.set_visible(now_, random_.below(2) != 0);
      case 10:
      case 11:
        return session_.socket_opened(now_, last_socket_);
      case 12:
        return close_socket(random_.below(3) == 0 ? any_socket() : last_socket_, kCodes[random_.below(10)]);
      case 13:
        return answer_poll(random_.below(3) == 0 ? any_poll() : last_poll_, kStatuses[random_.below(11)]);
      case 14:
        return session_.requested(now_, static_cast<std::int64_t>(random_.below(40)), kStatuses[random_.below(11)], "");
      case 15:
        return session_.socket_received(now_, last_socket_, random_.below(9) == 0 ? "{" : "{\"event\":\"x\"}");
      default:
        return receive(random_.below(5) == 0 ? any_socket() : last_socket_, any_message());
    }
  }
  void close_socket(std::uint32_t socket, std::uint16_t code) {
    sockets_.erase(socket);
    session_.socket_closed(now_, socket, code, "");
  }
  void answer_poll(std::uint32_t poll, int status) {
    polls_.erase(poll);
    const std::string message = encode_server_message(any_changes());
    const std::size_t begin = message.find("\"data\":") + 7;
    const std::string refusal = R"({"code":"forbidden","message":"no"})";
    session_.polled(now_, poll, status,
                    status == 200 ? std::string_view(message).substr(begin, message.size() - begin - 1) : refusal);
  }
  void tick() {
    now_ += static_cast<DurationMs>(random_.below(4) == 0 ? random_.below(60'000) : random_.below(400));
    session_.tick(now_);
    CHECK((session_.wake_at() == 0 || session_.wake_at() > now_));
    CHECK(session_.wake_at() < now_ + 3'600'000);
    perform();
  }

  void perform() {
    for (Action& each : session_.take_actions()) {
      if (auto* open = std::get_if<action::OpenSocket>(&each)) {
        CHECK(sockets_.empty());
        CHECK(open->socket > last_socket_);
        sockets_.insert(last_socket_ = open->socket);
        ++attempts_;
      } else if (auto* close = std::get_if<action::CloseSocket>(&each)) {
        CHECK(sockets_.erase(close->socket) == 1);
      } else if (auto* send = std::get_if<action::Send>(&each)) {
        CHECK(sockets_.count(send->socket) == 1);
        CHECK(decode_command(send->text));
      } else if (auto* poll = std::get_if<action::Poll>(&each)) {
        CHECK(polls_.empty());
        polls_.insert(last_poll_ = poll->poll);
        CHECK(decode_changes_request(poll->body));
        ++attempts_;
      } else if (auto* abort = std::get_if<action::AbortPoll>(&each)) {
        CHECK(polls_.erase(abort->poll) == 1);
      } else if (std::get_if<action::NeedToken>(&each)) {
        token_wanted_ = true;
      }
    }
    const ConnectionStatus& status = session_.status();
    if (status.state == ConnectionState::stopped || status.state == ConnectionState::idle) {
      CHECK(sockets_.empty());
      CHECK(polls_.empty());
    }
    if (status.state == ConnectionState::online) CHECK(sockets_.size() == 1);
    if (status.state == ConnectionState::online) CHECK(polls_.empty());
    if (status.state == ConnectionState::offline && status.reason_code != "hidden") CHECK(session_.wake_at() != 0);
    CHECK((status.state == ConnectionState::offline || status.next_try_at == 0));
    // Connecting waits for a socket, a poll or the moment of the next one, or the owner's token.
    if (status.state == ConnectionState::connecting) {
      CHECK((!sockets_.empty() || !polls_.empty() || token_wanted_ || session_.wake_at() != 0));
    }
    if (status.state == ConnectionState::polling) CHECK(session_.wake_at() != 0);
  }

  Random random_;
  UnixMs now_ = kBegin;
  JobStore store_;
  test::RecordedSession session_;
  std::set<std::uint32_t> sockets_;  // opened, not yet closed
  std::set<std::uint32_t> polls_;
  std::uint32_t last_socket_ = 0;
  std::uint32_t last_poll_ = 0;
  bool token_wanted_ = false;
  int attempts_ = 0;
};

ClientOptions any_options(std::uint64_t seed) {
  Random random(seed * 31);
  ClientOptions options;
  options.needs_token = random.below(2) == 0;
  options.polling = random.below(4) != 0;
  options.hidden_grace = random.below(3) == 0 ? 30'000 : 0;
  return options;
}

}  // namespace

TEST_CASE("after any calls in any order: one socket, one poll, timers ahead, and a way back online") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    Chaos chaos(seed, any_options(seed));
    for (int i = 0; i < 200; ++i) chaos.step();
    chaos.heal();
  }
}

TEST_CASE("left alone without a network a session tries seldom, whatever its options") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    ScriptedClient client(any_options(seed), seed);
    client.session.set_token(client.now, "t");
    client.session.start(client.now);
    int attempts = 0;
    int ticks = 0;
    const UnixMs end = client.now + 3'600'000;
    while (client.now < end && ++ticks < 10'000) {
      for (const auto& open : client.took<action::OpenSocket>()) {
        ++attempts;
        client.session.socket_closed(client.now, open.socket, 1006, "");
      }
      for (const auto& poll : client.took<action::Poll>()) {
        ++attempts;
        client.session.polled(client.now, poll.poll, 0, "");
      }
      if (client.session.wake_at() != 0 && client.session.status().state == ConnectionState::offline) client.wake();
    }
    CHECK(attempts < 400);
    CHECK(attempts > 100);
    CHECK(ticks < 10'000);
  }
}
