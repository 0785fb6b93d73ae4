// A long-poll: the one question over HTTP. Answered at once where there is something to tell, else at the first change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "hub/delivery.h"
#include "hub/hub.h"
#include "jobwire/message.h"

namespace jobwire::hub {

class WaitingPoll final : public Poll, public Follower {
 public:
  WaitingPoll(Hub& hub, std::uint64_t number, auth::Principal who, ChangesRequest request, Hub::PollDone done);
  ~WaitingPoll() override;

  bool offer(Delivery& delivery, const Channel& channel) override;
  void offer(const JobEstimate& estimate) override;
  void offer(const InboxNews&) override;
  void offer(Announcement& announcement) override;
  void flush() override;
  void tick(UnixMs now) override;
  void finish();  // with what there is, if only the cursor

  std::uint64_t number() const { return number_; }
  const std::string& session() const { return request_.session; }
  const std::string& user() const { return who_.user; }

 private:
  struct Answer {
    std::string body;
    bool tells = false;  // worth answering at once
  };
  Answer ask();
  struct Told {
    std::vector<Channel> followed;
    std::vector<Channel> truncated;
  };
  bool tell_resumed(dialect::Changes& changes, Cursor& cursor) const;
  void tell_removal(const JobId& id, dialect::Changes& changes) const;
  bool tell_whole(const std::vector<Channel>& channels, dialect::Changes& changes, Told& told) const;
  void tell_overlay(dialect::ChangesFrame& frame) const;
  void tell_inbox(std::optional<std::int64_t> after, std::int64_t upto, dialect::Changes& changes) const;
  std::vector<std::string_view> messages(std::int64_t after, std::int64_t upto) const;
  bool hears(const std::optional<Channel>& target) const;
  void answer(std::string body);

  Hub& hub_;
  std::uint64_t number_;
  auth::Principal who_;
  ChangesRequest request_;
  Hub::PollDone done_;
  UnixMs began_at_ = 0;
  UnixMs ends_at_ = 0;
  bool first_ = true;
  bool estimates_changed_ = false;
};

}  // namespace jobwire::hub
