// HTTP/1.1 on one socket: requests one after the other to the handler, answers in their order; an upgrade hands the
// socket on.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "transport/connection.h"
#include "transport/exchange.h"
#include "transport/request_reader.h"

namespace jobwire::transport {

class HttpConnection final : public Connection {
 public:
  HttpConnection(Loop& loop, Socket socket);

  // Called once, when the loop has it.
  void start();
  // Instead of start(): answers 503 and closes.
  void start_refused();
  void drain() override;

  // For the exchange that is being answered, and its stream.
  void respond(Response response);
  void begin_stream(Response head);
  void write_chunk(std::shared_ptr<const std::string> bytes);
  void end_stream();
  void abandon_exchange();  // nobody is left to answer
  void on_abort(std::function<void()> aborted);
  void on_drained(std::function<void()> drained);
  std::size_t unsent_bytes() const { return outbox().bytes(); }

 private:
  void on_bytes(std::string_view bytes) override;
  void on_ended() override;
  void on_written() override;
  void on_cut() override;
  void on_plain_text() override;
  SteadyTime next_due() const override { return due_; }
  void on_due() override;

  void process();
  bool process_one();  // false: nothing to do for now
  void await_more();
  void dispatch();
  void upgrade(const WebSocketRoute& route);
  void refuse(const Refusal& refusal);
  void answered();  // an answer is queued: close, or go on
  void abort();
  Request take_request();

  enum class Phase : unsigned char { reading, handling, streaming };
  RequestReader reader_;
  std::string peer_;
  std::string client_;
  std::function<void()> aborted_;
  std::function<void()> drained_;
  SteadyTime due_ = SteadyTime::max();
  SteadyTime head_until_ = SteadyTime::max();
  SteadyTime body_until_ = SteadyTime::max();
  Phase phase_ = Phase::reading;
  int minor_version_ = 1;  // of the request being answered
  bool keep_alive_ = true;
  bool is_head_ = false;
  bool chunked_ = false;
  bool processing_ = false;
  bool abort_told_ = false;
  bool refused_ = false;  // past the limit of connections
  bool had_request_ = false;
  bool loopback_ = false;
  bool behind_proxy_ = false;
};

}  // namespace jobwire::transport
