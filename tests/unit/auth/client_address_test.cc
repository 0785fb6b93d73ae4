#include "auth/client_address.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::auth;

namespace {

std::vector<AddressRange> ranges(const std::vector<std::string>& texts) {
  std::vector<AddressRange> all;
  for (const std::string& text : texts) {
    const auto range = AddressRange::parse(text);
    REQUIRE(range);
    all.push_back(*range);
  }
  return all;
}

std::string behind_proxy(std::string_view x_forwarded_for, std::string_view forwarded = {}) {
  return client_address("10.0.0.1", {x_forwarded_for, forwarded}, ranges({"10.0.0.0/8"}));
}

}  // namespace

TEST_CASE("a peer that is not trusted speaks for itself only") {
  CHECK(client_address("192.0.2.1", {"198.51.100.9", "for=198.51.100.9"}, {}) == "192.0.2.1");
  CHECK(client_address("192.0.2.1", {"198.51.100.9", {}}, ranges({"10.0.0.0/8"})) == "192.0.2.1");
}

TEST_CASE("a trusted proxy says for whom it speaks, and forged hops before it count for nothing") {
  CHECK(behind_proxy("198.51.100.9") == "198.51.100.9");
  CHECK(behind_proxy("1.1.1.1, 198.51.100.9") == "198.51.100.9");
  CHECK(behind_proxy("1.1.1.1, 198.51.100.9, 10.2.3.4") == "198.51.100.9");
  CHECK(behind_proxy("10.9.9.9,10.2.3.4") == "10.9.9.9");
  CHECK(behind_proxy("198.51.100.9:4711") == "198.51.100.9");
  CHECK(behind_proxy("") == "10.0.0.1");
}

TEST_CASE("Forwarded (RFC 7239) is read where there is no X-Forwarded-For") {
  CHECK(behind_proxy("", "for=198.51.100.9") == "198.51.100.9");
  CHECK(behind_proxy("", "for=1.1.1.1;proto=https, proto=http;For=\"198.51.100.9:80\";by=10.0.0.1") == "198.51.100.9");
  CHECK(behind_proxy("", "for=\"[2001:db8:1:2:3::4]:80\"") == "2001:db8:1:2::/64");
  CHECK(behind_proxy("198.51.100.9", "for=1.1.1.1") == "198.51.100.9");
  CHECK(behind_proxy("", "for=_hidden") == "10.0.0.1");
  CHECK(behind_proxy("", "for=unknown, for=198.51.100.9") == "198.51.100.9");
}

TEST_CASE("what is no address ends the walk at who said it") {
  for (const char* bad : {"nonsense", ",", "198.51.100.9, ", "198.51.100.9,[", "1.2.3.4.5", "\"", "[::1"}) {
    INFO(bad);
    CHECK(behind_proxy(bad) == "10.0.0.1");
  }
  std::string many = "1.1.1.1";
  for (int i = 0; i < 5000; ++i) many += ",10.0.0.1";
  CHECK(behind_proxy(many) == "10.0.0.1");
}

TEST_CASE("an IPv6 customer is a /64, and IPv4 within IPv6 is IPv4") {
  CHECK(client_address("2001:db8:1:2:3:4:5:6", {}, {}) == "2001:db8:1:2::/64");
  CHECK(client_address("::ffff:192.0.2.1", {}, {}) == "192.0.2.1");
}

TEST_CASE("this machine's own processes are counted for nobody, and speak for others where they are trusted") {
  for (const char* local : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "", "gone"}) {
    CHECK(client_address(local, {}, {}) == "");
  }
  CHECK(client_address("127.0.0.1", {"198.51.100.9", {}}, ranges({"127.0.0.1"})) == "198.51.100.9");
  CHECK(client_address("127.0.0.1", {"198.51.100.9", {}}, {}) == "");
}

TEST_CASE("a range is an address or a network") {
  const auto contains = [](const char* range, const char* address) { return ranges({range})[0].contains(address); };
  CHECK(contains("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("192.0.2.128/25", "192.0.2.200"));
  CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(contains("0.0.0.0/0", "198.51.100.9"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("::1", "::1"));
  CHECK(contains("10.0.0.1", "::ffff:10.0.0.1"));
  CHECK_FALSE(contains("10.0.0.1", "nonsense"));
  for (const char* bad :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8x", "::/129", "host"}) {
    INFO(bad);
    CHECK_FALSE(AddressRange::parse(bad));
  }
}
