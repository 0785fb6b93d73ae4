#include "jobwire/channel.h"

namespace jobwire {
namespace {

constexpr std::string_view kJob = "job:";
constexpr std::string_view kUser = "user:";
constexpr std::string_view kQueue = "queue:";
constexpr std::string_view kAllJobs = "all-jobs";
constexpr std::string_view kAdmin = "admin";

}  // namespace

std::string to_string(const Channel& channel) {
  switch (channel.kind) {
    case ChannelKind::job:
      return std::string(kJob) + channel.id;
    case ChannelKind::user:
      return std::string(kUser) + channel.id;
    case ChannelKind::queue:
      return std::string(kQueue) + channel.id;
    case ChannelKind::all_jobs:
      return std::string(kAllJobs);
    case ChannelKind::admin:
      break;
  }
  return std::string(kAdmin);
}

Result<Channel> parse_channel(std::string_view text) {
  if (text == kAllJobs) return Channel{ChannelKind::all_jobs, {}};
  if (text == kAdmin) return Channel{ChannelKind::admin, {}};
  Channel channel;
  std::string_view prefix;
  if (text.starts_with(kJob)) {
    channel.kind = ChannelKind::job;
    prefix = kJob;
  } else if (text.starts_with(kUser)) {
    channel.kind = ChannelKind::user;
    prefix = kUser;
  } else if (text.starts_with(kQueue)) {
    channel.kind = ChannelKind::queue;
    prefix = kQueue;
  } else {
    return Error{ErrorCode::bad_request, "a channel is job:{id}, user:{id}, queue:{name}, all-jobs or admin", "channels"};
  }
  channel.id = text.substr(prefix.size());
  if (Status valid = check_id(channel.id, "channels"); !valid) return valid.error();
  return channel;
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
