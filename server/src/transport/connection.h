// One socket of the loop: reads into the loop's buffer, writes an outbox, ends in good order, and never outlives its
// deadlines. What the bytes mean is its subclass's.
//
//   on_bytes()* -> on_ended() (the peer sends no more)    on_written() whenever the outbox has emptied
//   on_cut(): the socket is closed, for whatever reason; once, and the last of all calls
#pragma once

#include <list>
#include <memory>
#include <string_view>

#include "transport/deadlines.h"
#include "transport/loop.h"
#include "transport/outbox.h"
#include "transport/socket.h"

namespace jobwire::transport {

class Connection : public Deadline, public Flushable, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, Socket socket) : loop_(loop), socket_(std::move(socket)) {}
  ~Connection() override = default;

  void cut();
  virtual void drain() = 0;  // end soon, and in good order
  // ---- the loop's calls, at the end of a turn ----
  void flush_now();
  // Its next write goes with the batch's, and sent() tells how it went; false: flush_now() is to do it.
  bool add_to(SendBatch& batch);
  void sent(IoResult result);

 protected:
  virtual void on_bytes(std::string_view bytes) = 0;
  virtual void on_ended() = 0;
  virtual void on_written() = 0;  // the last call of its turn: may cut
  virtual void on_cut() = 0;
  virtual void on_plain_text() {}  // where TLS was to begin
  // The subclass's own next deadline; max(): none. on_due() is called when it has come.
  virtual SteadyTime next_due() const = 0;
  virtual void on_due() = 0;

  // Asks for more bytes; on_bytes() comes once for each call, at most.
  void read_more();
  // Queues for the end of this turn.
  void send(Outbox::Segment segment);
  void send(std::string bytes) { send(std::make_shared<const std::string>(std::move(bytes))); }
  // Writes what is queued, tells the peer that it was all, and closes when the peer does, or at once where it has.
  void finish();
  void arm();  // after next_due() has changed
  void start_tls();
  Socket release_socket();  // to another connection; this one is gone from the loop

  bool closed() const { return closed_; }
  bool finishing() const { return finishing_; }
  bool peer_ended() const { return peer_ended_; }
  bool blocked() const { return blocked_; }
  const Outbox& outbox() const { return outbox_; }
  const Socket& socket() const { return socket_; }

  Loop& loop_;  // until on_cut()

 private:
  friend class Loop;
  void on_deadline() final;
  void on_readable();
  void shake_hands();
  void await(IoResult::Status direction, void (Connection::*then)());
  void write();
  bool wrote(IoResult result, bool progress);  // false: the rest waits for the peer, or the socket is cut
  void flush_later();
  void half_close();
  void leave();
  void count_discarded(std::size_t bytes);

  Socket socket_;
  Outbox outbox_;
  std::list<std::shared_ptr<Connection>>::iterator place_;
  SteadyTime progress_;  // when the peer last took a byte, or the outbox began to wait
  SteadyTime linger_until_;
  std::size_t discarded_ = 0;
  bool closed_ = false;
  bool reading_ = false;     // a read is asked for
  bool blocked_ = false;     // a write waits for the peer
  bool overflowed_ = false;  // more was queued than may be: to be cut
  bool finishing_ = false;
  bool lingering_ = false;  // all is written; only the peer's end is awaited
  bool peer_ended_ = false;
  bool shaking_hands_ = false;
};

}  // namespace jobwire::transport
