// The writes of many sockets in one system call, by io_uring; a fan-out makes one for each socket otherwise. All are
// over when submit() returns: none waits, and no buffer is needed any longer.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>

#include "transport/tls.h"

namespace jobwire::transport {

class SendBatch {
 public:
  static constexpr std::size_t kMostWrites = 256;
  static constexpr std::size_t kMostParts = 64;  // iovecs of one write

  // Null where the kernel has no io_uring, none that sends, or this process may not use it.
  static std::unique_ptr<SendBatch> create();
  ~SendBatch();

  // submit() it, before anything is added.
  bool full() const;
  // Room for the parts of the next write, of which add() takes the first `count`, at least one. What they point to must
  // stay until submit().
  std::span<iovec> parts();
  void add(int socket, std::size_t count);
  // The results in the order of add(), valid until the next submit(). A short write is done: the rest was not tried.
  std::span<const IoResult> submit();
  // The kernel has left a batch half done. Those that it did not tell of have failed, and nothing may be added any
  // more.
  bool broken() const;

 private:
  SendBatch();
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace jobwire::transport
