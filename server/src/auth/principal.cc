#include "auth/principal.h"

#include <algorithm>

namespace jobwire::auth {
namespace {

bool names(const Principal& who, std::string_view job) {
  return std::find(who.jobs.begin(), who.jobs.end(), job) != who.jobs.end();
}

bool sees_everything(const Principal& who) {
  return (who.role == Role::admin || who.role == Role::service) && !who.only_named_jobs;
}

bool owns(const Principal& who, const JobState& job) {
  if (who.role != Role::user) return false;
  const std::string& owner = job.identity.user_id.value;
  return owner.empty() ? who.owns_ownerless : owner == who.user;
}

bool may_change(const Principal& who, const JobState& job) {
  if (sees_everything(who)) return true;
  return owns(who, job) && (!who.only_named_jobs || names(who, job.id.value));
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::anonymous:
      return "anonymous";
    case Role::user:
      return "user";
    case Role::admin:
      return "admin";
    case Role::service:
      return "service";
  }
  return "anonymous";
}

bool may_follow(const Principal& who, const Channel& channel) {
  if (sees_everything(who)) return true;
  if (who.only_named_jobs) return channel.kind == ChannelKind::job && names(who, channel.id);
  switch (channel.kind) {
    case ChannelKind::job:
      return who.role == Role::user || who.knows_by_id || names(who, channel.id);
    case ChannelKind::user:
      return who.role == Role::user && !who.user.empty() && channel.id == who.user;
    case ChannelKind::queue:
      return who.role == Role::user;
    case ChannelKind::all_jobs:
    case ChannelKind::admin:
      return false;
  }
  return false;
}

bool may_see(const Principal& who, const JobState& job) {
  if (sees_everything(who)) return true;
  if (names(who, job.id.value)) return true;
  if (who.only_named_jobs) return false;
  return owns(who, job) || who.knows_by_id;
}

bool may_cancel(const Principal& who, const JobState& job) { return may_change(who, job); }
bool may_publish(const Principal& who) { return sees_everything(who); }
bool may_retry(const Principal& who, const JobState& job) { return may_change(who, job); }
bool may_administer(const Principal& who) { return sees_everything(who); }

Visibility visibility(const Principal& who) { return sees_everything(who) ? Visibility::admin : Visibility::viewer; }

std::vector<std::string> inboxes(const Principal& who) {
  std::vector<std::string> owners;
  if (!who.user.empty() && !who.only_named_jobs) owners.push_back(who.user);
  if (may_administer(who)) owners.emplace_back();
  return owners;
}

}  // namespace jobwire::auth
