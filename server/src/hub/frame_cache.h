// The frames of one flush: sessions with the same pieces to tell, in the same framing, share the same bytes.
#pragma once

#include <vector>

#include "dialect/native.h"
#include "hub/sink.h"

namespace jobwire::hub {

class FrameCache {
 public:
  // The frame for these changes at this cursor (and nothing else in it). Valid for one flush: the cursor is the same
  // for all.
  Frame get(Framing framing, const Cursor& cursor, const dialect::Changes& changes);
  Frame get(Framing framing, const push::Estimates& estimates);
  void clear() {
    recent_.clear();
    recent_estimates_.clear();
  }
  std::uint64_t built() const { return built_; }

 private:
  struct Entry {
    Framing framing;
    dialect::Changes changes;
    Frame frame;
  };
  struct EstimatesEntry {
    Framing framing;
    push::Estimates estimates;
    Frame frame;
  };
  std::vector<Entry> recent_;  // the newest few: viewer and admin, text and binary
  std::size_t next_ = 0;
  std::vector<EstimatesEntry> recent_estimates_;
  std::uint64_t built_ = 0;
};

}  // namespace jobwire::hub
