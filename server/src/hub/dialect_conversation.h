// One client's conversation in one or more dialects (those of its namespace), without I/O.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "auth/rate_limit.h"
#include "hub/conversation.h"
#include "hub/dialect_hub.h"
#include "hub/expiry.h"
#include "hub/recovery.h"

namespace jobwire::hub {

class DialectConversation final : public Conversation {
 public:
  struct Place {
    Hub& hub;
    Recovery& recovery;
    std::vector<DialectHub*> dialects;
    DialectHub::Offset offset;
  };
  // `pid` empty: it is not to be recovered. `recovered`: it goes on with these rooms, from this offset.
  struct Begin {
    auth::Principal who;
    std::string address;
    KeptConversation kept;
    std::string pid;
    std::optional<RecoveryPoint> recovered;
  };
  DialectConversation(Place place, EventSink& sink, Begin begin);
  ~DialectConversation() override;

  void keep(const std::function<void(bool)>& kept) override;
  void begin() override;
  void received(NamedEvent event, Acknowledge acknowledge) override;
  void drained() override;

  // Another connection goes on under its recover_id: this one is not to be brought back.
  void give_up() { is_kept_ = false; }

  // ---- the dialects' calls ----
  struct Round {  // of one change, by one dialect: it is heard once, however many rooms carry it
    const DialectHub* by;
    std::uint64_t number;
  };
  void hear(const JobState& job, const std::vector<EmissionPtr>& emissions, Round round);
  void hear(const EmissionPtr& emission);                  // of no job: lost on who reads too slowly
  bool hears(const std::optional<Channel>& target) const;  // what is said there: its user's, or a room that it is in
  void tick(UnixMs now);
  const auth::Principal& who() const { return who_; }
  const std::string& recover_id() const { return pid_; }

 private:
  void join(const std::string& room);
  void join_all(const std::vector<std::string>& rooms);
  void leave(const std::string& room);
  void settle(std::function<void()> finish);
  void stamp();
  void write();
  void written(const std::vector<std::function<void()>>& settled);
  void wish(DialectHub& dialect, const dialect::Wish& wish, const Acknowledge& acknowledge);
  void refresh(const Arguments& arguments, const Acknowledge& acknowledge);
  bool may_be_in(const std::string& room) const;
  dialect::Outcome follow(const dialect::Wish& wish);
  std::size_t followed() const;
  dialect::Outcome follow_admin(const dialect::Wish& wish);
  Result<std::string> room_of(const dialect::Wish& wish) const;
  std::vector<std::string> rooms_for_all(const std::string& room) const;
  std::vector<std::string> rooms_for(const DialectHub& dialect, const std::string& room) const;
  void finish(DialectHub& dialect, const dialect::Wish& wish, const dialect::Outcome& outcome,
              const Acknowledge& acknowledge);
  void answer(DialectHub& dialect, const dialect::Wish& wish, const dialect::Outcome& outcome,
              const Acknowledge& acknowledge);
  void refuse(const Error& error, const Acknowledge& acknowledge);
  void end_unauthenticated(const Error& error);
  using Afters = std::map<std::string, std::int64_t>;  // by room: changes after this version
  void tell_present(const Afters& rooms);
  bool tell_job(const node::JobRecord& record, std::int64_t from);
  bool is_news(const JobState& job) const;
  void tell_messages(std::int64_t after);
  void collect(const std::string& room, std::int64_t after, std::map<std::int64_t, const node::JobRecord*>& into) const;
  bool is_full();
  void say(std::string event, std::string data);
  void emit(const EmissionPtr& emission);

  Place place_;
  EventSink& sink_;
  auth::Principal who_;
  auth::Caller caller_;
  KeptConversation kept_;
  std::string pid_;
  std::optional<RecoveryPoint> recovered_;
  bool joins_ = false;  // its user's room, by itself
  Expiry expiry_;
  std::vector<Round> heard_;  // the last round of each dialect
  bool lagging_ = false;      // it reads too slowly: nothing more is queued; then it goes on from here:
  std::int64_t told_ = 0;
  bool is_kept_ = false;
  UnixMs kept_at_ = 0;
  std::set<std::string> joined_;                 // of kept_.rooms those that it hears
  bool writing_ = false;                         // what is kept; one at a time, with all that has come meanwhile
  std::vector<std::function<void()>> settling_;  // what is to be done once the present rooms are kept
  std::vector<std::string> asked_;               // rooms of these
  std::string settled_;                          // while it is written: where who hears something goes on
  Afters due_;                                   // present states to be told behind the acknowledgements
  std::shared_ptr<DialectConversation*> self_ = std::make_shared<DialectConversation*>(this);  // then null
};

// A client without a good token, in a namespace that says so: it is told, and disconnected.
class RefusedConversation final : public Conversation {
 public:
  RefusedConversation(EventSink& sink, Error error) : sink_(sink), error_(std::move(error)) {}
  void begin() override;
  void received(NamedEvent, Acknowledge) override {}
  void drained() override {}

 private:
  EventSink& sink_;
  Error error_;
};

// {code, message, field?, retryAfter?}: how errors read in dialects.
std::string error_object(const Error& error);

}  // namespace jobwire::hub
