#include "transport/send_batch.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using jobwire::transport::IoResult;
using jobwire::transport::SendBatch;
using Status = IoResult::Status;

namespace {

// Two ends of a stream, both closed with it.
struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0); }
  Pair(Pair&& other) noexcept : ends{std::exchange(other.ends[0], -1), std::exchange(other.ends[1], -1)} {}
  ~Pair() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (ends[i] >= 0) ::close(std::exchange(ends[i], -1));
  }
  std::string read() const {
    std::string bytes(64, 0);
    const ssize_t got = recv(ends[1], bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  int ends[2];
};

std::unique_ptr<SendBatch> some_batch() {
  auto batch = SendBatch::create();
  if (!batch) WARN("this machine has no io_uring: the test has nothing to look at");
  return batch;
}

void add(SendBatch& batch, int socket, std::initializer_list<std::string_view> parts) {
  auto entries = batch.parts();
  std::size_t count = 0;
  for (std::string_view part : parts) entries[count++] = {const_cast<char*>(part.data()), part.size()};
  batch.add(socket, count);
}

// From here on this system call fails so for this process, as a sandbox or an older kernel has it.
bool forbid(unsigned system_call, unsigned error) {
  const unsigned verdict = SECCOMP_RET_ERRNO | error;
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, system_call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, verdict),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{filter.size(), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

TEST_CASE("every socket of a batch gets its own bytes, and the results come in order") {
  const auto batch = some_batch();
  if (!batch) return;
  std::vector<Pair> pairs(3);
  for (int round = 0; round < 3; ++round) {
    add(*batch, pairs[0].ends[0], {"one"});
    add(*batch, pairs[1].ends[0], {"two ", "and ", "more"});
    add(*batch, pairs[2].ends[0], {"three"});
    const auto results = batch->submit();
    REQUIRE(results.size() == 3);
    for (const IoResult& result : results) CHECK(result.status == Status::done);
    CHECK(results[0].bytes == 3);
    CHECK(results[1].bytes == 12);
    CHECK(results[2].bytes == 5);
    CHECK(pairs[0].read() == "one");
    CHECK(pairs[1].read() == "two and more");
    CHECK(pairs[2].read() == "three");
  }
  CHECK_FALSE(batch->broken());
}

TEST_CASE("a batch waits for no peer: what is blocked, short, gone or closed is told of the socket it happened to") {
  const auto batch = some_batch();
  if (!batch) return;
  std::vector<Pair> pairs(5);
  const std::string much(8 << 20, 'x');
  // Both ways of a socket to be: it waits, as its flags say, or it does not.
  const bool waits = GENERATE(true, false);
  for (const Pair& pair : pairs) {
    if (!waits) fcntl(pair.ends[0], F_SETFL, O_NONBLOCK);
  }
  while (send(pairs[0].ends[0], much.data(), 4096, MSG_DONTWAIT) > 0) continue;
  pairs[2].close_end(1);
  add(*batch, pairs[0].ends[0], {"blocked"});
  add(*batch, pairs[1].ends[0], {much});
  add(*batch, pairs[2].ends[0], {"gone"});
  add(*batch, -1, {"closed"});
  add(*batch, pairs[4].ends[0], {"well"});
  const auto results = batch->submit();
  REQUIRE(results.size() == 5);
  CHECK(results[0].status == Status::awaits_writing);
  CHECK(results[1].status == Status::done);
  CHECK(results[1].bytes < much.size());
  CHECK(results[2].status == Status::failed);
  CHECK(results[3].status == Status::failed);
  CHECK(results[4].status == Status::done);
  CHECK(pairs[4].read() == "well");
}

TEST_CASE("a batch is full by its writes, or by their parts, and takes as many again after submit()") {
  const auto batch = some_batch();
  if (!batch) return;
  Pair pair;
  for (int round = 0; round < 2; ++round) {
    std::size_t writes = 0;
    for (; !batch->full(); ++writes) add(*batch, pair.ends[0], {"a"});
    CHECK(writes == SendBatch::kMostWrites);
    CHECK(batch->submit().size() == writes);
    for (std::size_t read = 0; read < writes;) read += pair.read().size();

    std::size_t parts = 0;
    for (; !batch->full(); parts += SendBatch::kMostParts) {
      auto entries = batch->parts();
      REQUIRE(entries.size() == SendBatch::kMostParts);
      for (auto& entry : entries) entry = {const_cast<char*>("b"), 1};
      batch->add(pair.ends[0], entries.size());
    }
    std::size_t written = 0;
    for (const IoResult& result : batch->submit()) written += result.bytes;
    CHECK(written == parts);
    for (std::size_t read = 0; read < written;) read += pair.read().size();
  }
}

TEST_CASE("there is no batch where the ring may not be made, or not be asked what it can, or not be entered") {
  if (!some_batch()) return;
  const auto [system_call, error] =
      GENERATE(std::pair(SYS_io_uring_setup, EPERM), std::pair(SYS_io_uring_setup, ENOSYS),
               std::pair(SYS_io_uring_setup, ENOMEM), std::pair(SYS_io_uring_register, EINVAL),
               std::pair(SYS_io_uring_enter, EPERM));
  enum Seen { nothing, batch, unable };
  const pid_t child = fork();
  if (child == 0) {
    if (!forbid(static_cast<unsigned>(system_call), static_cast<unsigned>(error))) _exit(unable);
    _exit(SendBatch::create() ? batch : nothing);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == nothing);
}
