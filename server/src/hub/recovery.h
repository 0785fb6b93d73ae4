// Socket.IO's connection state recovery: what a conversation followed is kept in the log for two minutes after its
// client has gone, so that who comes back (to this server, to the next one, after a restart) goes on where it was.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/cursor.h"
#include "jobwire/time.h"
#include "node/node.h"

namespace jobwire::hub {

struct KeptConversation {
  std::string id;  // Socket.IO's sid
  std::string path;
  std::string user;  // only the same one gets it back
  // Each with the head when it was asked for: who has seen no later one has not been told how things stand in it.
  std::map<std::string, std::int64_t> rooms;
  std::int64_t began = 0;  // at this offset
  // What is written of its rooms: they are written in parts, of which a subscription changes one. 0: nothing.
  static constexpr std::size_t kParts = 32;
  static constexpr std::size_t kUnknown = 2;
  std::array<std::size_t, kParts> written = {};
  bool operator==(const KeptConversation&) const = default;
};

// Socket.IO's `offset`, which each event brings: everything up to `from` has been told, and of what came later no more
// than was there at `head`. "epoch:head", or "epoch:head/from" where they differ.
struct RecoveryPoint {
  Cursor head;
  std::int64_t from = 0;
  bool operator==(const RecoveryPoint&) const = default;
};
std::string to_string(const RecoveryPoint& point);
std::optional<RecoveryPoint> parse_recovery_point(std::string_view text);

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
  // `done`: it is on disk, or (false) it is not; now or later.
  void keep(const std::string& pid, KeptConversation& kept, std::function<void(bool)> done = {});
  // The same, where nothing but its rooms has changed.
  void keep_rooms(const std::string& pid, KeptConversation& kept, std::function<void(bool)> done);
  void left(const std::string& pid, KeptConversation& kept);  // the client has gone: the window begins
  void forget(const std::string& pid, const std::string& user);
  // What is kept under it for this user at this path.
  std::optional<KeptConversation> find(const std::string& pid, const std::string& user, const std::string& path) const;

  static constexpr DurationMs kRenewEvery = 1'800'000;

 private:
  log::RecordAppend session(const std::string& pid, const KeptConversation& kept, bool is_there,
                            DurationMs lasts) const;
  void add_rooms(const std::string& pid, KeptConversation& kept, DurationMs lasts, bool all,
                 std::vector<log::RecordAppend>& into) const;
  void find_rooms(const std::string& pid, KeptConversation& kept) const;
  void append(std::vector<log::RecordAppend> records, std::function<void(bool)> done);

  RecoveryOptions options_;
  node::Node& node_;
  const Clock& clock_;
  UnixMs started_at_;
};

}  // namespace jobwire::hub
