// What this process uses of the machine.
#pragma once

#include <cstdint>

namespace jobwire::observe {

struct ProcessUse {
  std::int64_t resident_bytes = 0;  // 0: /proc is not there
  double cpu_seconds = 0;           // user and system
};
ProcessUse process_use();

}  // namespace jobwire::observe
