// One client as JavaScript drives it: a session, its store, and the packed output of the last question.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/client_session.h"
#include "jobwire/job_store.h"
#include "packed.h"
#include "records.h"

namespace jobwire::wasm {

class Bridge {
 public:
  // `numbers`: the options in the order of ts/core/core.ts; NaN keeps the default.
  Bridge(std::string_view client_name, const double* numbers, std::uint64_t seed);

  ClientSession& session() { return session_; }

  // Channels are lines; one that breaks the rules of ids comes back as a ChannelRefused.
  void follow(UnixMs now, std::string_view lines);
  void unfollow(UnixMs now, std::string_view lines);
  bool is_followed(std::string_view channel) const;

  // The actions since the last call. Valid until the next take, as are the changes.
  const Packed& take_actions();
  // The jobs that changed since the last call.
  const Packed& take_changes();
  const Packed& out() const { return out_; }

 private:
  std::vector<Channel> channels_in(std::string_view lines);

  JobStore store_;
  PackedActions actions_;
  ClientSession session_;
  DurationMs told_latency_ = -1;
  Packed out_;
};

}  // namespace jobwire::wasm
