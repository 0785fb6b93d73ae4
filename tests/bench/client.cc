// bench_client name=value ...: runs one scenario against one server and prints one line of JSON. Started by run.mjs.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "scenario.h"

namespace {

using Arguments = std::map<std::string, std::string>;

Arguments parse(int count, char** texts) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string text = texts[i];
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) arguments[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return arguments;
}

double number(const Arguments& arguments, const std::string& name, double otherwise) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? otherwise : std::atof(found->second.c_str());
}

std::string text(const Arguments& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::string() : found->second;
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** texts) {
  using namespace jobwire::bench;
  raise_descriptor_limit();
  const Arguments arguments = parse(count, texts);
  Plan plan;
  plan.scenario = text(arguments, "scenario");
  plan.connections = static_cast<std::size_t>(number(arguments, "connections", 1000));
  plan.burst = static_cast<std::size_t>(number(arguments, "burst", 1));
  plan.jobs = static_cast<std::size_t>(number(arguments, "jobs", 0));
  plan.rate = number(arguments, "rate", 0);
  plan.seconds = number(arguments, "seconds", 5);
  plan.event_bytes = static_cast<std::size_t>(number(arguments, "bytes", 220));
  const Target target{static_cast<std::uint16_t>(number(arguments, "port", 0)),
                      static_cast<pid_t>(number(arguments, "pid", 0)),
                      static_cast<std::uint16_t>(number(arguments, "metrics", 0)), text(arguments, "service")};
  const auto wire = make_wire({text(arguments, "wire"), text(arguments, "token"), text(arguments, "channel")});
  std::printf("%s\n", run_scenario(plan, target, *wire).c_str());
}
