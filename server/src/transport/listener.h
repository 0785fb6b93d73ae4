// Accepts on one port of several addresses.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jobwire/result.h"
#include "transport/socket.h"

namespace jobwire::transport {

class Listener {
 public:
  using Accepted = std::function<void(Socket)>;
  // `failed`: an accept failed and is tried again after a pause.
  Listener(boost::asio::io_context& io, Accepted accepted, std::function<void()> failed)
      : io_(io), accepted_(std::move(accepted)), failed_(std::move(failed)) {}
  ~Listener() { stop(); }  // NOLINT(bugprone-exception-escape): cancelling a steady timer does not fail

  // All addresses get the same port; 0: one that is free, which is returned. IPv6 loopback may be absent beside another
  // address. The error names the address and the port that cannot be had.
  Result<std::uint16_t> listen(const std::vector<std::string>& addresses, std::uint16_t port);
  void stop();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;
  struct Door {  // one address
    explicit Door(boost::asio::io_context& io) : acceptor(io), next(io), pause(io) {}
    Acceptor acceptor;
    TcpSocket next;
    Timer pause;
    bool stopped = false;
  };

  Result<std::uint16_t> open_all(const std::vector<std::string>& addresses, std::uint16_t port);
  void accept(const std::shared_ptr<Door>& door);
  void accept_later(const std::shared_ptr<Door>& door);

  boost::asio::io_context& io_;
  Accepted accepted_;
  std::function<void()> failed_;
  std::vector<std::shared_ptr<Door>> doors_;
};

}  // namespace jobwire::transport
