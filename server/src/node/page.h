// One page of the answer to the one question: which jobs of these channels have changed since?
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "jobwire/channel.h"
#include "node/job_table.h"

namespace jobwire::node {

// In version order.
struct Page {
  std::vector<const JobRecord*> jobs;  // tombstones among them (`state.removed`)
  std::int64_t next = 0;               // every job of these channels up to this version is told
  bool at_head = false;
};

// Of a wide channel: the version below which its jobs are not told to who begins with it.
using Floors = std::map<Channel, std::int64_t>;

struct PageRequest {
  std::int64_t after = 0;  // 0: from the start, see start_of(), unless there are floors
  std::span<const Channel> channels;
  std::size_t limit = 1;           // jobs; at least one
  std::size_t wide_start = 0;      // live jobs that a wide channel begins with
  const Floors* floors = nullptr;  // of a start: where each channel begins, or began
};
Page page_of(const JobTable& table, const PageRequest& request, std::int64_t head);

// Version just below the oldest job that a channel begins with, when told from the start; 0: it is told whole.
std::int64_t start_of(const JobTable& table, const Channel& channel, std::size_t wide_start);

}  // namespace jobwire::node
