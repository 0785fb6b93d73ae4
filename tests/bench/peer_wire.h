// What a subscriber says and hears on each server's wire. Stateless: one serves every connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace jobwire::bench {

struct Heard {
  std::uint64_t deliveries = 0;  // events told by this message
  bool ready = false;            // subscribed, and told everything up to now
  std::string answer;            // to be sent back; empty: nothing
};

class PeerWire {
 public:
  virtual ~PeerWire() = default;
  virtual std::string upgrade() const = 0;
  // The first message after the upgrade; empty: the server speaks first. `cursor`: where an earlier connection ended.
  virtual std::string opening(std::string_view cursor) const = 0;
  virtual Heard hear(std::string_view message) const = 0;
  virtual std::string cursor_in(std::string_view) const { return {}; }

  // Whether publishing is POST /api/v1/events (with `service_token`) instead of a message, and that message.
  virtual bool publishes_over_http() const { return false; }
  virtual std::string publish(std::string_view event) const = 0;
  virtual std::string ingest(std::string_view batch) const = 0;
};

struct WireOptions {
  std::string name;     // raw, socket.io, jobwire or dialect
  std::string token;    // of the subscribers; of jobwire's wires
  std::string channel;  // that they follow; jobwire only
};
std::unique_ptr<PeerWire> make_wire(const WireOptions& options);

}  // namespace jobwire::bench
