#include "observe/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace jobwire::observe {

ProcessUse process_use() {
  ProcessUse use;
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> resident) {
    use.resident_bytes = resident * sysconf(_SC_PAGESIZE);
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    use.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return use;
}

}  // namespace jobwire::observe
