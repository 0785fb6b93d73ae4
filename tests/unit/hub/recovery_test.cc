// What a connection that comes back says of where it was.
#include "hub/recovery.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using hub::parse_recovery_point;
using hub::RecoveryPoint;

TEST_CASE("a point of recovery is a cursor, and where it differs the offset to go on from") {
  const RecoveryPoint plain{{0xabc0, 100}, 100}, waiting{{0xabc0, 100}, 49}, nothing{{0xabc0, 0}, 0};
  CHECK(to_string(plain) == "000000000000abc0:100");
  CHECK(to_string(waiting) == "000000000000abc0:100/49");
  for (const RecoveryPoint& each : {plain, waiting, nothing}) CHECK(parse_recovery_point(to_string(each)) == each);
}

TEST_CASE("what no server gave is no point of recovery") {
  for (const char* text :
       {"", "/", "/5", "x", "000000000000abc0", "000000000000abc0:", "000000000000abc0:5/", "000000000000abc0:5/6",
        "000000000000abc0:5/-1", "000000000000abc0:5/ 1", "000000000000abc0:5/1 ", "000000000000abc0:5/1/1",
        "000000000000abc0:5/99999999999999999999", "000000000000abc0:-5/1", "000000000000ABC0:5/1"}) {
    INFO(text);
    CHECK_FALSE(parse_recovery_point(text));
  }
}
