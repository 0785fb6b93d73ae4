// Channel -> sessions: each change goes once to each connection that follows it, encoded once per visibility.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "hub/session.h"
#include "hub/sink.h"
#include "jobwire/message.h"
#include "jobwire/random.h"
#include "node/estimates.h"
#include "node/node.h"

namespace jobwire::hub {

struct HubOptions {
  DurationMs hello_timeout = 10'000;
  DurationMs heartbeat = 25'000;
  std::size_t high_water = 256 << 10;    // unsent bytes past which nothing more is queued for a connection
  std::size_t page_bytes = 64 << 10;     // of one message
  std::size_t page_jobs = 256;
  std::size_t most_channels = 1000;      // of a connection
  DurationMs longest_poll = 60'000;
  DurationMs drain_spread = 5'000;       // clients are asked to come back spread over this
  CodecLimits codec;
};

struct HubStats {
  std::size_t sessions = 0;
  std::size_t polls = 0;
  std::size_t lagging = 0;               // sessions past their high-water mark
  std::uint64_t messages_out = 0;
  std::uint64_t frames_built = 0;
  std::uint64_t messages_in = 0;
};

// A long-poll that waits for its answer. Dropping it forgets the poll.
class Poll {
 public:
  virtual ~Poll() = default;
};

class Hub {
 public:
  Hub(HubOptions options, node::Node& node, node::Estimates& estimates, const auth::Authenticator& authenticator,
      const Clock& clock, std::uint64_t seed);
  ~Hub();

  // A WebSocket: awaits its hello. `header_token`: from Authorization, stands in for hello's.
  std::unique_ptr<Session> connect(Sink& sink, std::string header_token = {});
  // A streamed response: the request is its hello.
  Result<std::unique_ptr<Session>> stream(Sink& sink, const auth::Principal& who, const ChangesRequest& request);
  // A long-poll: `done` gets the body (a `changes` object), now or later, at most once, never from inside this call.
  using PollDone = std::function<void(std::shared_ptr<const std::string> body)>;
  Result<std::unique_ptr<Poll>> poll(const auth::Principal& who, const ChangesRequest& request, PollDone done);

  // Timers: heartbeats, hello timeouts, token expiry, polls that end empty, estimates. Every 100 ms or so.
  void tick();
  // Sends what the last log batch changed: one message per dirty connection. Once per loop turn; the node's batch end.
  void flush();
  // `goodbye` to everybody, each with its own slot; new connections and polls are told `draining`.
  void drain();
  bool draining() const;

  const HubStats& stats() const { return stats_; }

 private:
  HubOptions options_;
  HubStats stats_;
};

}  // namespace jobwire::hub
