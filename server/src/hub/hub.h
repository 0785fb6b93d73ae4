// Channel -> sessions: each change goes once to each connection that follows it, encoded once per visibility.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "auth/authenticator.h"
#include "auth/credentials.h"
#include "auth/rate_limit.h"
#include "hub/delivery.h"
#include "hub/frame_cache.h"
#include "hub/observer.h"
#include "hub/overlay.h"
#include "hub/session.h"
#include "hub/sink.h"
#include "jobwire/message.h"
#include "jobwire/notification.h"
#include "jobwire/random.h"
#include "node/estimates.h"
#include "node/node.h"

namespace jobwire::hub {

struct HubOptions {
  DurationMs hello_timeout = 10'000;
  DurationMs heartbeat = 25'000;
  DurationMs expiry_grace = 30'000;    // for a fresh token, after the old one has expired
  std::size_t high_water = 256 << 10;  // unsent bytes past which nothing more is queued for a connection
  std::size_t page_bytes = 64 << 10;   // of one message
  std::size_t page_jobs = 256;
  std::size_t most_channels = 1000;  // of a connection
  DurationMs longest_poll = 60'000;
  DurationMs drain_spread = 5'000;  // clients are asked to come back spread over this
  CodecLimits codec;
  auth::CredentialRules credentials;
  auth::RateRules rates;  // none
};

struct HubStats {
  std::size_t sessions = 0;
  std::size_t polls = 0;    // waiting
  std::size_t lagging = 0;  // sessions past their high-water mark
  std::uint64_t messages_out = 0;
  std::uint64_t frames_built = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t rate_limited = 0;
};

// A long-poll that waits for its answer. Dropping it forgets the poll.
class Poll {
 public:
  virtual ~Poll() = default;
};
class WaitingPoll;
struct Opening;

class Hub {
 public:
  Hub(HubOptions options, node::Node& node, node::Estimates& estimates, const auth::Authenticator& authenticator,
      const Clock& clock, std::uint64_t seed, log::Post post = {});  // without `post` polls are answered by tick()
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // A WebSocket: awaits its hello. `credentials`: what the upgrade brought along stands in for a hello without token.
  // `address`: whose commands count together.
  std::unique_ptr<Session> connect(Sink& sink, auth::Credentials credentials = {}, std::string address = {});
  // A streamed response: the request is its hello.
  Result<std::unique_ptr<Session>> stream(Sink& sink, const auth::Principal& who, const ChangesRequest& request);
  // A long-poll: `done` gets the body (a `changes` object), now or later, at most once, never from inside this call.
  using PollDone = std::function<void(std::shared_ptr<const std::string> body)>;
  Result<std::unique_ptr<Poll>> poll(const auth::Principal& who, const ChangesRequest& request, PollDone done);

  // Timers: heartbeats, hello timeouts, token expiry, polls that end, estimates. Every 100 ms or so.
  void tick();
  // Sends what the last log batch changed: one message per dirty connection. Called by the node at its batch's end.
  void flush();
  // `goodbye` to everybody, each with its own slot; polls are answered; who comes now is told `draining`.
  void drain();
  bool draining() const { return draining_; }
  // The object of `system-metrics`, for those who follow `admin`. Asked every two seconds while somebody does.
  void set_system_metrics(std::function<std::string()> source);

  const HubStats& stats() const;
  std::uint64_t rate_limited() const { return limiter_.refused(); }

  // Told of everything from now on, until it is removed.
  void add(Observer& observer) { observers_.push_back(&observer); }
  void remove(Observer& observer) { std::erase(observers_, &observer); }

  // ---- for sessions and polls ----
  void enter(Session& session);
  void leave(Session& session);
  void enter(WaitingPoll& poll);
  void leave(WaitingPoll& poll);
  void follow(const Channel& channel, Follower& follower);
  void unfollow(const Channel& channel, Follower& follower);
  // Notifications of these inboxes, and application messages to these users, reach the follower.
  void attend(const std::vector<std::string>& inboxes, Follower& follower);
  void depart(const std::vector<std::string>& inboxes, Follower& follower);
  // A follower that is neither session nor poll (a dialect's conversation) hears of broadcasts from here on.
  void enter(Follower& follower) { others_.push_back(&follower); }
  void leave(Follower& follower);
  // May this follower of `target` hear what is said there?
  bool may_hear(const auth::Principal& who, const std::optional<Channel>& target) const;
  // A page of one's own notifications, newest first: {notifications, next?, unread}.
  std::string inbox_page(const auth::Principal& who, const InboxQuery& query) const;
  std::int64_t unread(const std::vector<std::string>& inboxes) const;
  // Marks notifications of one's own inboxes as read; what that brings comes as news.
  void read(const auth::Principal& who, command::Read read, std::function<void(Result<std::size_t>)> done);
  void mark_dirty(Follower& follower);
  void flush_soon();
  Result<auth::Principal> authenticate(const auth::Credentials& credentials) const;
  // Who opens a conversation: by its auth payload's token, else by what its request brought along. It counts as a
  // connect of its address and of its user; `rate_limited` where there were too many.
  Result<auth::Principal> authenticate(const Opening& opening);
  // For everything that is limited: a caller (auth::caller_of) lives as long as its connection.
  Status take(auth::Act act, auth::Caller& caller) { return limiter_.take(act, caller, now()); }
  // Without a session: `goodbye` with the time to come back after, and 4429.
  void turn_away(Sink& sink, const Error& error);
  void reply_to(const std::string& session, std::optional<std::int64_t> id, std::optional<Error> error);
  std::optional<JobEstimate> estimate_of(const JobId& id) const;
  Frame frame(Framing framing, std::string_view message);
  Frame changes_frame(Framing framing, const dialect::Changes& changes);
  Frame estimates_frame(Framing framing, const push::Estimates& estimates) { return frames_.get(framing, estimates); }
  void count_received() { ++stats_.messages_in; }
  void count_sent() { ++stats_.messages_out; }
  const HubOptions& options() const { return options_; }
  node::Node& node() { return node_; }
  UnixMs now() const { return clock_.now(); }

  // Adds the estimates of a channel's unfinished jobs, newest change first, until there are `most`.
  void collect_estimates(const auth::Principal& who, const Channel& channel, std::size_t most,
                         std::vector<JobEstimate>& into) const;
  push::QueueStatus queue_status() const { return overlay_.queue_status(); }

 private:
  // Calls `visit` for everybody who follows a channel of this job, once for each channel.
  template <class Visit>
  void each_follower(const JobState& job, Visit visit);
  void publish(const node::Change& change);
  void publish(const log::Record& record);
  void publish(Announcement& announcement);
  void tell_overlays(UnixMs now);
  void tick_followers(UnixMs now);
  std::vector<std::uint64_t> waiting_polls() const;
  void forget_dirty(Follower& follower);
  void tell_metrics(UnixMs now);
  Status check(const auth::Principal& who, const ChangesRequest& request) const;

  HubOptions options_;
  node::Node& node_;
  const auth::Authenticator& authenticator_;
  const Clock& clock_;
  Random random_;
  auth::RateLimiter limiter_;
  log::Post post_;
  std::unordered_map<Channel, std::vector<Follower*>> followers_;
  std::unordered_map<std::string, Session*> sessions_;
  std::map<std::uint64_t, WaitingPoll*> polls_;  // by number: in an order that a simulation can repeat
  std::uint64_t last_poll_ = 0;
  std::unordered_multimap<std::string, Follower*> attending_;
  std::vector<Follower*> others_;
  std::vector<Follower*> dirty_;
  std::vector<Observer*> observers_;
  FrameCache frames_;
  Overlay overlay_;
  std::function<std::string()> system_metrics_;
  bool draining_ = false;
  UnixMs sessions_ticked_at_ = 0;
  UnixMs metrics_told_at_ = 0;
  mutable HubStats stats_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();  // what is posted may come after the hub
};

}  // namespace jobwire::hub
