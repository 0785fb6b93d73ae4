// What a connection has yet to write: shared segments in order, gathered for one system call at a time.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
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

  // Fills at most `most` entries with what comes next; returns how many.
  std::size_t gather(iovec* entries, std::size_t most) const;
  // The first `bytes` gathered were written.
  void consume(std::size_t bytes);
  void clear();

 private:
  std::vector<Segment> segments_;
  std::size_t first_ = 0;   // segments before it are written
  std::size_t offset_ = 0;  // into the first
  std::size_t bytes_ = 0;
};

}  // namespace jobwire::transport
