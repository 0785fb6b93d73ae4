// What a server process has used so far, read from outside.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace jobwire::bench {

struct ServerUsage {
  std::int64_t cpu_ns = 0;         // all threads, user and system
  std::int64_t write_calls = 0;    // write, writev; send and sendmsg are not in the kernel's count (proc_pid_io(5))
  std::int64_t resident_bytes = 0;
};

ServerUsage usage_of(pid_t process);

}  // namespace jobwire::bench
