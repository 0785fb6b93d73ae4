// One message to many connections in one turn, with the writes in batches and each by itself.
#include <set>

#include "integration/transport_fixture.h"
#include "support/raw_websocket.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

transport::TransportOptions fan_out_options(bool batches) {
  auto options = test_options();
  options.batch_writes = batches;
  return options;
}

// Sends to all its sessions at once.
struct Publisher {
  explicit Publisher(bool batches) : server(fan_out_options(batches), echo, route()) {}

  struct Session : EchoSession {
    Session(Publisher& to, hub::Sink& sink) : EchoSession(sink), publisher(to) { publisher.sinks.insert(&sink); }
    ~Session() override { publisher.sinks.erase(&sink_); }
    Publisher& publisher;
  };

  transport::WebSocketRoute route() {
    return {"/ws", {"jobwire.v1"}, [this](hub::Sink& sink, const transport::Request&) {
              return std::make_unique<Session>(*this, sink);
            }};
  }
  void publish(std::string_view text) {
    server.on_loop([&] {
      const auto frame = hub::make_frame(hub::Framing::websocket_text, text);
      for (hub::Sink* sink : sinks) sink->send(frame);
    });
  }

  std::set<hub::Sink*> sinks;  // on the loop's thread
  RunningTransport server;
};

}  // namespace

TEST_CASE("a message to many connections reaches each once, in order") {
  const bool batches = GENERATE(true, false);
  constexpr int kMany = 600;  // more than two batches
  Publisher publisher(batches);
  std::vector<RawWebSocket> clients;
  for (int i = 0; i < kMany; ++i) clients.emplace_back(publisher.server.port());
  const auto before = publisher.server.stats();
  for (const char* text : {"first", "second", "third"}) publisher.publish(text);
  for (auto& client : clients) {
    for (const char* text : {"first", "second", "third"}) CHECK(client.read_frame().payload == text);
  }
  const auto after = publisher.server.stats();
  CHECK(after.bytes_out - before.bytes_out == kMany * (7u + 8u + 7u));
  CHECK(after.writes - before.writes <= kMany * 3u);
  if (!batches) CHECK_FALSE(after.batches_writes);
}

TEST_CASE("in a message to many, one that takes nothing and one that is gone cost the others nothing") {
  const bool batches = GENERATE(true, false);
  Publisher publisher(batches);
  std::vector<RawWebSocket> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back(publisher.server.port());
  RawWebSocket slow(publisher.server.port());
  std::optional<RawWebSocket> leaving(std::in_place, publisher.server.port());
  // More than the system holds for a connection: the slow one is given the rest when it reads.
  const std::string big(300'000, 'x');
  constexpr int kMessages = 20;
  for (int i = 0; i < kMessages; ++i) {
    if (i == 3) leaving.reset();
    publisher.publish(std::to_string(i) + big);
    for (auto& client : clients) CHECK(client.read_frame().payload == std::to_string(i) + big);
  }
  for (int i = 0; i < kMessages; ++i) CHECK(slow.read_frame().payload == std::to_string(i) + big);
  publisher.server.await_stats([](const transport::TransportStats& stats) { return stats.connections == 9; });
  publisher.publish("last");
  CHECK(slow.read_frame().payload == "last");
}
