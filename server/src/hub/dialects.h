// All dialects of a server: which are spoken where, and how a client is let into a conversation.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/conversation.h"
#include "hub/dialect_conversation.h"
#include "hub/dialect_hub.h"
#include "hub/figures.h"
#include "hub/recovery.h"

namespace jobwire::hub {

class Hub;

struct DialectsOptions {
  std::map<std::string, DialectOptions> by_name = {};  // what is not named is as DialectOptions says
  RecoveryOptions recovery = {};
};

class Dialects final : public Observer {
 public:
  // What it refers to outlives it.
  Dialects(DialectsOptions options, Hub& hub, const Clock& clock, std::function<std::string()> random_id,
           std::function<ProcessFigures()> process = {});
  ~Dialects() override;
  Dialects(const Dialects&) = delete;
  Dialects& operator=(const Dialects&) = delete;

  // One for each path that some dialect speaks at.
  std::vector<Namespace> namespaces();

  std::size_t conversations() const { return conversations_.size(); }

  // ---- the hub's calls ----
  void changed(const node::Change& change) override;
  bool follows(const JobState& job) const override;
  void estimated(const node::JobRecord& record, const JobEstimate& estimate) override;
  void counted(const push::QueueStatus& status) override;
  void announced(const Announcement& announcement) override;
  void ticked(UnixMs now) override;

 private:
  class Held;  // a conversation that is known here while it lasts
  std::string offset(std::string_view path, std::int64_t most) const;
  std::optional<RecoveryPoint> recovery_point(const KeptConversation& kept, const std::string& offset) const;
  Opened open(const std::string& path, EventSink& sink, const Opening& opening);
  Result<std::vector<DialectHub*>> spoken_at(const std::string& path, const Opening& opening) const;
  Opened admit(const std::string& path, EventSink& sink, const Opening& opening, auth::Principal who,
               std::vector<DialectHub*> dialects);

  DialectsOptions options_;
  Hub& hub_;
  Recovery recovery_;
  std::function<std::string()> random_id_;
  Figures figures_;
  std::vector<std::unique_ptr<DialectHub>> dialects_;
  std::set<DialectConversation*> conversations_;
  std::unordered_map<std::string, DialectConversation*> by_recover_id_;  // those that are kept
  UnixMs conversations_ticked_at_ = 0;
  // While a change is told: by the dialect with this number, and not yet by those that follow.
  std::size_t telling_ = 0;
  std::int64_t changing_ = 0;  // its offset; 0: nothing is told
};

}  // namespace jobwire::hub
