// What a server process has used so far, read from outside.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace jobwire::bench {

struct ServerUsage {
  std::int64_t cpu_ns = 0;  // all threads, user and system
  std::int64_t write_calls = 0;
  std::int64_t resident_bytes = 0;
};

// `metrics_port`: where GET /metrics tells jobwire_writes_total; 0: the kernel's count of write and writev is
// taken, in which send and sendmsg are missing (proc_pid_io(5)).
ServerUsage usage_of(pid_t process, std::uint16_t metrics_port);

}  // namespace jobwire::bench
