#include "server_usage.h"

#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "publisher.h"

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

std::int64_t writes_told_by(std::uint16_t port) {
  const std::string text = http_get(port, "/metrics");
  const std::size_t at = text.find("\njobwire_writes_total ");
  return at == std::string::npos ? 0 : std::atoll(text.c_str() + text.find(' ', at));
}

}  // namespace

ServerUsage usage_of(pid_t process, std::uint16_t metrics_port) {
  const std::int64_t writes =
      metrics_port != 0 ? writes_told_by(metrics_port) : field("/proc/" + std::to_string(process) + "/io", "syscw:");
  return {cpu_ns(process), writes, resident_bytes(process)};
}

}  // namespace jobwire::bench
