#include "transport/listener.h"

#include <boost/asio/ip/v6_only.hpp>

namespace jobwire::transport {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

// The descriptors are used up, or memory is: waiting helps, trying again at once does not.
constexpr std::chrono::milliseconds kPause{100};
constexpr int kTriesForFreePort = 16;

std::string name_of(const ip::address& address, std::uint16_t port) {
  const auto text = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return text + ":" + std::to_string(port);
}

Error cannot_listen(const std::string& where, const error_code& error) {
  const auto why = error == boost::asio::error::address_in_use ? "the port is taken" : error.message();
  return {ErrorCode::unavailable, "cannot listen on " + where + ": " + why, "port"};
}

bool is_absent(const ip::address& address, const error_code& error) {
  return address.is_v6() && address.is_loopback() &&
         (error == boost::asio::error::address_family_not_supported ||
          error == boost::system::errc::address_not_available);
}

template <class Acceptor>
error_code open(Acceptor& acceptor, const ip::tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(ip::tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

Result<std::uint16_t> Listener::listen(const std::vector<std::string>& addresses, std::uint16_t port) {
  auto opened = open_all(addresses, port);
  // The port that was free on the first address may be taken on the next one.
  for (int tries = 1; !opened && port == 0 && tries < kTriesForFreePort; ++tries) opened = open_all(addresses, port);
  if (!opened) {
    stop();
    return opened.error();
  }
  for (const auto& door : doors_) accept(door);
  return opened;
}

Result<std::uint16_t> Listener::open_all(const std::vector<std::string>& addresses, std::uint16_t port) {
  doors_.clear();
  Error absent{ErrorCode::unavailable, "no address to listen on", "listen"};
  for (const auto& text : addresses) {
    error_code error;
    const auto address = ip::make_address(text, error);
    if (error) return Error{ErrorCode::bad_request, "not an IP address: " + text, "listen"};
    auto door = std::make_shared<Door>(io_);
    error = open(door->acceptor, {address, port});
    if (error) {
      absent = cannot_listen(name_of(address, port), error);
      if (is_absent(address, error)) continue;
      return absent;
    }
    port = door->acceptor.local_endpoint().port();
    doors_.push_back(std::move(door));
  }
  if (doors_.empty()) return absent;
  return port;
}

void Listener::stop() {
  for (const auto& door : doors_) {
    error_code ignored;
    door->stopped = true;
    door->acceptor.close(ignored);
    door->pause.cancel();
  }
  doors_.clear();
}

void Listener::accept(const std::shared_ptr<Door>& door) {
  auto& waiting = *door;
  waiting.acceptor.async_accept(waiting.next, [this, door](const error_code& error) {
    if (door->stopped) return;
    if (!error) {
      accepted_(Socket(std::move(door->next)));
      if (!door->stopped) accept(door);
    } else if (error == boost::asio::error::connection_aborted) {
      accept(door);
    } else {
      failed_();
      accept_later(door);
    }
  });
}

void Listener::accept_later(const std::shared_ptr<Door>& door) {
  door->pause.expires_after(kPause);
  door->pause.async_wait([this, door](const error_code&) {
    if (!door->stopped) accept(door);
  });
}

}  // namespace jobwire::transport
