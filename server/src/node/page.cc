#include "node/page.h"

#include <algorithm>

namespace jobwire::node {
namespace {

using Position = JobTable::ByVersion::const_iterator;

// What one channel has still to tell: a part of its list, or a single job.
struct Run {
  std::int64_t version;
  const JobRecord* job;
  Position next, end;  // what follows `job`
};

bool is_later(const Run& a, const Run& b) { return a.version > b.version; }  // heap order: the oldest on top

bool take(Run& run) {
  if (run.next == run.end) return false;
  run.version = run.next->first;
  run.job = run.next->second;
  ++run.next;
  return true;
}

std::int64_t start_in(const JobTable& table, const Channel& channel, const PageRequest& request) {
  if (request.floors == nullptr) {
    return request.after == 0 ? start_of(table, channel, request.wide_start) : request.after;
  }
  const auto floor = request.floors->find(channel);
  return floor == request.floors->end() ? request.after : std::max(request.after, floor->second);
}

std::vector<Run> runs_of(const JobTable& table, const PageRequest& request) {
  std::vector<Run> runs;
  runs.reserve(request.channels.size());
  for (const Channel& channel : request.channels) {
    if (channel.kind == ChannelKind::job) {
      const JobRecord* job = table.find(JobId{channel.id});
      if (job && job->state.version > request.after) runs.push_back({job->state.version, job, {}, {}});
    } else if (const JobTable::ByVersion* list = table.channel(channel)) {
      Run run{0, nullptr, list->upper_bound(start_in(table, channel, request)), list->end()};
      if (take(run)) runs.push_back(run);
    }
  }
  std::make_heap(runs.begin(), runs.end(), is_later);
  return runs;
}

// The next job in version order, once however many channels carry it; null: no more.
const JobRecord* take_oldest(std::vector<Run>& runs) {
  if (runs.empty()) return nullptr;
  const JobRecord* oldest = runs.front().job;
  while (!runs.empty() && runs.front().job == oldest) {
    std::pop_heap(runs.begin(), runs.end(), is_later);
    if (take(runs.back())) {
      std::push_heap(runs.begin(), runs.end(), is_later);
    } else {
      runs.pop_back();
    }
  }
  return oldest;
}

}  // namespace

Page page_of(const JobTable& table, const PageRequest& request, std::int64_t head) {
  std::vector<Run> runs = runs_of(table, request);
  const std::size_t limit = std::max<std::size_t>(request.limit, 1);
  Page page;
  while (page.jobs.size() < limit) {
    const JobRecord* job = take_oldest(runs);
    if (!job) break;
    page.jobs.push_back(job);
  }
  page.at_head = runs.empty();
  page.next = page.at_head ? head : page.jobs.back()->state.version;
  return page;
}

std::int64_t start_of(const JobTable& table, const Channel& channel, std::size_t wide_start) {
  const JobTable::ByVersion* list = is_wide(channel.kind) ? table.channel(channel) : nullptr;
  if (!list) return 0;
  std::size_t live = 0;
  for (auto at = list->rbegin(); at != list->rend(); ++at) {
    if (at->second->state.removed) continue;
    if (live == wide_start) return at->first;
    ++live;
  }
  return 0;
}

}  // namespace jobwire::node
