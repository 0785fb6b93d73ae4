#include "jobwire/channel.h"

#include <algorithm>

namespace jobwire {
namespace {

// By kind; those that take an id end in a colon.
constexpr std::string_view kNames[] = {"job:", "user:", "queue:", "all-jobs", "admin"};

// The kind and what follows its name.
bool split(std::string_view text, Channel& into) {
  for (std::size_t kind = 0; kind < std::size(kNames); ++kind) {
    const std::string_view name = kNames[kind];
    if (!text.starts_with(name) || (name.back() != ':' && text != name)) continue;
    into.kind = static_cast<ChannelKind>(kind);
    into.id = text.substr(name.size());
    return true;
  }
  return false;
}

bool has_id(const Channel& channel) { return channel.kind <= ChannelKind::queue; }

}  // namespace

std::string to_string(const Channel& channel) {
  return std::string(kNames[static_cast<std::size_t>(channel.kind)]) + channel.id;
}

bool read_channel(std::string_view text, Channel& into) {
  return split(text, into) && (!has_id(into) || is_valid_id(into.id));
}

Result<Channel> parse_channel(std::string_view text) {
  Channel channel;
  if (!split(text, channel)) {
    return Error{ErrorCode::bad_request, "a channel is job:{id}, user:{id}, queue:{name}, all-jobs or admin",
                 "channels"};
  }
  if (!has_id(channel)) return channel;
  if (Status valid = check_id(channel.id, "channels"); !valid) return valid.error();
  return channel;
}

bool ChannelSet::contains(const Channel& channel) const {
  const auto at = std::lower_bound(list_.begin(), list_.end(), channel);
  return at != list_.end() && *at == channel;
}

bool ChannelSet::insert(const Channel& channel) {
  const auto at = std::lower_bound(list_.begin(), list_.end(), channel);
  if (at != list_.end() && *at == channel) return false;
  list_.insert(at, channel);
  return true;
}

bool ChannelSet::erase(const Channel& channel) {
  const auto at = std::lower_bound(list_.begin(), list_.end(), channel);
  if (at == list_.end() || *at != channel) return false;
  list_.erase(at);
  return true;
}

bool carries(const Channel& channel, const JobState& job) {
  switch (channel.kind) {
    case ChannelKind::job:
      return job.id.value == channel.id;
    case ChannelKind::user:
      return job.identity.user_id.value == channel.id;
    case ChannelKind::queue:
      return job.identity.queue == channel.id;
    case ChannelKind::all_jobs:
      return true;
    case ChannelKind::admin:
      break;
  }
  return false;
}

}  // namespace jobwire
