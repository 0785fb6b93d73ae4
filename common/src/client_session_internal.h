// What the files of ClientSession share: reasons and the durations that are no options.
#pragma once

#include "codec_internal.h"
#include "jobwire/client_session.h"

namespace jobwire {

// Why the connection is as it is.
enum class ClientSession::Why : std::uint8_t {
  starting,  // the first connection
  reconnecting,
  online,
  degraded,  // online; the server cannot store
  polling,   // WebSocket does not work here
  no_network,
  unreachable,  // nothing answers
  lost,         // a working connection broke
  silent,       // nothing was heard for twice the heartbeat
  draining,
  busy,        // rate limited, or the server is overloaded
  unreadable,  // the server's message could not be read
  hidden,
  token_first,   // waiting for the first token
  token_again,   // waiting for a fresh one
  token_failed,  // the owner could not get one
  unauthenticated,
  forbidden,
  bad_message,
  too_large,
  no_transport,
  closed,
};

struct WhyWords {
  std::string_view code;
  std::string_view text;
};

// One for all messages: what a text is read into serves the next one, too.
struct ClientSession::Reader {
  json::Tape tape;
  json::Records records{tape};
};

// Of no epoch: a server answers it with a reset.
inline constexpr std::string_view kNoEpoch = "0000000000000000:0";

inline constexpr DurationMs kStable = 5'000;       // a connection that lasted this long worked: backoff begins anew
inline constexpr DurationMs kAwakeGrace = 5'000;   // for an answer to a probe, and for queued messages after a sleep
inline constexpr DurationMs kLate = 2'000;         // a timer later than this: the page was asleep
inline constexpr DurationMs kGather = 20;          // calls to follow() that come together make one poll
inline constexpr DurationMs kPollGap = 200;        // between polls that have something to tell
inline constexpr DurationMs kIdlePollGap = 1'000;  // first gap where polls are answered at once with nothing
inline constexpr DurationMs kLongestDirected = 600'000;
inline constexpr DurationMs kDefaultHeartbeat = 25'000;
inline constexpr DurationMs kRejoinAfter = 2'000;  // a subscribe that the server could not serve just now

}  // namespace jobwire
