#include "transport/native_session.h"

#include <utility>

#include "transport/http_rules.h"

namespace jobwire::transport {
namespace {

class NativeSession final : public SessionPort {
 public:
  explicit NativeSession(std::unique_ptr<hub::Session> session) : session_(std::move(session)) {}
  void received(std::string_view message) override { session_->received(message); }
  void drained() override { session_->drained(); }

 private:
  std::unique_ptr<hub::Session> session_;
};

}  // namespace

WebSocketRoute native_websocket(hub::Hub& hub) {
  return {"/ws", {"jobwire.v1"}, [&hub](hub::Sink& sink, const Request& request) -> std::unique_ptr<SessionPort> {
            return std::make_unique<NativeSession>(hub.connect(sink, bearer_token(request)));
          }};
}

}  // namespace jobwire::transport
