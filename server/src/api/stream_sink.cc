#include "api/stream_sink.h"

namespace jobwire::api {

void StreamSink::send(hub::Frame frame) {
  if (closed_) return;
  if (body_) return body_->write(std::move(frame));
  waiting_bytes_ += frame->size();
  waiting_.push_back(std::move(frame));
}

// An event stream has no close code: `goodbye` and `auth-error` have said why.
void StreamSink::close(CloseCode, std::string_view) {
  if (closed_) return;
  closed_ = true;
  if (close_later_) close_later_();
}

void StreamSink::end() {
  closed_ = true;
  if (body_) body_->end();
}

bool StreamSink::unsent_exceeds(std::size_t bytes) const {
  return waiting_bytes_ + (body_ ? body_->unsent_bytes() : 0) > bytes;
}

void StreamSink::attach(std::shared_ptr<transport::BodyStream> body, std::function<void()> close_later) {
  body_ = std::move(body);
  close_later_ = std::move(close_later);
  waiting_bytes_ = 0;
  for (hub::Frame& frame : std::exchange(waiting_, {})) body_->write(std::move(frame));
  if (closed_) close_later_();
}

transport::Response stream_head() {
  transport::Response head;
  // X-Accel-Buffering: nginx passes each event on as it comes.
  head.headers = {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
  return head;
}

void StreamConnection::end() {
  session.reset();
  sink.end();
}

// The response holds the connection (by on_abort), and the connection the response's body, until either ends.
void StreamConnection::open(const std::shared_ptr<StreamConnection>& connection, const Call& call,
                            const log::Post& post) {
  call.exchange().on_abort([connection] { connection->end(); });
  const auto body = call.stream(stream_head());
  const std::weak_ptr weak(connection);
  body->on_drained([weak] {
    const auto alive = weak.lock();
    if (alive && alive->session) alive->session->drained();
  });
  connection->sink.attach(body, [weak, post] {
    post([alive = weak.lock()] {
      if (alive) alive->end();
    });
  });
}

}  // namespace jobwire::api
