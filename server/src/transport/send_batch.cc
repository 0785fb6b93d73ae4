#include "transport/send_batch.h"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace jobwire::transport {
namespace {

using Status = IoResult::Status;
constexpr std::size_t kPartsOfAll = 1024;
// Without MSG_DONTWAIT the ring would wait for the peer, and the batch with it.
constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

IoResult outcome(int result) {
  if (result > 0) return {Status::done, static_cast<std::size_t>(result)};
  return {result == -EAGAIN || result == -EINTR ? Status::awaits_writing : Status::failed};
}

// A ring can be had where it cannot be used: kernels before 5.6 do not know these operations and would fail every
// write, and a sandbox may forbid to enter what it let be made.
bool can_send(io_uring& ring) {
  const std::unique_ptr<io_uring_probe, decltype(&io_uring_free_probe)> known(io_uring_get_probe_ring(&ring),
                                                                              &io_uring_free_probe);
  if (!known || !io_uring_opcode_supported(known.get(), IORING_OP_SEND) ||
      !io_uring_opcode_supported(known.get(), IORING_OP_SENDMSG)) {
    return false;
  }
  io_uring_prep_nop(io_uring_get_sqe(&ring));
  if (io_uring_submit_and_wait(&ring, 1) != 1) return false;
  io_uring_cq_advance(&ring, 1);
  return true;
}

}  // namespace

struct SendBatch::Native {
  io_uring ring{};
  bool open = false;
  std::size_t writes = 0;
  std::size_t used_parts = 0;
  std::array<iovec, kPartsOfAll> parts;
  std::array<msghdr, kMostWrites> messages{};
  std::array<IoResult, kMostWrites> results;

  ~Native() {
    if (open) io_uring_queue_exit(&ring);
  }

  std::size_t take_results() {
    io_uring_cqe* completion = nullptr;
    unsigned head = 0;
    unsigned seen = 0;
    io_uring_for_each_cqe(&ring, head, completion) {
      results[completion->user_data] = outcome(completion->res);
      ++seen;
    }
    io_uring_cq_advance(&ring, seen);
    return seen;
  }
};

SendBatch::SendBatch() : native_(std::make_unique<Native>()) {}
SendBatch::~SendBatch() = default;

std::unique_ptr<SendBatch> SendBatch::create() {
  std::unique_ptr<SendBatch> batch(new SendBatch);
  Native& native = *batch->native_;
  native.open = io_uring_queue_init(kMostWrites, &native.ring, 0) == 0;
  return native.open && can_send(native.ring) ? std::move(batch) : nullptr;
}

bool SendBatch::full() const {
  return native_->writes == kMostWrites || native_->used_parts + kMostParts > kPartsOfAll;
}

std::span<iovec> SendBatch::parts() { return std::span(native_->parts).subspan(native_->used_parts, kMostParts); }

void SendBatch::add(int socket, std::size_t count) {
  io_uring_sqe* entry = io_uring_get_sqe(&native_->ring);  // there is one: the ring has kMostWrites
  iovec& first = native_->parts[native_->used_parts];
  if (count == 1) {
    io_uring_prep_send(entry, socket, first.iov_base, first.iov_len, kFlags);
  } else {
    msghdr& message = native_->messages[native_->writes];
    message.msg_iov = &first;
    message.msg_iovlen = count;
    io_uring_prep_sendmsg(entry, socket, &message, kFlags);
  }
  entry->user_data = native_->writes++;
  native_->used_parts += count;
}

std::span<const IoResult> SendBatch::submit() {
  const std::size_t count = std::exchange(native_->writes, 0);
  native_->used_parts = 0;
  std::fill_n(native_->results.begin(), count, IoResult{});
  for (std::size_t done = 0; done < count;) {
    const int submitted = io_uring_submit_and_wait(&native_->ring, static_cast<unsigned>(count - done));
    done += native_->take_results();
    if (submitted >= 0 || submitted == -EINTR) continue;
    io_uring_queue_exit(&native_->ring);  // what it still holds would be written with the next batch
    native_->open = false;
    break;
  }
  return std::span(native_->results).first(count);
}

bool SendBatch::broken() const { return !native_->open; }

}  // namespace jobwire::transport
