#include "client.h"

#include <algorithm>
#include <utility>

#include "jobwire/codec.h"

namespace jobwire::sim {

bool same_access(const auth::Principal& a, const auth::Principal& b) {
  auth::Principal lasting = a;
  lasting.expires_at = b.expires_at;
  return lasting == b;
}

Client::Client(std::string name, auth::Principal who, ClientOptions options, Surroundings around, std::uint64_t seed)
    : name_(std::move(name)),
      who_(std::move(who)),
      around_(std::move(around)),
      session_(std::move(options), store_, seed) {
  told_as_ = who_;
}

Client::~Client() { *alive_ = false; }

// Everything that runs in the page goes through here.
template <class Call>
void Client::call(Call call) {
  call();
  perform();
  plan_tick();
}

// What comes to a page that sleeps waits in line.
void Client::when_awake(std::function<void()> task) {
  if (asleep_until_ > around_.timeline.now()) return inbox_.push_back(std::move(task));
  task();
}

void Client::wake() {
  if (asleep_until_ > around_.timeline.now()) return;
  while (!inbox_.empty()) {
    const std::function<void()> task = std::move(inbox_.front());
    inbox_.pop_front();
    task();
  }
}

void Client::plan_tick() {
  const UnixMs due = session_.wake_at() == 0 ? 0 : session_.wake_at() - skew_;
  if (due == 0 || (planned_tick_ != 0 && planned_tick_ <= due && planned_tick_ > around_.timeline.now())) return;
  planned_tick_ = std::max(due, around_.timeline.now() + 1);
  around_.timeline.at(planned_tick_, [this, alive = alive_, mine = planned_tick_] {
    if (!*alive || planned_tick_ != mine) return;
    when_awake([this] {
      planned_tick_ = 0;
      call([this] { session_.tick(now()); });
    });
  });
}

void Client::perform() {
  for (const Action& each : session_.take_actions()) {
    std::visit([this](const auto& one) { on(one); }, each);
  }
}

// ---- what its person does ----

void Client::start() {
  call([this] { session_.start(now()); });
}
void Client::follow(const std::vector<Channel>& channels) {
  wanted_.insert(channels.begin(), channels.end());
  call([&] { session_.follow(now(), channels); });
}
void Client::unfollow(const std::vector<Channel>& channels) {
  for (const Channel& channel : channels) wanted_.erase(channel);
  call([&] { session_.unfollow(now(), channels); });
  watch_view(false);
}
void Client::cancel(const JobId& job) {
  ++commands_open_;
  call([&] { session_.cancel(now(), job, "no need"); });
}
void Client::become(auth::Principal who, bool at_once) {
  who_ = std::move(who);
  if (!at_once) return;
  token_ = around_.tokens.issue(who_, token_lasts);
  call([this] { session_.set_token(now(), token_); });
}
void Client::sleep(DurationMs duration) {
  asleep_until_ = std::max(asleep_until_, around_.timeline.now() + duration);
  around_.timeline.at(asleep_until_, [this, alive = alive_] {
    if (*alive) wake();
  });
}
void Client::hide(bool hidden) {
  when_awake([this, hidden] { call([&] { session_.set_visible(now(), !hidden); }); });
}
void Client::tell_network(bool online) {
  when_awake([this, online] { call([&] { session_.set_online(now(), online); }); });
}

void Client::break_wire() {
  if (wire_) wire_->break_off();
}
void Client::lose_wire() {
  if (wire_) wire_->vanish();
}
void Client::heal() {
  weather = Weather{};
  asleep_until_ = 0;
  wake();
  token_source_works = true;
  token_lasts = 0;
  call([this] {
    session_.set_visible(now(), true);
    session_.set_online(now(), true);
    session_.start(now());
  });
}

// ---- actions ----

void Client::on(const action::OpenSocket& open) {
  if (socket_ != 0) complain("opens a second socket");
  socket_ = open.socket;
  attempts_.push_back(around_.timeline.now());
  const auto later = [this, alive = alive_, number = open.socket](auto task) {
    return [this, alive, number, task] {
      if (*alive && socket_ == number) task();
    };
  };
  const auto closed = later([this] { when_awake([this] { ended(1006); }); });
  if (weather.sockets == Passage::refused) return around_.timeline.after(5, closed);
  if (weather.down) return;  // nobody answers: the session's own patience ends it
  const DurationMs there = travel_time(weather, around_.random);
  const DurationMs back = travel_time(weather, around_.random);
  around_.timeline.after(there, later([this, back, later, closed] {
                           Server* server = around_.server();
                           if (server == nullptr) return around_.timeline.after(back, closed);
                           wire_ = server->accept(*this, weather);
                           if (weather.sockets == Passage::swallowed) wire_->vanish();
                           around_.timeline.after(back, later([this] {
                                                    when_awake([this, number = socket_] {
                                                      call([&] { session_.socket_opened(now(), number); });
                                                    });
                                                  }));
                         }));
}

void Client::on(const action::Send& send) {
  if (send.socket != socket_) return complain("sends over a socket that is closed");
  const Result<ClientCommand> command = decode_command(send.text);
  if (!command) return complain("sends what cannot be read: " + send.text);
  if (const auto* hello = std::get_if<command::Hello>(&command->body)) note_token(hello->token, "hello");
  trace("->", send.text);
  if (wire_) wire_->put(send.text);
}

void Client::on(const action::CloseSocket& close) {
  if (close.socket != socket_) return complain("closes a socket that it does not have");
  socket_ = 0;
  if (auto wire = std::exchange(wire_, nullptr)) wire->client_closed();
}

void Client::on(const action::Poll& poll) {
  if (poll_ != 0) complain("sends a second poll");
  poll_ = poll.poll;
  attempts_.push_back(around_.timeline.now());
  note_token(token_, "poll");
  trace("-> poll", poll.body);
  const auto answered = [this, alive = alive_, number = poll.poll](Server::Answer answer) {
    if (*alive && poll_ == number) answer_poll(number, std::move(answer));
  };
  if (weather.polls == Passage::refused) return around_.timeline.after(5, [answered] { answered({502, "<html>", 0}); });
  if (weather.polls == Passage::swallowed || weather.down) return;
  const DurationMs there = travel_time(weather, around_.random);
  around_.timeline.after(there, [this, alive = alive_, number = poll.poll, body = poll.body, token = token_, answered] {
    if (!*alive || poll_ != number) return;
    Server* server = around_.server();
    if (server == nullptr) return answered({0, "", 0});
    held_poll_ = server->poll(token, body, answered);
  });
}

void Client::on(const action::AbortPoll& abort) {
  if (abort.poll != poll_) return complain("aborts a poll that it does not have");
  poll_ = 0;
  held_poll_.reset();
}

void Client::answer_poll(std::uint32_t poll, Server::Answer answer) {
  DurationMs back = travel_time(weather, around_.random);
  if (weather.down) return;  // lost with its connection
  around_.timeline.after(back, [this, alive = alive_, poll, answer = std::move(answer)] {
    if (!*alive || poll_ != poll) return;
    when_awake([this, poll, answer] {
      if (poll_ != poll) return;
      poll_ = 0;
      held_poll_.reset();
      std::string body = answer.body;
      if (tamper && answer.status == 200) body = tamper(body);
      trace("<- poll", std::to_string(answer.status) + " " + body);
      call([&] { session_.polled(now(), poll, answer.status, body, answer.retry_after); });
      if (answer.status == 200) watch_view(body.find("\"reset\":true") != std::string::npos);
    });
  });
}

void Client::on(const action::Request& request) {
  const auto report = [this, alive = alive_, id = request.id](Server::Answer answer) {
    around_.timeline.after(travel_time(weather, around_.random), [this, alive, id, answer] {
      if (!*alive) return;
      when_awake([this, id, answer] { call([&] { session_.requested(now(), id, answer.status, answer.body); }); });
    });
  };
  if (weather.polls != Passage::open || weather.down) return report({0, "", 0});
  around_.timeline.after(travel_time(weather, around_.random), [this, alive = alive_, request, report, token = token_] {
    if (!*alive) return;
    Server* server = around_.server();
    if (server == nullptr) return report({0, "", 0});
    server->cancel(token, request.job_id, request.reason, report);
  });
}

void Client::on(const action::NeedToken&) {
  const DurationMs takes = travel_time(weather, around_.random) * 2;
  around_.timeline.after(takes, [this, alive = alive_] {
    if (!*alive) return;
    when_awake([this] {
      if (weather.down || !token_source_works) return call([this] { session_.token_failed(now(), "no answer"); });
      token_ = around_.tokens.issue(who_, token_lasts);
      call([this] { session_.set_token(now(), token_); });
    });
  });
}

void Client::on(const action::StatusChanged&) {
  const ConnectionStatus& status = session_.status();
  trace("--", status.reason + (status.synced ? " (synced)" : ""));
  const bool waits = status.state == ConnectionState::offline && status.reason_code != "hidden";
  if (waits && session_.wake_at() == 0) complain("waits for nothing, offline");
  if (status.reason.empty() && status.state != ConnectionState::idle) complain("gives no reason");
}

void Client::on(const action::CommandDone&) {
  if (--commands_open_ < 0) complain("a command was answered twice");
}

void Client::on(const action::ChannelRefused& refused) { wanted_.erase(refused.channel); }

// ---- the socket's news ----

void Client::arrived(const std::string& message) {
  when_awake([this, message, number = socket_] {
    if (socket_ != number || number == 0) return;
    std::string text = message;
    if (weather.strange_events) {
      const std::string_view known = "{\"type\":\"log\"";
      if (const auto at = text.find(known); at != std::string::npos)
        text.replace(at, known.size(), "{\"type\":\"glow\"");
    }
    if (tamper) text = tamper(text);
    if (text.empty()) return;
    trace("<-", text);
    call([&] { session_.socket_received(now(), number, text); });
    if (text.find("\"changes\"") != std::string::npos) watch_view(text.find("\"reset\":true") != std::string::npos);
  });
}

void Client::ended(std::uint16_t code) {
  when_awake([this, code, number = socket_] {
    if (socket_ != number || number == 0) return;
    socket_ = 0;
    wire_.reset();
    trace("<- closed", std::to_string(code));
    call([&] { session_.socket_closed(now(), number, code, ""); });
  });
}

}  // namespace jobwire::sim
