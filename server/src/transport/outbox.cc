#include "transport/outbox.h"

#include <utility>

namespace jobwire::transport {
namespace {
constexpr std::size_t kKeptSegments = 16;  // room an empty outbox keeps
}

void Outbox::push(Segment segment) {
  if (!segment || segment->empty()) return;
  bytes_ += segment->size();
  segments_.push_back(std::move(segment));
}

std::size_t Outbox::gather(iovec* entries, std::size_t most) const {
  std::size_t count = 0;
  std::size_t skip = offset_;
  for (std::size_t i = first_; i < segments_.size() && count < most; ++i, ++count) {
    entries[count].iov_base = const_cast<char*>(segments_[i]->data()) + skip;
    entries[count].iov_len = segments_[i]->size() - skip;
    skip = 0;
  }
  return count;
}

void Outbox::consume(std::size_t bytes) {
  bytes_ -= bytes;
  while (bytes > 0) {
    const std::size_t left = segments_[first_]->size() - offset_;
    if (bytes < left) {
      offset_ += bytes;
      break;
    }
    bytes -= left;
    offset_ = 0;
    segments_[first_++].reset();
  }
  if (bytes_ == 0) {
    clear();
  } else if (first_ > segments_.size() / 2) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Outbox::clear() {
  if (segments_.capacity() > kKeptSegments) {
    std::vector<Segment>().swap(segments_);
  } else {
    segments_.clear();
  }
  first_ = offset_ = bytes_ = 0;
}

}  // namespace jobwire::transport
