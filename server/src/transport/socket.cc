#include "transport/socket.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace jobwire::transport {
namespace {

using Status = IoResult::Status;
// What the kernel may hold unsent for one connection. A slow client then gets the newest state, not megabytes of old.
constexpr int kUnsentInKernel = 128 << 10;

IoResult outcome(ssize_t returned, Status when_blocked) {
  if (returned > 0) return {Status::done, static_cast<std::size_t>(returned)};
  if (returned == 0) return {Status::ended};
  return {errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? when_blocked : Status::failed};
}

}  // namespace

Socket::Socket(TcpSocket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;  // the peer may be gone already; the first read tells
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentInKernel, sizeof kUnsentInKernel);
}

void Socket::start_tls(const TlsContext& context) {
  tls_ = std::make_unique<TlsSession>(context, socket_.native_handle());
}

IoResult Socket::read(std::span<char> into) {
  if (tls_) return tls_->read(into);
  return outcome(::recv(socket_.native_handle(), into.data(), into.size(), 0), Status::awaits_reading);
}

IoResult Socket::write(std::span<const iovec> from) {
  if (tls_) return tls_->write(from);
  if (from.size() == 1) {  // the usual case, and a little cheaper
    return outcome(::send(socket_.native_handle(), from[0].iov_base, from[0].iov_len, MSG_NOSIGNAL),
                   Status::awaits_writing);
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());
  message.msg_iovlen = from.size();
  return outcome(::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL), Status::awaits_writing);
}

IoResult Socket::peek(char& first) {
  return outcome(::recv(socket_.native_handle(), &first, 1, MSG_PEEK), Status::awaits_reading);
}

void Socket::shutdown_send() {
  if (tls_) tls_->close_notify();
  boost::system::error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void Socket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::string Socket::peer_address() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

bool Socket::peer_is_loopback() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  if (error) return false;
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

}  // namespace jobwire::transport
