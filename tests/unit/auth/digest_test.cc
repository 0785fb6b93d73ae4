#include "auth/digest.h"

#include <catch2/catch.hpp>

using namespace jobwire::auth;

TEST_CASE("SHA-256 is FIPS 180's") {
  // echo -n abc | sha256sum: ba7816bf 8f01cfea ...
  CHECK(sha256("abc").substr(0, 8) == std::string("\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8));
  CHECK(sha256("").size() == 32);
}

TEST_CASE("digests are the same only when every byte is") {
  CHECK(same_digest(sha256("a"), sha256("a")));
  CHECK_FALSE(same_digest(sha256("a"), sha256("b")));
  CHECK_FALSE(same_digest(sha256("a"), ""));
}

TEST_CASE("random bytes are not the same twice") {
  CHECK(random_bytes(16).size() == 16);
  CHECK(random_bytes(16) != random_bytes(16));
}
