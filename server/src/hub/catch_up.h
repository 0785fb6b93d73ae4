// The one question, asked page by page for a set of channels that are not live yet.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "auth/principal.h"
#include "dialect/native.h"
#include "jobwire/channel.h"
#include "node/node.h"

namespace jobwire::hub {

struct PageLimits {
  std::size_t bytes = 64 << 10;
  std::size_t jobs = 256;
};

// Fills `into` with what `who` may see of the page after `after`, up to the limits; at least one job.
struct PageTold {
  std::int64_t next = 0;  // everything up to here is told
  bool at_head = false;
};
// Removals are told above `removals_above`: who begins afresh has nothing to lose but what goes while the pages come.
PageTold tell_page(const node::Node& node, const auth::Principal& who, std::int64_t after,
                   std::span<const Channel> channels, PageLimits limits, std::int64_t removals_above,
                   dialect::Changes& into, std::vector<const node::JobRecord*>* told = nullptr);

// Channels on their way to being live.
struct CatchUp {
  std::vector<Channel> channels;
  std::int64_t after = 0;
  std::int64_t removals_above = 0;  // removals up to here are no news
  bool reset = false;               // the first page says so
  bool anew = false;                // a view begins: it began with `reset`
  bool resume = false;             // its pages carry the connection's cursor; else a subscribe beside the live channels
  std::vector<Channel> truncated;  // of `channels`, those that begin with their newest jobs
  // Of a wide channel: jobs up to this version may be untold, and come whole when they change.
  std::map<Channel, std::int64_t> floors;
};

// A catch-up of these channels from the start.
CatchUp from_start(const node::Node& node, std::vector<Channel> channels);
// As the table stands: in the turn of the first page, or of a resume.
std::map<Channel, std::int64_t> floors_of(const node::Node& node, const std::vector<Channel>& channels);

}  // namespace jobwire::hub
