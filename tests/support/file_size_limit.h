// A full disk, as this process sees it: files cannot grow past a size until lift().
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstdint>

namespace jobwire::test {

class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uint64_t bytes) : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    lift();
    std::signal(SIGXFSZ, signal_before_);
  }
  void lift() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  using Action = void (*)(int);
  Action signal_before_;
  rlimit before_{};
};

}  // namespace jobwire::test
