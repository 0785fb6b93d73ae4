#include "bridge.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
namespace jobwire::wasm {
namespace {

// In the order of ts/core/core.ts.
struct Option {
  bool is_flag;
  std::uint16_t offset;
};
constexpr Option kOptions[] = {
    {true, offsetof(ClientOptions, needs_token)},  {true, offsetof(ClientOptions, websocket)},
    {true, offsetof(ClientOptions, polling)},      {false, offsetof(ClientOptions, backoff.base)},
    {false, offsetof(ClientOptions, backoff.cap)}, {false, offsetof(ClientOptions, open_timeout)},
    {false, offsetof(ClientOptions, poll_wait)},   {false, offsetof(ClientOptions, climb_interval)},
    {false, offsetof(ClientOptions, climb_cap)},   {false, offsetof(ClientOptions, command_timeout)},
};

// What is NaN keeps its default.
ClientOptions options_from(std::string_view client_name, const double* numbers) {
  ClientOptions options;
  options.client_name = client_name;
  options.binary = true;
  for (const Option& option : kOptions) {
    const double given = *numbers++;
    if (std::isnan(given)) continue;
    void* const into = reinterpret_cast<char*>(&options) + option.offset;
    if (option.is_flag) {
      *static_cast<bool*>(into) = given != 0;
    } else {
      *static_cast<DurationMs*>(into) = static_cast<DurationMs>(given);
    }
  }
  return options;
}

}  // namespace

Bridge::Bridge(std::string_view client_name, const double* numbers, std::uint64_t seed)
    : session_(options_from(client_name, numbers), store_, actions_, seed) {}

void Bridge::follow(UnixMs now, std::string_view lines) { session_.follow(now, channels_in(lines)); }

void Bridge::unfollow(UnixMs now, std::string_view lines) { session_.unfollow(now, channels_in(lines)); }

bool Bridge::is_followed(std::string_view channel) const {
  Channel parsed;
  return read_channel(channel, parsed) == nullptr && session_.is_followed(parsed);
}

std::vector<Channel> Bridge::channels_in(std::string_view lines) {
  std::vector<Channel> channels;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const char* const rule = read_channel(line, channels.emplace_back());
    if (rule == nullptr) continue;
    channels.pop_back();
    const std::string message = std::string("channels") + rule;
    actions_.channel_refused(line, {ErrorCode::bad_request, message, "channels"});
  }
  return channels;
}

const Packed& Bridge::take_actions() {
  const ConnectionStatus& status = session_.status();
  // The session does not tell of these alone; a page that shows them wants them now and then.
  if (status.latency != told_latency_) actions_.status_changed(status);
  told_latency_ = status.latency;
  out_.clear();
  std::swap(out_, actions_.packed());
  return out_;
}

const Packed& Bridge::take_changes() {
  out_.clear();
  store_.take([&](const ChangedJob& change) { pack_change(out_, change); });
  return out_;
}

}  // namespace jobwire::wasm
