#include "node/repeats.h"

#include <catch2/catch.hpp>

#include "support/events.h"

using namespace jobwire;
using namespace jobwire::test;

TEST_CASE("a repeat has the job and the eventId of an earlier event, and names the first of them") {
  const std::vector<JobEvent> events{
      with_event_id(started("a"), "1"), with_event_id(started("b"), "1"),     started("a"),
      with_event_id(started("a"), "2"), with_event_id(progress("a", 5), "1"), started("a"),
      with_event_id(started("a"), "1"), with_event_id(started("b"), "1")};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  for (const node::Repeat& repeat : node::repeats_among(events, {0, 1, 2, 3, 4, 5, 6, 7})) {
    found.emplace_back(repeat.index, repeat.elder);
  }
  CHECK(found == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{4, 0}, {6, 0}, {7, 1}});
}

TEST_CASE("only the events that are asked about count") {
  const std::vector<JobEvent> events(3, with_event_id(started("a"), "1"));
  CHECK(node::repeats_among(events, {1}).empty());
  const auto repeats = node::repeats_among(events, {1, 2});
  REQUIRE(repeats.size() == 1);
  CHECK(repeats[0].elder == 1);
  CHECK(node::repeats_among({}, {}).empty());
}
