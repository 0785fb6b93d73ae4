#include "auth/text_encoding.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "support/tokens.h"

using namespace jobwire::auth;

TEST_CASE("base64url is RFC 4648's, without padding") {
  CHECK(base64url("") == "");
  CHECK(base64url("f") == "Zg");
  CHECK(base64url("fo") == "Zm8");
  CHECK(base64url("foo") == "Zm9v");
  CHECK(base64url("\xfb\xff\xfe") == "-__-");
}

TEST_CASE("whatever is encoded comes back, and OpenSSL encodes it alike") {
  CHECK(rc::check([](const std::string& bytes) {
    RC_ASSERT(base64url(bytes) == jobwire::test::base64url_of(bytes));
    RC_ASSERT(from_base64url(base64url(bytes)) == bytes);
  }));
}

TEST_CASE("every text has one spelling: others are refused") {
  for (const char* bad : {"Zg==", "Zm8=", "Z", "Zm9vZ", "Zh", "Zm9", "Zm 9v", "Zm9v\n", "+/+/", "Zm9v.", "\xc3\xa4"}) {
    INFO(bad);
    CHECK_FALSE(from_base64url(bad).has_value());
  }
  CHECK_FALSE(from_base64url(std::string_view("Zm\0v", 4)).has_value());
}

TEST_CASE("base32 is RFC 4648's, in lower case and without padding") {
  CHECK(base32("") == "");
  CHECK(base32("f") == "my");
  CHECK(base32("fo") == "mzxq");
  CHECK(base32("foo") == "mzxw6");
  CHECK(base32("foob") == "mzxw6yq");
  CHECK(base32("fooba") == "mzxw6ytb");
  CHECK(base32("foobar") == "mzxw6ytboi");
  CHECK(base32("\xff\xff\xff\xff\xff") == "77777777");
}
