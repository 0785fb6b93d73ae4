// Who asks, and what they may do. Pure rules: every route and every session uses these and no others.
#pragma once

#include <string>
#include <vector>

#include "jobwire/channel.h"
#include "jobwire/codec.h"
#include "jobwire/job_state.h"
#include "jobwire/time.h"

namespace jobwire::auth {

enum class Role : std::uint8_t { anonymous, user, admin, service };
std::string_view role_name(Role role);

struct Principal {
  Role role = Role::anonymous;
  std::string user;               // empty: none
  std::vector<std::string> jobs;  // a token that names jobs: these may be seen, whoever owns them
  bool only_named_jobs = false;   // such a token sees nothing else
  bool owns_ownerless = false;    // --dev: the user `dev` owns jobs without owner
  bool knows_by_id = false;       // --anonymous: who knows an id may follow job:{id}
  UnixMs expires_at = 0;          // 0: never
  bool operator==(const Principal&) const = default;
};

// May the channel be followed at all? (A job channel is decided again for each job at delivery.)
bool may_follow(const Principal& who, const Channel& channel);
// May this job's state be shown to them?
bool may_see(const Principal& who, const JobState& job);
bool may_cancel(const Principal& who, const JobState& job);
bool may_publish(const Principal& who);  // append events, create jobs
bool may_retry(const Principal& who, const JobState& job);
bool may_administer(const Principal& who);  // stats, metrics, all jobs
Visibility visibility(const Principal& who);
// Whose notifications they see, as their own: their user's, and with the admin role the system's, which is "".
std::vector<std::string> inboxes(const Principal& who);

}  // namespace jobwire::auth
