// A reader of the streamed response, as `curl -N` in a loop: it takes bytes in whatever pieces they come, believes only
// what has come whole, and goes on from its cursor. It has no way to ask back, so it must never come to doubt.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jobwire/job_store.h"
#include "network.h"
#include "surroundings.h"

namespace jobwire::sim {

class Reader final : public Peer {
 public:
  // Follows `channels` from the start, and `later` as channels that are joined beside them.
  Reader(std::string name, auth::Principal who, std::vector<Channel> channels, std::vector<Channel> later,
         Surroundings around);
  ~Reader() override { *alive_ = false; }

  void start();
  Weather weather;
  void break_wire();
  void lose_wire();  // half-open: nobody is told
  void heal() { weather = Weather{}; }

  const std::string& name() const { return name_; }
  const auth::Principal& who() const { return who_; }
  const std::set<Channel>& wanted() const { return wanted_; }
  const JobStore& store() const { return *store_; }
  const std::optional<Cursor>& cursor() const { return cursor_; }
  bool is_followed(const Channel& channel) const { return followed_.count(channel) != 0; }
  bool synced() const { return synced_; }
  int opened() const { return opened_; }
  bool amid_message() const { return !unread_.empty(); }
  int cut_short() const { return cut_short_; }  // times that a message was left unfinished

  // A mutation: what is changed in a message on its way in; "" loses it.
  std::function<std::string(std::string)> tamper;
  std::function<void(Reader&)> on_folded;

 private:
  void arrived(const std::string& bytes) override;
  void ended(std::uint16_t code) override;
  void ask();
  void again();
  void give_up();
  void watch_silence(std::uint64_t attempt);
  ChangesRequest request() const;
  void take(const std::string& block);
  void fold(const push::Changes& changes);
  void watch_view(bool reset);
  void complain(const std::string& what) const { around_.complain(name_, what); }
  void trace(const char* what, const std::string& text) const { around_.trace(name_, what, text); }

  std::string name_;
  auth::Principal who_;
  std::vector<Channel> first_;
  std::vector<Channel> later_;
  std::set<Channel> wanted_;
  Surroundings around_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  std::uint64_t attempt_ = 0;
  std::shared_ptr<Server::Connection> wire_;
  std::string unread_;  // of a message that is not whole
  UnixMs heard_at_ = 0;
  int opened_ = 0;
  int cut_short_ = 0;

  std::unique_ptr<JobStore> store_ = std::make_unique<JobStore>();
  std::optional<Cursor> cursor_;
  std::set<Channel> followed_;
  bool resetting_ = false;
  bool synced_ = false;
  std::map<JobId, std::int64_t> shown_;  // highest version
};

}  // namespace jobwire::sim
