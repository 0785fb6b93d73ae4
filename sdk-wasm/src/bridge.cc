#include "bridge.h"

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

constexpr std::size_t kNumbersSize = std::size(kOptions) * sizeof(double);

ClientOptions options_from(std::string_view given, std::string_view client_name) {
  ClientOptions options;
  options.binary = true;
  options.client_name = client_name;
  const auto* numbers = reinterpret_cast<const double*>(given.data());
  for (const Option& option : kOptions) {
    const double number = *numbers++;
    if (std::isnan(number)) continue;
    void* const into = reinterpret_cast<char*>(&options) + option.offset;
    if (option.is_flag) {
      *static_cast<bool*>(into) = number != 0;
    } else {
      *static_cast<DurationMs*>(into) = static_cast<DurationMs>(number);
    }
  }
  return options;
}

}  // namespace

Bridge::Bridge(std::string_view options, std::uint64_t seed)
    : client_name_(options.substr(kNumbersSize)),
      session_(options_from(options, client_name_), store_, actions_, seed) {}

double Bridge::call(Call what, const Input& in) {
  switch (what) {
    case Call::start:
      return session_.start(in.now), 0;
    case Call::close:
      return session_.close(in.now), 0;
    case Call::retry:
      return session_.retry_now(in.now), 0;
    case Call::follow:
      return session_.follow(in.now, in.text), 0;
    case Call::unfollow:
      return session_.unfollow(in.now, in.text), 0;
    case Call::is_followed:
      return is_followed(in.text);
    case Call::cancel: {
      const auto id_size = static_cast<std::size_t>(in.first);
      return static_cast<double>(session_.cancel(in.now, in.text.substr(0, id_size), in.text.substr(id_size)));
    }
    case Call::set_token:
      return session_.set_token(in.now, in.text), 0;
    case Call::token_failed:
      return session_.token_failed(in.now, in.text), 0;
    default:
      return report(what, in);
  }
}

// What the platform and the driver tell.
double Bridge::report(Call what, const Input& in) {
  const auto id = static_cast<std::uint32_t>(in.first);
  switch (what) {
    case Call::set_online:
      return session_.set_online(in.now, in.first != 0), 0;
    case Call::set_visible:
      return session_.set_visible(in.now, in.first != 0), 0;
    case Call::tick:
      return session_.tick(in.now), 0;
    case Call::opened:
      return session_.socket_opened(in.now, id), 0;
    case Call::received:
      return session_.socket_received(in.now, id, in.text), 0;
    case Call::closed:
      return session_.socket_closed(in.now, id, static_cast<std::uint16_t>(in.second), in.text), 0;
    case Call::polled:
      return session_.polled(in.now, id, static_cast<int>(in.second), in.text, static_cast<DurationMs>(in.third)), 0;
    case Call::requested:
      return session_.requested(in.now, static_cast<std::int64_t>(in.first), static_cast<int>(in.second), in.text), 0;
    default:
      return take(what);
  }
}

double Bridge::take(Call what) {
  if (what == Call::wake_at) return static_cast<double>(session_.wake_at());
  out_.clear();
  if (what == Call::take_actions) {
    take_actions();
  } else {
    store_.take([&](const ChangedJob& change) { pack_change(out_, change); });
  }
  if (out_.numbers().empty()) return 0;
  taken_ = {out_.numbers().data(), static_cast<std::uint32_t>(out_.numbers().size()), out_.text().data(),
            static_cast<std::uint32_t>(out_.text().size())};
  return reinterpret_cast<std::uint32_t>(&taken_);
}

bool Bridge::is_followed(std::string_view channel) const {
  Channel parsed;
  return read_channel(channel, parsed) == nullptr && session_.is_followed(parsed);
}

void Bridge::take_actions() {
  const ConnectionStatus& status = session_.status();
  // The session does not tell of these alone; a page that shows them wants them now and then.
  if (status.latency != told_latency_) actions_.status_changed(status);
  told_latency_ = status.latency;
  std::swap(out_, actions_.packed());
}

}  // namespace jobwire::wasm
