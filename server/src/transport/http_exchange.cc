#include "transport/http_exchange.h"

namespace jobwire::transport {

HttpExchange::~HttpExchange() {
  if (connection_) connection_->abandon_exchange();
}

void HttpExchange::respond(Response response) {
  if (connection_) std::exchange(connection_, nullptr)->respond(std::move(response));
}

std::shared_ptr<BodyStream> HttpExchange::stream(Response head) {
  auto connection = std::exchange(connection_, nullptr);
  if (connection) connection->begin_stream(std::move(head));
  return std::make_shared<HttpStream>(std::move(connection));
}

void HttpExchange::on_abort(std::function<void()> aborted) {
  if (connection_) connection_->on_abort(std::move(aborted));
}

HttpStream::~HttpStream() {
  if (connection_) connection_->abandon_exchange();
}

void HttpStream::write(std::shared_ptr<const std::string> bytes) {
  if (connection_) connection_->write_chunk(std::move(bytes));
}

void HttpStream::end() {
  if (connection_) std::exchange(connection_, nullptr)->end_stream();
}

std::size_t HttpStream::unsent_bytes() const { return connection_ ? connection_->unsent_bytes() : 0; }

void HttpStream::on_drained(std::function<void()> drained) {
  if (connection_) connection_->on_drained(std::move(drained));
}

}  // namespace jobwire::transport
