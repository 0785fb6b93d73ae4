// A session whose connection is a streamed response (text/event-stream).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "api/route.h"
#include "hub/session.h"
#include "hub/sink.h"
#include "log/event_log.h"

namespace jobwire::api {

// Frames wait until the response has begun: a request that the hub refuses is answered by a problem instead.
class StreamSink : public hub::Sink {
 public:
  hub::Framing framing() const override { return hub::Framing::event_stream; }
  void send(hub::Frame frame) override;
  void close(CloseCode code, std::string_view reason) override;
  bool unsent_exceeds(std::size_t bytes) const override;

  // `close_later` ends the response and drops the session, but not from inside close(), which the session calls.
  void attach(std::shared_ptr<transport::BodyStream> body, std::function<void()> close_later);
  void end();

 private:
  std::function<void()> close_later_;
  std::shared_ptr<transport::BodyStream> body_;
  std::vector<hub::Frame> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool closed_ = false;
};

// Session and sink of one response. Lives until the peer goes, or the response ends.
struct StreamConnection {
  StreamSink sink;
  std::unique_ptr<hub::Session> session;  // goes before its sink

  void end();
  static void open(const std::shared_ptr<StreamConnection>& connection, const Call& call, const log::Post& post);
};

transport::Response stream_head();

}  // namespace jobwire::api
