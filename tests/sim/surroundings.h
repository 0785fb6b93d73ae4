// What a page or a reader stands in: the time, its tokens, the server that there is now, and where it complains.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "access.h"
#include "server.h"
#include "timeline.h"

namespace jobwire::sim {

struct Surroundings {
  Timeline& timeline;
  Random& random;
  Tokens& tokens;
  std::function<Server*()> server;  // null: there is none now
  std::vector<std::string>& violations;

  // JOBWIRE_SIM_TRACE=<a part of its name> prints one's life.
  void trace(const std::string& name, const char* what, const std::string& text) const {
    static const char* const traced = std::getenv("JOBWIRE_SIM_TRACE");
    if (traced == nullptr || name.find(traced) == std::string::npos) return;
    std::fprintf(stderr, "%8lld %s %s %s\n", static_cast<long long>(since_start()), name.c_str(), what, text.c_str());
  }
  void complain(const std::string& name, const std::string& what) const {
    trace(name, "!!", what);
    violations.push_back("t=" + std::to_string(since_start()) + " " + name + ": " + what);
  }

 private:
  DurationMs since_start() const { return timeline.now() - Timeline::kStart; }
};

}  // namespace jobwire::sim
