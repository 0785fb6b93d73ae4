#include "peer_wire.h"

#include "websocket_wire.h"

namespace jobwire::bench {
namespace {

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

std::uint64_t count(std::string_view text, std::string_view what) {
  std::uint64_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

// The floor and `ws` (peers/ws.mjs): one letter, then bytes.
class RawWire final : public PeerWire {
 public:
  std::string upgrade() const override { return upgrade_request("/", ""); }
  std::string opening(std::string_view) const override { return "S"; }
  Heard hear(std::string_view message) const override {
    const bool state = begins(message, "C");
    return {state ? 0u : 1u, state, {}};
  }
  std::string publish(std::string_view event) const override { return std::string("P").append(event); }
  std::string ingest(std::string_view batch) const override { return std::string("I").append(batch); }
};

// Engine.IO 4 over WebSocket, Socket.IO 5 packets.
class SocketIoWire final : public PeerWire {
 public:
  std::string upgrade() const override { return upgrade_request("/socket.io/?EIO=4&transport=websocket", ""); }
  std::string opening(std::string_view) const override { return {}; }
  Heard hear(std::string_view message) const override {
    if (begins(message, "42[\"progress\"")) return {1, false, {}};
    if (begins(message, "42[\"state\"")) return {0, true, {}};
    if (begins(message, "40")) return {0, false, "42[\"subscribe\"]"};
    if (begins(message, "0")) return {0, false, "40"};
    if (message == "2") return {0, false, "3"};
    return {};
  }
  std::string publish(std::string_view event) const override {
    return std::string("42[\"publish\",").append(event).append("]");
  }
  std::string ingest(std::string_view batch) const override {
    return std::string("420[\"ingest\",").append(batch).append("]");
  }
};

class JobwireWire final : public PeerWire {
 public:
  JobwireWire(std::string token, std::string channel) : token_(std::move(token)), channel_(std::move(channel)) {}
  std::string upgrade() const override { return upgrade_request("/ws", "jobwire.v1"); }
  std::string opening(std::string_view cursor) const override {
    std::string hello =
        R"({"event":"hello","data":{"reducer":1,"token":")" + token_ + R"(","channels":[")" + channel_ + "\"]";
    if (!cursor.empty()) hello.append(R"(,"cursor":")").append(cursor).append("\"");
    return hello + "}}";
  }
  Heard hear(std::string_view message) const override {
    if (!begins(message, R"({"event":"changes")")) return {};
    return {count(message, R"("type":"progress")"), message.find(R"("synced":true)") != std::string_view::npos, {}};
  }
  std::string cursor_in(std::string_view message) const override {
    constexpr std::string_view name = R"("cursor":")";
    const std::size_t at = begins(message, R"({"event":"changes")") ? message.find(name) : std::string_view::npos;
    if (at == std::string_view::npos) return {};
    const std::size_t from = at + name.size();
    return std::string(message.substr(from, message.find('"', from) - from));
  }
  bool publishes_over_http() const override { return true; }
  std::string publish(std::string_view event) const override { return std::string(event); }
  std::string ingest(std::string_view batch) const override { return std::string(batch); }

 private:
  std::string token_;
  std::string channel_;
};

// Jobwire as a page written for socket.io-client meets it: the namespace /queue, whose user's jobs come by themselves.
class DialectWire final : public PeerWire {
 public:
  explicit DialectWire(std::string token) : token_(std::move(token)) {}
  std::string upgrade() const override { return upgrade_request("/socket.io/?EIO=4&transport=websocket", ""); }
  std::string opening(std::string_view) const override { return {}; }
  Heard hear(std::string_view message) const override {
    if (begins(message, "42/queue,[\"queue-update\"")) {
      return {message.find(R"("eventType":"job-progress")") != std::string_view::npos ? 1u : 0u, false, {}};
    }
    if (begins(message, "40/queue,")) return {0, true, {}};
    if (begins(message, "0")) return {0, false, R"(40/queue,{"token":")" + token_ + "\"}"};
    if (message == "2") return {0, false, "3"};
    return {};
  }
  bool publishes_over_http() const override { return true; }
  std::string publish(std::string_view event) const override { return std::string(event); }
  std::string ingest(std::string_view batch) const override { return std::string(batch); }

 private:
  std::string token_;
};

}  // namespace

std::unique_ptr<PeerWire> make_wire(const WireOptions& options) {
  if (options.name == "jobwire") return std::make_unique<JobwireWire>(options.token, options.channel);
  if (options.name == "dialect") return std::make_unique<DialectWire>(options.token);
  if (options.name == "socket.io") return std::make_unique<SocketIoWire>();
  return std::make_unique<RawWire>();
}

}  // namespace jobwire::bench
