// A non-blocking TCP socket, plain or TLS. Readiness comes from Asio, bytes from the system: an idle connection holds
// no buffer, and a gathered write is one call.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "transport/tls.h"

namespace jobwire::transport {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Socket {
 public:
  explicit Socket(TcpSocket socket);

  // From here on bytes go through TLS; handshake() comes first.
  void start_tls(const TlsContext& context);
  bool secure() const { return tls_ != nullptr; }
  IoResult handshake() { return tls_->handshake(); }

  IoResult read(std::span<char> into);
  IoResult write(std::span<const iovec> from);
  // The first byte that waits to be read, left in place; done with 0 bytes: none will come.
  IoResult peek(char& first);

  // `ready` is called with true, or with false when the socket was closed meanwhile.
  template <class Ready>
  void await(IoResult::Status direction, Ready ready) {
    const auto kind = direction == IoResult::Status::awaits_writing ? TcpSocket::wait_write : TcpSocket::wait_read;
    socket_.async_wait(kind,
                       [ready = std::move(ready)](const boost::system::error_code& error) mutable { ready(!error); });
  }

  void shutdown_send();  // tells the peer that nothing more comes
  void close();
  int native_handle() { return socket_.native_handle(); }
  bool is_open() const { return socket_.is_open(); }

  std::string peer_address() const;  // without port; empty: gone already
  bool peer_is_loopback() const;

 private:
  TcpSocket socket_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace jobwire::transport
