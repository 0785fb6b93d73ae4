#include "jobwire/channel.h"

#include <algorithm>
#include <utility>

namespace jobwire {
namespace {

// By kind; those that take an id end in a colon.
constexpr char kNames[][9] = {"job:", "user:", "queue:", "all-jobs", "admin"};

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

const char* read_channel(std::string_view text, Channel& into) {
  if (!split(text, into)) return " are job:{id}, user:{id}, queue:{name}, all-jobs or admin";
  return has_id(into) ? broken_id_rule(into.id) : nullptr;
}

Result<Channel> parse_channel(std::string_view text) {
  Channel channel;
  const char* const rule = read_channel(text, channel);
  if (rule == nullptr) return channel;
  return Error{ErrorCode::bad_request, std::string("channels") + rule, "channels"};
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
