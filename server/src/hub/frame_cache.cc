#include "hub/frame_cache.h"

#include "hub/frame.h"

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

}  // namespace jobwire::hub
