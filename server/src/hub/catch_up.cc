#include "hub/catch_up.h"

#include <algorithm>
#include <utility>

#include "hub/delivery.h"

namespace jobwire::hub {

PageTold tell_page(const node::Node& node, const auth::Principal& who, const PageAsked& asked, dialect::Changes& into,
                   std::vector<const node::JobRecord*>* told) {
  const Visibility visibility = auth::visibility(who);
  const node::Page page = node.changes_since(asked.after, asked.channels, asked.limits.jobs, asked.floors);
  PageTold result{page.next, page.at_head};
  for (std::size_t i = 0; i < page.jobs.size(); ++i) {
    const node::JobRecord& record = *page.jobs[i];
    if (!auth::may_see(who, record.state)) continue;
    if (record.state.removed) {
      if (record.state.version > asked.removals_above) {
        into.add_removal(dialect::removal_segment(record.state.id, record.state.version));
      }
    } else {
      into.add_job(snapshot(record, visibility));
      if (told != nullptr) told->push_back(&record);
    }
    if (into.bytes >= asked.limits.bytes && i + 1 < page.jobs.size()) return {record.state.version, false};
  }
  return result;
}

CatchUp from_start(const node::Node& node, std::vector<Channel> channels) {
  CatchUp catch_up;
  catch_up.channels = std::move(channels);
  catch_up.removals_above = node.head().offset;
  take_floors(node, catch_up);
  return catch_up;
}

CatchUp joining(const node::Node& node, std::vector<Channel> channels, std::int64_t told_up_to) {
  CatchUp catch_up = from_start(node, std::move(channels));
  catch_up.removals_above = told_up_to;
  if (told_up_to == 0) return catch_up;  // nothing yet
  for (auto& [channel, floor] : catch_up.floors) floor = std::min(floor, told_up_to);
  return catch_up;
}

void take_floors(const node::Node& node, CatchUp& catch_up) {
  catch_up.floors = floors_of(node, catch_up.channels);
  catch_up.truncated.clear();
  if (!catch_up.begins()) return;
  for (const auto& [channel, floor] : catch_up.floors) catch_up.truncated.push_back(channel);
}

void raise_floors(CatchUp& catch_up) {
  for (const Channel& channel : catch_up.channels) {
    if (is_wide(channel.kind)) catch_up.floors[channel] = catch_up.after;
  }
}

node::Floors floors_of(const node::Node& node, const std::vector<Channel>& channels) {
  node::Floors floors;
  for (const Channel& channel : channels) {
    const std::int64_t floor = is_wide(channel.kind) ? node.floor(channel) : 0;
    if (floor > 0) floors[channel] = floor;
  }
  return floors;
}

}  // namespace jobwire::hub
