#include "transport/outbox.h"

#include <algorithm>
#include <utility>

namespace jobwire::transport {
namespace {
constexpr std::size_t kKeptSegments = 16;  // room an empty outbox keeps
}

void Outbox::push(Segment segment) {
  if (!segment || segment->empty()) return;
  bytes_ += segment->size();
  if (!first_) {
    first_ = std::move(segment);
  } else {
    more_.push_back(std::move(segment));
  }
}

std::size_t Outbox::gather(std::span<iovec> entries) const {
  if (!first_) return 0;
  const std::size_t count = std::min(entries.size(), more_.size() - next_ + 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& segment = *at(i);
    const std::size_t skip = i == 0 ? offset_ : 0;
    entries[i] = {const_cast<char*>(segment.data()) + skip, segment.size() - skip};
  }
  return count;
}

void Outbox::consume(std::size_t bytes) {
  bytes_ -= bytes;
  if (bytes_ == 0) return clear();
  while (bytes > 0) {
    const std::size_t left = first_->size() - offset_;
    if (bytes < left) {
      offset_ += bytes;
      break;
    }
    bytes -= left;
    offset_ = 0;
    first_ = std::move(more_[next_++]);
  }
  if (next_ > more_.size() / 2) {
    more_.erase(more_.begin(), more_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
}

void Outbox::clear() {
  first_.reset();
  if (more_.capacity() > kKeptSegments) {
    std::vector<Segment>().swap(more_);
  } else {
    more_.clear();
  }
  next_ = offset_ = bytes_ = 0;
}

}  // namespace jobwire::transport
