#include "transport/native_session.h"

#include <utility>

#include "transport/credentials.h"

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

WebSocketRoute native_websocket(hub::Hub& hub, auth::OriginRules origins) {
  WebSocketRoute route;
  route.path = "/ws";
  route.subprotocols = {"jobwire.v1"};
  route.open = [&hub, origins = std::move(origins)](hub::Sink& sink,
                                                    const Request& request) -> std::unique_ptr<SessionPort> {
    auth::Caller caller{.address = request.client};
    if (const Status taken = hub.take(auth::Act::connect, caller); !taken) {
      hub.turn_away(sink, taken.error());
      return nullptr;
    }
    return std::make_unique<NativeSession>(hub.connect(sink, credentials_of(request, origins), request.client));
  };
  return route;
}

}  // namespace jobwire::transport
