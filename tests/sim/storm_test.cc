// Whatever happens to network, server, store and pages: once it is over every page is right, and no page was ever
// wrong.
#include "storm.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

using namespace jobwire::sim;

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string in_words(std::uint64_t seed, const Findings& findings) {
  std::string text = "replay with: JOBWIRE_SIM_SEED=" + std::to_string(seed) + " build/tests/sim_tests\n";
  for (std::size_t i = 0; i < findings.size() && i < 12; ++i) text += "  " + findings[i].substr(0, 600) + "\n";
  return text;
}

void weather(const StormOptions& options) {
  const std::uint64_t one = from_environment("JOBWIRE_SIM_SEED", 0);
  const std::uint64_t seeds = one != 0 ? one : from_environment("JOBWIRE_SIM_SEEDS", 1'000);
  for (std::uint64_t seed = one != 0 ? one : 1; seed <= seeds; ++seed) {
    const Findings findings = run_storm(seed, options);
    if (!findings.empty()) FAIL_CHECK(in_words(seed, findings));
  }
  CHECK(seeds > 0);
}

}  // namespace

TEST_CASE("a storm of faults leaves every view equal to the server's table") { weather({}); }

TEST_CASE("so does one over pages that change what they follow all the time") { weather({.restless = true}); }
