// Whose address counts: that of the peer, or what a proxy that the operator trusts says about whom it speaks for.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/result.h"

namespace jobwire::auth {

// An address, or a network of them: "10.0.0.7", "10.0.0.0/8", "2001:db8::/32". IPv4 within IPv6 is IPv4.
class AddressRange {
 public:
  static Result<AddressRange> parse(std::string_view text);
  bool contains(std::string_view address) const;  // false for what is no address

 private:
  std::array<std::uint8_t, 16> network_ = {};
  int bits_ = 0;
};

struct ForwardedBy {
  std::string_view x_forwarded_for;  // all of its values, in order
  std::string_view forwarded;        // RFC 7239; looked at where there is no X-Forwarded-For
};

// Read from the right, as long as those who speak are trusted. An IPv6 address stands for its /64, which is what one
// customer has. Empty: nobody whose requests should be counted together, for a peer on this machine speaks for others.
std::string client_address(std::string_view peer, const ForwardedBy& forwarded,
                           const std::vector<AddressRange>& trusted);

}  // namespace jobwire::auth
