// Socket.IO's connection state recovery: what a conversation followed is kept in the log for two minutes after its
// client has gone, so that who comes back (to this server, to the next one, after a restart) goes on where it was.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jobwire/time.h"
#include "node/node.h"

namespace jobwire::hub {

struct KeptConversation {
  std::string id;  // Socket.IO's sid
  std::string path;
  std::string user;  // only the same one gets it back
  std::vector<std::string> dialects;
  std::set<std::string> rooms;
  std::string offset;  // where it began: for a client that has seen no event since
  bool operator==(const KeptConversation&) const = default;
};

struct RecoveryOptions {
  bool enabled = true;
  DurationMs window = 120'000;  // after the client has gone
};

class Recovery {
 public:
  // `node` and `clock` outlive it.
  Recovery(RecoveryOptions options, node::Node& node, const Clock& clock);

  bool enabled() const { return options_.enabled; }
  // Under this pid, while its client is there: a server that is killed leaves it behind, for the window from the next
  // start on. To be renewed every kRenewEvery.
  void keep(const std::string& pid, const KeptConversation& kept);
  void left(const std::string& pid, const KeptConversation& kept);  // the client has gone: the window begins
  void forget(const std::string& pid, const std::string& user);
  // What was kept under it for this user at this path; gone from here then.
  std::optional<KeptConversation> take(const std::string& pid, const std::string& user, const std::string& path);

  static constexpr DurationMs kRenewEvery = 1'800'000;

 private:
  void write(const std::string& pid, const KeptConversation& kept, bool is_there, DurationMs lasts);

  RecoveryOptions options_;
  node::Node& node_;
  const Clock& clock_;
  UnixMs started_at_;
};

}  // namespace jobwire::hub
