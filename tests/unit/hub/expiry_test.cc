#include "hub/expiry.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using hub::Expiry;

TEST_CASE("an expired token is told once, and ends its connection after the grace") {
  Expiry expiry;
  CHECK(expiry.check(1'000, 30'000, 999) == Expiry::Due::nothing);
  CHECK(expiry.check(1'000, 30'000, 1'400) == Expiry::Due::tell);
  CHECK(expiry.check(1'000, 30'000, 31'399) == Expiry::Due::nothing);
  CHECK(expiry.check(1'000, 30'000, 31'400) == Expiry::Due::close);
}

TEST_CASE("a fresh token starts anew, and one without an end never ends") {
  Expiry expiry;
  CHECK(expiry.check(1'000, 30'000, 1'000) == Expiry::Due::tell);
  expiry.renewed();
  CHECK(expiry.check(60'000, 30'000, 40'000) == Expiry::Due::nothing);
  CHECK(expiry.check(60'000, 30'000, 60'000) == Expiry::Due::tell);
  Expiry forever;
  CHECK(forever.check(0, 30'000, 1'000'000'000'000) == Expiry::Due::nothing);
}

TEST_CASE("without a grace the connection ends at the next look") {
  Expiry expiry;
  CHECK(expiry.check(1'000, 0, 1'000) == Expiry::Due::tell);
  CHECK(expiry.check(1'000, 0, 1'000) == Expiry::Due::close);
}
