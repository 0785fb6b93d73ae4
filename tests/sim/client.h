// One page: a ClientSession and its JobStore, driven over the simulated network. It watches what no page may ever see.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "network.h"
#include "support/recorded_session.h"
#include "surroundings.h"

namespace jobwire::sim {

class Client final : public Peer {
 public:
  Client(std::string name, auth::Principal who, ClientOptions options, Surroundings around, std::uint64_t seed);
  ~Client() override;

  // ---- what its person does ----
  void start();
  void follow(const std::vector<Channel>& channels);
  void unfollow(const std::vector<Channel>& channels);
  void cancel(const JobId& job);
  void become(auth::Principal who, bool at_once);  // further tokens stand for this; `at_once`: one is set now
  void sleep(DurationMs duration);                 // nothing runs; what arrives waits
  void hide(bool hidden);
  void tell_network(bool online);  // the browser's hint
  void set_clock(DurationMs skew) { skew_ = skew; }

  // ---- what happens to its wire ----
  Weather weather;
  DurationMs token_lasts = 0;
  bool token_source_works = true;
  void break_wire();
  void lose_wire();  // half-open: nobody is told
  void heal();       // fair weather, awake, shown; a session that was stopped is started again

  // ---- what is known of it ----
  const std::string& name() const { return name_; }
  const test::RecordedSession& session() const { return session_; }
  const JobStore& store() const { return store_; }
  const std::set<Channel>& wanted() const { return wanted_; }  // and not refused
  const auth::Principal& who() const;                          // whom its newest token stands for
  bool told_as_who() const;  // the view was told under a token of the present principal
  int attempts() const { return static_cast<int>(attempts_.size()); }
  const std::vector<UnixMs>& attempts_at() const { return attempts_; }
  int commands_open() const { return commands_open_; }
  int times_told_of_end(const JobState& job) const;  // of its present attempt
  bool saw_running(const JobState& job) const { return running_.count(attempt_of(job)) != 0; }

  // A mutation, for tests of the simulation itself: what is changed in a message on its way in; "" loses it.
  std::function<std::string(std::string)> tamper;
  // Called after each message that was folded.
  std::function<void(Client&)> on_folded;

 private:
  void arrived(const std::string& message) override;
  void ended(std::uint16_t code) override;

  // A forgotten id may begin a new life, at another time.
  using Attempt = std::tuple<JobId, UnixMs, std::uint32_t>;
  static Attempt attempt_of(const JobState& job) { return {job.id, job.created_at, job.attempt}; }

  UnixMs now() const { return around_.timeline.now() + skew_; }
  template <class Call>
  void call(Call call);
  void perform();
  void plan_tick();
  void on(const action::OpenSocket& open);
  void on(const action::Send& send);
  void on(const action::CloseSocket& close);
  void on(const action::Poll& poll);
  void on(const action::AbortPoll& abort);
  void on(const action::Request& request);
  void on(const action::NeedToken& need);
  void on(const action::StatusChanged&);
  void on(const action::CommandDone& done);
  void on(const action::Pushed&) {}
  void on(const action::ChannelRefused& refused);
  void when_awake(std::function<void()> task);
  void wake();
  void answer_poll(std::uint32_t poll, Server::Answer answer);
  void watch_view(bool reset);
  void complain(const std::string& what) const { around_.complain(name_, what); }
  void trace(const char* what, const std::string& text) const { around_.trace(name_, what, text); }
  void note_token(const std::string& token, const std::string& way);

  std::string name_;
  auth::Principal who_;
  Surroundings around_;
  JobStore store_;
  test::RecordedSession session_;
  std::set<Channel> wanted_;
  DurationMs skew_ = 0;
  UnixMs planned_tick_ = 0;
  UnixMs asleep_until_ = 0;
  std::deque<std::function<void()>> inbox_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  std::uint32_t socket_ = 0;
  std::shared_ptr<Server::Connection> wire_;
  std::uint32_t poll_ = 0;
  std::shared_ptr<void> held_poll_;  // at the server
  int commands_open_ = 0;
  std::vector<UnixMs> attempts_;

  std::string token_;
  std::set<std::string> users_;  // whom its tokens have stood for
  auth::Principal told_as_;
  std::map<JobId, std::int64_t> shown_;  // highest version
  std::map<Attempt, int> ends_;          // told
  std::set<Attempt> running_;            // seen before their end
  bool reset_seen_ = false;
};

bool same_access(const auth::Principal& a, const auth::Principal& b);

}  // namespace jobwire::sim
