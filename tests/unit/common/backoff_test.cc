#include "jobwire/backoff.h"

#include <catch2/catch.hpp>
#include <map>

using namespace jobwire;

TEST_CASE("a delay is never shorter than the floor nor longer than the doubled base and the cap") {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    Backoff backoff({500, 8'000, 100});
    for (int failure = 0; failure < 12; ++failure) {
      const DurationMs delay = backoff.next(random);
      CHECK(delay >= 100);
      CHECK(delay <= std::min<DurationMs>(8'000, 500 << failure));
    }
  }
}

TEST_CASE("delays of many clients are spread evenly, without a heap at the floor") {
  std::map<DurationMs, int> slots;
  for (std::uint64_t client = 0; client < 10'000; ++client) {
    Random random(client);
    Backoff backoff({1'000, 30'000, 100});
    ++slots[backoff.next(random) / 100];
  }
  for (const auto& [slot, clients] : slots) CHECK(clients < 1'400);  // nine slots of 1,111
}

TEST_CASE("failures are counted until reset") {
  Random random(1);
  Backoff backoff;
  backoff.next(random);
  backoff.next(random);
  CHECK(backoff.failures() == 2);
  backoff.reset();
  CHECK(backoff.failures() == 0);
  CHECK(backoff.next(random) <= 500);
}

TEST_CASE("after very many failures the delay stays within the cap") {
  Random random(1);
  Backoff backoff({1'000, 30'000, 100});
  for (int i = 0; i < 1'000; ++i) {
    const DurationMs delay = backoff.next(random);
    CHECK(delay >= 100);
    CHECK(delay <= 30'000);
  }
}

TEST_CASE("a cap below the floor gives the floor") {
  Random random(1);
  Backoff backoff({10, 20, 100});
  CHECK(backoff.next(random) == 100);
}
