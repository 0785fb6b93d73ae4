#include "server_usage.h"

#include <time.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace jobwire::bench {
namespace {

std::int64_t cpu_ns(pid_t process) {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

std::int64_t field(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  std::string key;
  for (std::int64_t value; in >> key >> value;) {
    if (key == name) return value;
  }
  return 0;
}

std::int64_t resident_bytes(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/statm");
  std::int64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

ServerUsage usage_of(pid_t process) {
  return {cpu_ns(process), field("/proc/" + std::to_string(process) + "/io", "syscw:"), resident_bytes(process)};
}

}  // namespace jobwire::bench
