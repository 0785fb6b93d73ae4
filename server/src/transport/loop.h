// What the connections of one event loop share: options, counters, deadlines, one read buffer, and the turn's flush.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "transport/deadlines.h"
#include "transport/options.h"
#include "transport/send_batch.h"
#include "transport/session_port.h"
#include "transport/tls.h"
#include "transport/websocket_engine.h"

namespace jobwire::transport {

class Connection;

struct FlushTag;
// A connection's place among those that have something to write at the end of this turn; it leaves when destroyed.
using FlushHook = boost::intrusive::list_base_hook<boost::intrusive::tag<FlushTag>,
                                                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
class Flushable : public FlushHook {
 protected:
  ~Flushable() = default;
};

// Owns the connections. A connection may use it until it was removed, and not after.
class Loop {
 public:
  Loop(boost::asio::io_context& io, TransportOptions options, Handler handler, std::vector<WebSocketRoute> routes);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void add(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);
  // Writes it at the end of this turn, with all else that this turn sends to it.
  void flush_later(Connection& connection);
  // Lets go of it at the end of this turn, for who may still be inside it; at the latest with this loop.
  void release_later(std::shared_ptr<void> object);
  // Each connection that there is now; it may remove itself.
  template <class Visit>
  void for_each(Visit visit) {
    const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
    for (const auto& connection : all) visit(*connection);
  }

  void set_deadline(Connection& connection, SteadyTime at);
  SteadyTime now() const { return std::chrono::steady_clock::now(); }
  // IMF-fixdate (RFC 9110 section 5.6.7) of now.
  const std::string& date();

  // Valid until the next read of any connection.
  std::span<char> read_buffer() { return read_buffer_; }
  const WebSocketRoute* route(std::string_view path) const;
  // Called once when no connection is left; instead of an earlier such call.
  void when_empty(std::function<void()> then);

  boost::asio::io_context& io;
  const TransportOptions options;
  const Handler handler;
  std::shared_ptr<TlsContext> tls;  // null: plain
  TransportStats stats;
  WebSocketEndpoint websocket_endpoint;
  bool draining = false;
  std::size_t refusing = 0;  // connections past the limit that are being told so

 private:
  void run_timer();
  void end_turn_later();
  void end_turn();
  void use_batch(std::unique_ptr<SendBatch> batch);
  void send_batch();

  const std::vector<WebSocketRoute> routes_;
  std::list<std::shared_ptr<Connection>> connections_;
  boost::intrusive::list<Flushable, boost::intrusive::base_hook<FlushHook>, boost::intrusive::constant_time_size<false>>
      to_flush_;
  std::unique_ptr<SendBatch> batch_;  // null: each connection writes by itself
  std::vector<std::shared_ptr<Connection>> batched_;
  std::vector<std::shared_ptr<void>> to_release_;
  bool turn_posted_ = false;
  std::vector<char> read_buffer_;
  DeadlineWheel deadlines_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  bool timer_runs_ = false;
  std::function<void()> when_empty_;
  std::string date_;
  SteadyTime date_until_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is posted and may come too late
};

}  // namespace jobwire::transport
