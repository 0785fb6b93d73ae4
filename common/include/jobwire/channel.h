// Channel: a stream that a client follows. job:{id} · user:{id} · queue:{name} · all-jobs · admin
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/job_state.h"
#include "jobwire/result.h"

namespace jobwire {

enum class ChannelKind : std::uint8_t { job, user, queue, all_jobs, admin };

struct Channel {
  ChannelKind kind = ChannelKind::job;
  std::string id;  // empty for all-jobs and admin
  bool operator==(const Channel&) const = default;
  // Written out: Emscripten's libc++ has no operator<=> for std::string.
  std::strong_ordering operator<=>(const Channel& other) const {
    return kind != other.kind ? kind <=> other.kind : id.compare(other.id) <=> 0;
  }
};

std::string to_string(const Channel& channel);
Result<Channel> parse_channel(std::string_view text);  // the error's field is "channels"
// The same: null, or the rule that the text breaks.
const char* read_channel(std::string_view text, Channel& into);
bool carries(const Channel& channel, const JobState& job);  // does this job belong to the channel?

constexpr bool is_wide(ChannelKind kind) { return kind != ChannelKind::job; }

}  // namespace jobwire

template <>
struct std::hash<jobwire::Channel> {
  std::size_t operator()(const jobwire::Channel& channel) const noexcept {
    return std::hash<std::string>{}(channel.id) * 31 + static_cast<std::size_t>(channel.kind);
  }
};
