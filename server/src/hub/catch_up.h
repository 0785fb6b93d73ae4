// The one question, asked page by page for a set of channels that are not live yet.
#pragma once

#include <cstdint>
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
struct PageAsked {
  std::int64_t after = 0;
  std::span<const Channel> channels;
  PageLimits limits = {};
  std::int64_t removals_above = 0;       // who begins afresh has nothing to lose but what goes while the pages come
  const node::Floors* floors = nullptr;  // likewise
};
PageTold tell_page(const node::Node& node, const auth::Principal& who, const PageAsked& asked, dialect::Changes& into,
                   std::vector<const node::JobRecord*>* told = nullptr);

// Channels on their way to being live.
struct CatchUp {
  std::vector<Channel> channels;
  std::int64_t after = 0;
  std::int64_t removals_above = 0;  // removals up to here are no news
  bool reset = false;               // the first page says so
  bool tells_who = false;           // and for whom the client is taken now
  bool anew = false;                // a view begins: it began with `reset`
  bool resume = false;             // its pages carry the connection's cursor; else a subscribe beside the live channels
  std::vector<Channel> truncated;  // of `channels`, those that begin with their newest jobs
  node::Floors floors;             // jobs up to this version may be untold, and come whole when they change

  bool begins() const { return anew || !resume; }  // else it goes on from a cursor, and everything since is told
};

// A catch-up of these channels from the start.
CatchUp from_start(const node::Node& node, std::vector<Channel> channels);
// The same beside a view that was told up to here. It may hold jobs of these through a channel that it leaves, or ask
// for them by a sync: what has changed of them since is told by no other, so all that has changed since is told.
CatchUp joining(const node::Node& node, std::vector<Channel> channels, std::int64_t told_up_to);
// As the table stands: in the turn of a view's first page, of a join, or of a resume.
node::Floors floors_of(const node::Node& node, const std::vector<Channel>& channels);
void take_floors(const node::Node& node, CatchUp& catch_up);  // and what they truncate, where it begins
// Of a resume by who cannot ask back: since its view began jobs may have gone, and others are among the newest now that
// it was never told of. Whatever its wide channels carry comes whole when it first changes.
void raise_floors(CatchUp& catch_up);

}  // namespace jobwire::hub
