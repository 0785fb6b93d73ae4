// The handler's ends of an HttpConnection: an exchange, and its stream.
#pragma once

#include <memory>
#include <utility>

#include "transport/exchange.h"
#include "transport/http_connection.h"

namespace jobwire::transport {

class HttpExchange final : public Exchange {
 public:
  HttpExchange(std::shared_ptr<HttpConnection> connection, Request request)
      : connection_(std::move(connection)), request_(std::move(request)) {}
  ~HttpExchange() override;

  const Request& request() const override { return request_; }
  void respond(Response response) override;
  std::shared_ptr<BodyStream> stream(Response head) override;
  void on_abort(std::function<void()> aborted) override;

 private:
  std::shared_ptr<HttpConnection> connection_;  // null once answered
  Request request_;
};

class HttpStream final : public BodyStream {
 public:
  explicit HttpStream(std::shared_ptr<HttpConnection> connection) : connection_(std::move(connection)) {}
  ~HttpStream() override;

  void write(std::shared_ptr<const std::string> bytes) override;
  void end() override;
  std::size_t unsent_bytes() const override;
  void on_drained(std::function<void()> drained) override;

 private:
  std::shared_ptr<HttpConnection> connection_;  // null once ended
};

}  // namespace jobwire::transport
