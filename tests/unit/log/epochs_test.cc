#include "log/epochs.h"

#include <catch2/catch.hpp>
#include <set>

using namespace jobwire;
using log::begin_epoch;
using log::Epoch;

TEST_CASE("an epoch begins just after the head, under an id of its own") {
  std::vector<Epoch> epochs;
  Random random(1);
  begin_epoch(epochs, random, 0, 0);
  begin_epoch(epochs, random, 17, 0);
  REQUIRE(epochs.size() == 2);
  CHECK(epochs[0].first_offset == 1);
  CHECK(epochs[1].first_offset == 18);
  CHECK(epochs[0].id != epochs[1].id);
}

TEST_CASE("the same randomness again does not give an epoch's id twice") {
  std::vector<Epoch> epochs;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 5; ++i) {
    Random random(1);
    begin_epoch(epochs, random, 0, 0);
    ids.insert(epochs.back().id);
  }
  CHECK(ids.size() == 5);
}

TEST_CASE("an epoch whose last cursor lies below the floor is dropped; the newest never") {
  std::vector<Epoch> epochs{{1, 1}, {2, 11}, {3, 21}};
  Random random(1);
  SECTION("its range ends at the floor: still good") {
    begin_epoch(epochs, random, 30, 10);
    CHECK(epochs.front() == Epoch{1, 1});
  }
  SECTION("its range ends below") {
    begin_epoch(epochs, random, 30, 11);
    CHECK(epochs.front() == Epoch{2, 11});
  }
  SECTION("all of them") {
    begin_epoch(epochs, random, 30, 1000);
    REQUIRE(epochs.size() == 1);
    CHECK(epochs.front().first_offset == 31);
  }
}

TEST_CASE("a server that starts over and over keeps a bounded number of epochs") {
  std::vector<Epoch> epochs;
  Random random(1);
  for (std::size_t i = 0; i < log::kMostEpochs + 20; ++i) begin_epoch(epochs, random, 5, 0);
  CHECK(epochs.size() == log::kMostEpochs);
}
