#include "hub/frame_cache.h"

#include "hub/frame.h"
#include "jobwire/codec.h"

namespace jobwire::hub {
namespace {
constexpr std::size_t kRecent = 8;
}  // namespace

Frame FrameCache::get(Framing framing, const Cursor& cursor, const dialect::Changes& changes) {
  for (const Entry& entry : recent_) {
    if (entry.framing == framing && entry.changes.same_segments(changes)) return entry.frame;
  }
  ++built_;
  Frame frame = make_frame(framing, dialect::changes_message({.cursor = cursor}, changes));
  if (recent_.size() < kRecent) {
    recent_.push_back({framing, changes, frame});
  } else {
    recent_[next_++ % kRecent] = {framing, changes, frame};
  }
  return frame;
}

Frame FrameCache::get(Framing framing, const push::Estimates& estimates) {
  for (const EstimatesEntry& entry : recent_estimates_) {
    if (entry.framing == framing && entry.estimates == estimates) return entry.frame;
  }
  ++built_;
  Frame frame = make_frame(framing, encode_server_message(estimates));
  if (recent_estimates_.size() < kRecent) recent_estimates_.push_back({framing, estimates, frame});
  return frame;
}

}  // namespace jobwire::hub
