#include "bridge.h"

#include <algorithm>
#include <cmath>
#include <utility>
namespace jobwire::wasm {
namespace {

// Reads options one after the other; what is not given, or NaN, keeps its default.
class Options {
 public:
  Options(const double* numbers, std::uint32_t count) : next_(numbers), end_(numbers + count) {}

  template <class T>
  void read(T& option) {
    if (next_ == end_) return;
    const double given = *next_++;
    if (!std::isnan(given)) option = static_cast<T>(given);
  }

 private:
  const double* next_;
  const double* end_;
};

ClientOptions options_from(std::string_view client_name, const double* numbers, std::uint32_t count) {
  ClientOptions options;
  options.client_name = client_name;
  options.binary = true;
  Options given(numbers, count);
  given.read(options.needs_token);
  given.read(options.websocket);
  given.read(options.polling);
  given.read(options.backoff.base);
  given.read(options.backoff.cap);
  given.read(options.open_timeout);
  given.read(options.poll_wait);
  given.read(options.climb_interval);
  given.read(options.climb_cap);
  given.read(options.command_timeout);
  return options;
}

}  // namespace

Bridge::Bridge(std::string_view client_name, const double* numbers, std::uint32_t count, std::uint64_t seed)
    : session_(options_from(client_name, numbers, count), store_, actions_, seed) {}

void Bridge::follow(UnixMs now, std::string_view lines) { session_.follow(now, channels_in(lines)); }

void Bridge::unfollow(UnixMs now, std::string_view lines) { session_.unfollow(now, channels_in(lines)); }

bool Bridge::is_followed(std::string_view channel) const {
  Channel parsed;
  return read_channel(channel, parsed) && session_.is_followed(parsed);
}

std::vector<Channel> Bridge::channels_in(std::string_view lines) {
  std::vector<Channel> channels;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    Result<Channel> channel = parse_channel(line);
    if (channel) {
      channels.push_back(std::move(*channel));
    } else {
      actions_.channel_refused(line, channel.error());
    }
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
