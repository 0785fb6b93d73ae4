// Socket.IO protocol v5 above one Engine.IO connection, without I/O: namespaces, events, acknowledgements both ways,
// binary attachments. https://github.com/socketio/socket.io-protocol
//
// What breaks the protocol ends this connection and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/conversation.h"
#include "jobwire/socketio.h"
#include "socketio/engine_session.h"

namespace jobwire::socketio {

struct SocketIoOptions {
  DurationMs connect_timeout = 45'000;   // to join a first namespace
  std::size_t most_namespaces = 16;      // of one connection
  std::size_t attached_bytes = 4 << 20;  // of one packet's attachments together
  CodecLimits codec;
};

class SocketIoSession final : public EngineApplication {
 public:
  // `opening` says who the request came from; `auth` and recovery are filled in by each CONNECT. Everything given
  // outlives the session but `opening`. `release` drops what may still be on the stack at the end of this turn.
  using Release = std::function<void(std::shared_ptr<void>)>;
  SocketIoSession(EngineSession& engine, const std::vector<hub::Namespace>& namespaces, SocketIoOptions options,
                  hub::Opening opening, UnixMs now, Release release);
  ~SocketIoSession() override;

  void received(std::string_view message, bool binary) override;
  void drained() override;
  void tick(UnixMs now) override;

 private:
  class Room;  // one namespace that this connection is in

  void take(Packet packet);
  void take_attachment(std::string_view bytes);
  void dispatch(Packet packet, std::vector<std::string> attachments);
  void connect(const Packet& packet);
  void let_in(const std::string& name_space, const std::shared_ptr<Room>& room, bool kept);
  bool is_in(const std::string& name_space) const;
  void leave(const std::string& name_space);
  void refuse(const std::string& name_space, const hub::Refused& refused);
  void send(const Packet& packet, const std::vector<std::string>& attachments);
  void acknowledge(const std::string& name_space, std::uint64_t id, hub::Arguments arguments);

  EngineSession& engine_;
  const std::vector<hub::Namespace>& namespaces_;
  SocketIoOptions options_;
  hub::Opening opening_;
  Release release_;
  UnixMs connect_until_;                                // 0: done
  std::map<std::string, std::shared_ptr<Room>> rooms_;  // those too that are not yet begun
  std::optional<Packet> unfinished_;                    // its attachments are still coming
  std::vector<std::string> attachments_;
  std::size_t attached_bytes_ = 0;
  std::shared_ptr<SocketIoSession*> self_;  // for acknowledgements that outlive it: then null
};

}  // namespace jobwire::socketio
