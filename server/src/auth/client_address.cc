#include "auth/client_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace jobwire::auth {
namespace {

namespace ip = boost::asio::ip;
using Bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t kMostHops = 32;

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address(text, error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

Bytes bytes_of(const ip::address& address) {
  return address.is_v6() ? address.to_v6().to_bytes() : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

bool same_start(const Bytes& one, const Bytes& another, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(one.begin(), one.begin() + bits / 8, another.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (one[whole] ^ another[whole]) >> (8 - rest) == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1", each also in quotes.
std::optional<ip::address> hop_address(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    return close == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, close - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return parse_address(text);
}

// The `for` of one element of Forwarded.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    const std::size_t end = element.find(';');
    const std::string_view pair = trim(element.substr(0, end));
    const bool is_for = pair.size() > 4 && (pair[0] | 0x20) == 'f' && (pair[1] | 0x20) == 'o' &&
                        (pair[2] | 0x20) == 'r' && pair[3] == '=';
    if (is_for) return pair.substr(4);
    element.remove_prefix(end == std::string_view::npos ? element.size() : end + 1);
  }
  return {};
}

bool is_trusted(const ip::address& address, const std::vector<AddressRange>& trusted) {
  const std::string text = address.to_string();
  return std::any_of(trusted.begin(), trusted.end(), [&](const AddressRange& range) { return range.contains(text); });
}

std::string counted(const ip::address& address) {
  if (address.is_loopback()) return {};
  if (address.is_v4()) return address.to_string();
  auto network = address.to_v6().to_bytes();
  std::fill(network.begin() + 8, network.end(), std::uint8_t{0});
  return ip::address_v6(network).to_string() + "/64";
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const Error bad{ErrorCode::bad_request,
                  "'" + std::string(text) + "' must be an IP address, or a network such as 10.0.0.0/8",
                  {},
                  0};
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return bad;
  const int most = address->is_v6() ? 128 : 32;
  int bits = most;
  if (slash != std::string_view::npos) {
    const auto [end, failed] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
    if (failed != std::errc() || end != text.data() + text.size() || bits < 0 || bits > most) return bad;
  }
  AddressRange range;
  range.network_ = bytes_of(*address);
  range.bits_ = bits + 128 - most;
  return range;
}

bool AddressRange::contains(std::string_view text) const {
  const auto address = parse_address(text);
  return address && same_start(network_, bytes_of(*address), bits_);
}

std::string client_address(std::string_view peer, const ForwardedBy& forwarded,
                           const std::vector<AddressRange>& trusted) {
  auto client = parse_address(peer);
  if (!client) return {};
  const bool by_x = !forwarded.x_forwarded_for.empty();
  std::string_view rest = by_x ? forwarded.x_forwarded_for : forwarded.forwarded;
  for (std::size_t hop = 0; hop < kMostHops && !rest.empty() && is_trusted(*client, trusted); ++hop) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
    const auto before = hop_address(by_x ? last : for_of(last));
    if (!before) break;
    client = before;
  }
  return counted(*client);
}

}  // namespace jobwire::auth
