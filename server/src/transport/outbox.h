// What a connection has yet to write: shared segments in order, gathered for one system call at a time.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace jobwire::transport {

class Outbox {
 public:
  using Segment = std::shared_ptr<const std::string>;

  void push(Segment segment);
  void push(std::string bytes) { push(std::make_shared<const std::string>(std::move(bytes))); }

  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }

  // Fills entries with what comes next; returns how many.
  std::size_t gather(std::span<iovec> entries) const;
  // The first `bytes` gathered were written.
  void consume(std::size_t bytes);
  void clear();

 private:
  const Segment& at(std::size_t i) const { return i == 0 ? first_ : more_[next_ + i - 1]; }

  // An outbox mostly holds one segment, and then touches no memory but its own.
  Segment first_;
  std::vector<Segment> more_;
  std::size_t next_ = 0;    // of `more_`; those before it have moved up
  std::size_t offset_ = 0;  // into the first
  std::size_t bytes_ = 0;
};

}  // namespace jobwire::transport
