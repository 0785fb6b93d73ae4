#include "hub/delivery.h"

namespace jobwire::hub {
namespace {

std::size_t slot(Visibility visibility) { return visibility == Visibility::viewer ? 0 : 1; }

}  // namespace

dialect::Segment snapshot(const node::JobRecord& record, Visibility visibility) {
  auto& cached = record.encoded[slot(visibility)];
  if (!cached) cached = dialect::job_segment(record.state, visibility);
  return cached;
}

const dialect::Segment& Delivery::event(Visibility visibility) {
  dialect::Segment& segment = events_[slot(visibility)];
  if (!segment) segment = dialect::event_segment(change_.event, visibility);
  return segment;
}

const dialect::Segment& Delivery::removal() {
  if (!removal_) removal_ = dialect::removal_segment(job().id, job().version);
  return removal_;
}

}  // namespace jobwire::hub
