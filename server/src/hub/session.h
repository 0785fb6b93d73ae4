// Protocol state of one native connection, without I/O. Its transport owns it, feeds it messages, and gives it a Sink.
//
//   awaiting hello -> resuming (pages from its cursor) -> live; past the high-water mark -> resuming again, once
//   drained. A subscribe joins its channels beside: pages from the start, then live in the turn in which a page reaches
//   the head.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "auth/principal.h"
#include "auth/rate_limit.h"
#include "dialect/native.h"
#include "hub/catch_up.h"
#include "hub/delivery.h"
#include "hub/expiry.h"
#include "hub/sink.h"
#include "jobwire/channel.h"
#include "jobwire/cursor.h"
#include "jobwire/message.h"
#include "jobwire/time.h"

namespace jobwire::hub {

class Hub;

class Session final : public Follower {
 public:
  // Awaits `hello`. `hub` and `sink` outlive the session.
  Session(Hub& hub, Sink& sink, std::string id, auth::Credentials credentials, std::string address);
  // Greeted already: a streamed response, whose request is its hello.
  Session(Hub& hub, Sink& sink, std::string id, auth::Principal who, const ChangesRequest& request);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One complete message from the client. May answer, close, or both, through the sink.
  void received(std::string_view text);
  // What was sent is on its way: a session past its high-water mark goes on from its cursor.
  void drained();

  const std::string& id() const { return id_; }
  const auth::Principal& principal() const { return principal_; }
  bool is_open() const { return phase_ == Phase::open; }
  bool is_lagging() const { return lagging_; }

  // ---- the hub's calls ----
  bool offer(Delivery& delivery, const Channel& channel) override;
  void offer(const JobEstimate& estimate) override;
  void offer(const InboxNews& news) override;
  void offer(Announcement& announcement) override;
  void flush() override;
  void tick(UnixMs now) override;
  bool follows_counts() const;  // of queues
  bool follows_metrics() const;
  void tell(const ServerMessage& message);
  void tell(const Frame& frame);
  // Closes; the client comes back after this.
  void goodbye(DurationMs reconnect_after, const std::string& reason = "The server is restarting",
               CloseCode code = CloseCode::draining);
  void reply(std::optional<std::int64_t> id, std::optional<Error> error);

 private:
  enum class Phase : std::uint8_t { awaiting_hello, open, closed };

  void on(const command::Hello& hello, std::optional<std::int64_t> id);
  void on(const command::Subscribe& subscribe, std::optional<std::int64_t> id);
  void on(const command::Unsubscribe& unsubscribe, std::optional<std::int64_t> id);
  void on(const command::Sync& sync, std::optional<std::int64_t> id);
  void on(const command::Cancel& cancel, std::optional<std::int64_t> id);
  void on(const command::Token& token, std::optional<std::int64_t> id);
  void on(const command::Heartbeat&, std::optional<std::int64_t>);
  void on(const command::Read& read, std::optional<std::int64_t> id);

  void open(auth::Principal who, int reducer, std::vector<Channel> channels, const std::optional<Cursor>& cursor);
  void welcome();
  bool take(const ClientCommand& command);  // false: it was too much, and this has been told
  bool is_told(const JobState& job) const;
  Status admit(const std::vector<Channel>& channels) const;
  Error too_many_channels() const;
  std::vector<Channel> carrying(std::vector<Channel> channels) const;  // without those that only count
  std::int64_t least_told() const;
  void join(std::vector<Channel> channels);
  void leave(const Channel& channel);
  void renew();  // a fresh view, after the permissions changed
  bool is_resuming() const { return !catch_ups_.empty() && catch_ups_.front().resume; }

  void pump();  // pages, while the sink takes them
  bool step();
  Cursor told_up_to();
  dialect::ChangesFrame frame_of(CatchUp& catch_up);  // of its next page
  void go_live(CatchUp& done);
  std::int64_t floor_of(const Channel& channel) const;
  void lag();
  void send_pending();
  std::optional<std::int64_t> unread() const;  // nullopt: there is no inbox
  void add_inbox(std::int64_t after, std::int64_t upto, dialect::Changes& changes);
  void send_page(const dialect::ChangesFrame& frame, const dialect::Changes& changes);
  void tell_overlay(const CatchUp& done);
  void refuse(CloseCode code, const Error& error);
  void close(CloseCode code, std::string_view reason);
  void abandon();  // no longer known to the hub
  void check_expiry(UnixMs now);

  Hub& hub_;
  Sink& sink_;
  std::string id_;
  std::unique_ptr<auth::Credentials> credentials_;  // until hello
  auth::Principal principal_;
  auth::Caller caller_;
  Phase phase_ = Phase::awaiting_hello;
  bool snapshots_only_ = false;  // the client folds with another reducer
  bool lagging_ = false;
  UnixMs opened_at_ = 0;
  bool can_sync_ = true;  // a stream cannot
  UnixMs sent_at_ = 0;
  Expiry expiry_;
  Cursor cursor_;                         // everything in the live channels up to here was told
  bool truncated_ = false;                // some live channel is
  std::map<Channel, std::int64_t> live_;  // with the version below which a truncated channel is untold
  std::vector<CatchUp> catch_ups_;        // in order; a resume is always first
  std::int64_t left_at_ = 0;  // least_told() when it first left a channel while it caught up; 0: not since it was live
  dialect::Changes pending_;  // offered since the last flush
  std::vector<JobId> unfinished_;  // told by pages: their estimates are due
  push::Estimates estimates_;      // offered since the last flush
};

}  // namespace jobwire::hub
