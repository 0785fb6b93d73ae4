// Not with the sanitizers: UBSan's vptr check opens a pipe to see whether memory is readable, and takes a pipe that it
// cannot have for a wild pointer.
#ifndef __SANITIZE_ADDRESS__
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "integration/transport_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

// Takes every descriptor that the process may have; gives them back.
class AllDescriptors {
 public:
  AllDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    taken_.push_back(next);
    low.rlim_cur = static_cast<rlim_t>(next) + 16;
    ::setrlimit(RLIMIT_NOFILE, &low);
    for (int taken = ::dup(next); taken >= 0; taken = ::dup(next)) taken_.push_back(taken);
  }
  ~AllDescriptors() {
    for (int taken : taken_) ::close(taken);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  void give_one_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace

TEST_CASE("a server without descriptors left serves whom it has, and accepts again when there are some") {
  RunningTransport server;
  auto kept = server.connect();
  CHECK(kept.ask("GET /a HTTP/1.1\r\nHost: h\r\n\r\n").status == 200);
  std::optional<RawSocket> waiting;
  {
    AllDescriptors none_left;
    none_left.give_one_back();
    waiting.emplace(server.port());
    waiting->send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    server.await_stats([](const auto& stats) { return stats.accept_failures > 0; });
    CHECK(kept.ask("GET /c HTTP/1.1\r\nHost: h\r\n\r\n").body == "GET /c ");
    CHECK(server.stats().accepted == 1);
  }
  CHECK(waiting->read_response().body == "GET /b ");
}

#endif
