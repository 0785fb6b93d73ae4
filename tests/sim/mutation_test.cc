// The simulation can fail: with something broken on a client's way in, the invariants say so.
#include <catch2/catch.hpp>
#include <string>

#include "storm.h"

using namespace jobwire::sim;

namespace {

using Tamper = std::function<std::string(std::string)>;

// Of storms that are prepared by this, how many break an invariant.
int storms_that_fail(const std::function<void(World&)>& prepare) {
  StormOptions options;
  options.prepare = prepare;
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) failed += run_storm(seed, options).empty() ? 0 : 1;
  return failed;
}

int seeds_that_fail(const std::function<Tamper()>& make) {
  return storms_that_fail([&](World& world) {
    for (auto& client : world.clients()) client->tamper = make();
  });
}

// The same for the readers of streams.
int readers_that_fail(const std::function<Tamper()>& make) {
  return storms_that_fail([&](World& world) {
    for (auto& reader : world.readers()) reader->tamper = make();
  });
}

std::string without(std::string text, const std::string& what) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what)) text.erase(at, what.size());
  return text;
}
bool is_changes(const std::string& text) { return text.find("\"cursor\":") != std::string::npos; }

}  // namespace

TEST_CASE("the simulation notices when a message is lost on a wire that holds") {
  CHECK(seeds_that_fail([] {
          return [n = 0](std::string text) mutable {
            return is_changes(text) && text.find("\"jobs\"") != std::string::npos && ++n % 4 == 0 ? std::string()
                                                                                                  : text;
          };
        }) > 20);
}

TEST_CASE("the simulation notices when a message is lost on a stream, or its `reset`") {
  CHECK(readers_that_fail([] {
          return [n = 0](std::string text) mutable {
            return is_changes(text) && text.find("\"jobs\"") != std::string::npos && ++n % 4 == 0 ? std::string()
                                                                                                  : text;
          };
        }) > 20);
  CHECK(readers_that_fail([] { return [](std::string text) { return without(std::move(text), "\"reset\":true,"); }; }) >
        3);
}

TEST_CASE("the simulation notices when `reset` is dropped") {
  CHECK(seeds_that_fail([] { return [](std::string text) { return without(std::move(text), "\"reset\":true,"); }; }) >
        3);
}

TEST_CASE("the simulation notices when `synced` is dropped") {
  CHECK(seeds_that_fail([] { return [](std::string text) { return without(std::move(text), "\"synced\":true,"); }; }) >
        30);
}

TEST_CASE("the simulation notices when `followed` is dropped") {
  CHECK(seeds_that_fail([] {
          return [](std::string text) {
            const auto at = text.find(",\"followed\":[");
            if (at == std::string::npos) return text;
            return text.erase(at, text.find(']', at) - at + 1);
          };
        }) > 30);
}

TEST_CASE("the simulation notices when removals are dropped") {
  CHECK(seeds_that_fail([] {
          return [](std::string text) {
            const auto at = text.find(",\"removed\":[");
            if (at == std::string::npos) return text;
            return text.erase(at, text.find(']', at) - at + 1);
          };
        }) > 10);
}

TEST_CASE("the simulation notices a cursor that runs ahead of what was told") {
  CHECK(seeds_that_fail([] {
          return [](std::string text) {
            const auto at = text.find("\"cursor\":\"");
            if (at == std::string::npos || text.find("\"synced\"") != std::string::npos) return text;
            const auto colon = text.find(':', at + 10);
            const long long offset = std::atoll(text.c_str() + colon + 1);
            const auto end = text.find('"', colon);
            return text.replace(colon + 1, end - colon - 1, std::to_string(offset + 3));
          };
        }) > 10);
}
