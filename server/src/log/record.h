// Records besides job events: numbered by the same offsets, told by the same tail. The log knows nothing of what they
// mean; whoever writes a kind owns its bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "jobwire/error.h"
#include "jobwire/time.h"

namespace jobwire::log {

// The newest record of a (kind, owner, key) is its state, and the only one that a restart gives back.
struct Record {
  std::string kind;         // "notification", "message", "session" ...
  std::string owner;        // a user, a channel, or nobody
  std::string key;          // empty: its offset becomes its key, in decimal, so that it stands alone
  std::string bytes;        // empty: the key is deleted; the tail tells it
  UnixMs expires_at = 0;    // 0: never. From then on the key counts as deleted; no record tells that
  std::int64_t offset = 0;  // stamped by the log, like `at`
  UnixMs at = 0;
  bool operator==(const Record&) const = default;
};
inline bool has_expired(const Record& record, UnixMs now) { return record.expires_at != 0 && record.expires_at <= now; }

struct RecordAppend {
  Record record;
  std::optional<std::int64_t> expected =
      {};  // offset of the key's newest record; 0: it has none; nullopt: whatever it is
};

struct RecordAppended {
  std::int64_t offset = 0;
  UnixMs at = 0;
  bool operator==(const RecordAppended&) const = default;
};
struct RecordConflict {
  std::int64_t actual = 0;  // offset of the key's newest record; 0: it has none
  bool operator==(const RecordConflict&) const = default;
};
struct RecordNotStored {  // the store failed; nothing of this batch was written
  Error error;
  bool operator==(const RecordNotStored&) const = default;
};
using RecordOutcome = std::variant<RecordAppended, RecordConflict, RecordNotStored>;
using RecordsDone = std::function<void(std::vector<RecordOutcome>)>;  // one per RecordAppend, in order

}  // namespace jobwire::log
