// What a job is: the value that every page shows. Built only by apply().
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "jobwire/ids.h"
#include "jobwire/time.h"

namespace jobwire {

enum class JobStatus : std::uint8_t { queued, active, completed, failed, cancelled };
std::string_view status_name(JobStatus status);
std::optional<JobStatus> status_from_name(std::string_view name);
constexpr bool is_terminal(JobStatus status) { return status >= JobStatus::completed; }

// 0 to 100 in hundredths of a percent: exact on every target, without floating point.
struct Percent {
  std::int32_t hundredths = 0;
  auto operator<=>(const Percent&) const = default;
};
inline constexpr Percent kWhole{10000};

// JSON text that was validated once and is carried as it came; empty means absent.
struct RawJson {
  std::string text;
  bool empty() const { return text.empty(); }
  bool operator==(const RawJson&) const = default;
};
using Metadata = std::list<std::pair<std::string, RawJson>>;  // sorted by key, keys unique
// Sets one key.
void put(Metadata& metadata, std::string_view key, std::string_view value);
inline constexpr std::size_t kMaxMetadataBytes = 64 << 10;  // keys and values of a job, after merging

struct JobError {
  std::string message;
  std::string code;  // may be empty
  bool operator==(const JobError&) const = default;
};

struct StageMark {
  std::string name;
  UnixMs started_at = 0;
  bool operator==(const StageMark&) const = default;
};
inline constexpr std::size_t kMaxStages = 64;  // further stages change `stage` but are not listed

// Set once: a later event may fill in what is empty, never change what is set.
struct JobIdentity {
  std::string type;
  std::string queue;
  UserId user_id;
  std::string ref;  // the application's own handle, for example "file:42"
  JobId parent_id;
  bool operator==(const JobIdentity&) const = default;
};

struct JobState {
  JobId id;
  JobIdentity identity;
  JobStatus status = JobStatus::queued;
  std::string status_text;
  Percent progress;
  std::string stage;
  std::string message;
  std::list<StageMark> stages;
  std::uint32_t attempt = 1;
  std::int32_t priority = 0;
  RawJson result;
  std::optional<JobError> error;
  UnixMs cancel_requested_at = 0;
  std::string cancel_reason;
  bool stalled = false;
  Metadata metadata;
  RawJson payload;        // what the worker needs; never sent to a browser
  std::string worker_id;  // admins only
  UnixMs created_at = 0;
  UnixMs started_at = 0;
  UnixMs finished_at = 0;
  UnixMs last_report_at = 0;
  UnixMs updated_at = 0;
  std::int64_t version = 0;  // offset of the last event applied
  std::int64_t seq = 0;      // events applied: 1, 2, 3 ...; 0 means "no event yet"
  bool removed = false;      // a tombstone: only id, version and seq matter

  bool operator==(const JobState&) const = default;
};

}  // namespace jobwire
