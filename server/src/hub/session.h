// Protocol state of one native connection, without I/O. Its transport owns it, feeds it messages, and gives it a Sink.
//
//   awaiting hello -> resuming (pages from its cursor) -> live; past the high-water mark -> resuming again, once drained.
//   A subscribe joins its channels beside: pages from the start, then live in the turn in which a page reaches the head.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "hub/sink.h"
#include "jobwire/channel.h"
#include "jobwire/codec.h"
#include "jobwire/cursor.h"
#include "jobwire/message.h"
#include "jobwire/time.h"

namespace jobwire::hub {

class Hub;

class Session {
 public:
  // Awaits `hello`. `sink` outlives the session; `peer` is for logs and limits.
  Session(Hub& hub, Sink& sink, std::string id, std::string header_token);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One complete message from the client. May answer, close, or both, through the sink.
  void received(std::string_view text);
  // What was sent is on its way: a session past its high-water mark goes on from its cursor.
  void drained();

  const std::string& id() const { return id_; }
  const auth::Principal& principal() const { return principal_; }

 private:
  std::string id_;
  auth::Principal principal_;
};

}  // namespace jobwire::hub
