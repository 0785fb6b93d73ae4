#include "transport/websocket_engine.h"

#include <catch2/catch.hpp>
#include <random>

#include "support/raw_websocket.h"

using namespace jobwire::transport;
using jobwire::test::client_frame;

namespace {

constexpr auto kKey = "dGhlIHNhbXBsZSBub25jZQ==";

struct Opened {
  explicit Opened(WebSocketEndpoint& endpoint) : engine(endpoint) { answer = engine.accept(kKey, "jobwire.v1"); }
  void read(std::string_view bytes) {
    engine.read(bytes, [this](std::string_view message, bool) { messages.emplace_back(message); });
  }
  WebSocketEngine engine;
  std::string answer;
  std::vector<std::string> messages;
};

}  // namespace

TEST_CASE("the handshake is answered whole and at once") {
  WebSocketEndpoint endpoint(1000);
  Opened opened(endpoint);
  CHECK(opened.answer.substr(0, 12) == "HTTP/1.1 101");
  CHECK(opened.answer.substr(opened.answer.size() - 4) == "\r\n\r\n");
  CHECK(opened.answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
}

TEST_CASE("messages come out however their bytes are cut") {
  WebSocketEndpoint endpoint(1 << 20);
  std::mt19937 random(9);
  const std::string sent = client_frame(1, "one") + client_frame(2, std::string(70'000, 'b')) +
                           client_frame(1, "th", {.fin = false}) + client_frame(9, "ping") + client_frame(0, "ree");
  for (int run = 0; run < 50; ++run) {
    Opened opened(endpoint);
    for (std::size_t at = 0; at < sent.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 3000, sent.size() - at);
      opened.read(std::string_view(sent).substr(at, count));
      at += count;
    }
    REQUIRE(opened.messages.size() == 3);
    CHECK(opened.messages[0] == "one");
    CHECK(opened.messages[1].size() == 70'000);
    CHECK(opened.messages[2] == "three");
    CHECK(opened.engine.take_pongs() == "\x8a\x04ping");
    CHECK(opened.engine.take_pongs().empty());
  }
}

TEST_CASE("each ping is answered, and of many that wait only the newest few") {
  WebSocketEndpoint endpoint(1000);
  Opened opened(endpoint);
  opened.read(client_frame(9, "one") + client_frame(9, ""));
  CHECK(opened.engine.take_pongs() == std::string("\x8a\x03one\x8a\x00", 7));
  for (int i = 0; i < 1000; ++i) opened.read(client_frame(9, std::to_string(i)));
  CHECK(opened.engine.take_output().empty());
  const std::string pongs = opened.engine.take_pongs();
  CHECK(pongs.substr(pongs.size() - 3) == "999");
  CHECK(pongs.size() <= 16 * 5);
}

TEST_CASE("pings that came before a close are answered before it, and the close is echoed as it came") {
  WebSocketEndpoint endpoint(1000);
  for (const std::string code : {std::string("\x03\xe8"), std::string("\x03\xf1")}) {  // 1000, 1009
    Opened opened(endpoint);
    opened.read(client_frame(9, "one") + client_frame(9, "two") + client_frame(8, code));
    CHECK(opened.engine.take_output() == "\x8a\x03one\x8a\x03two\x88\x02" + code);
    CHECK(opened.engine.take_pongs().empty());
  }
}

TEST_CASE("text and bytes are told apart, and a connection may have a limit of its own") {
  WebSocketEndpoint endpoint(1000);
  WebSocketEngine engine(endpoint);
  engine.accept(kKey, "");
  engine.limit_messages(2000);
  std::vector<std::pair<std::size_t, bool>> seen;
  const auto note = [&](std::string_view bytes, bool binary) { seen.emplace_back(bytes.size(), binary); };
  engine.read(client_frame(1, std::string(1500, 'x')) + client_frame(2, "\xff"), note);
  CHECK(seen == std::vector<std::pair<std::size_t, bool>>{{1500, false}, {1, true}});
  engine.read(client_frame(1, std::string(2001, 'x')), note);
  CHECK(engine.close_code() == 4413);
}

TEST_CASE("our Close is given once; the peer's answer ends it, and its data is dropped") {
  WebSocketEndpoint endpoint(1000);
  Opened opened(endpoint);
  CHECK(opened.engine.close(4429, "slow") == "\x88\x06\x11\x4dslow");
  CHECK(opened.engine.close(1000, "").empty());
  CHECK(opened.engine.closing());
  CHECK_FALSE(opened.engine.ended());
  opened.read(client_frame(1, "late") + client_frame(9, "late"));
  CHECK(opened.messages.empty());
  CHECK(opened.engine.take_pongs().empty());
  opened.read(client_frame(8, "\x11\x4d"));
  CHECK(opened.engine.ended());
  CHECK(opened.engine.take_output().empty());
}

TEST_CASE("a long reason is cut between characters") {
  WebSocketEndpoint endpoint(1000);
  Opened opened(endpoint);
  std::string reason = "x";
  for (int i = 0; i < 100; ++i) reason += "\xc3\xa9";
  const auto frame = opened.engine.close(4400, reason);
  CHECK(frame.size() == 2 + 2 + 123);
  CHECK(frame.substr(frame.size() - 2) == "\xc3\xa9");
}

TEST_CASE("a message over the limit is closed with 4413, and one fragmented for ever too") {
  WebSocketEndpoint endpoint(1000);
  Opened large(endpoint);
  large.read(client_frame(1, std::string(1001, 'x')));
  CHECK(large.engine.close_code() == 4413);
  CHECK(large.engine.take_output().substr(0, 4).substr(2) == "\x11\x3d");
  CHECK(large.engine.ended());
  Opened endless(endpoint);
  endless.read(client_frame(1, "", {.fin = false}));
  for (int i = 0; i < 100'000 && !endless.engine.closing(); ++i) endless.read(client_frame(0, "", {.fin = false}));
  CHECK(endless.engine.close_code() == 4413);
}

TEST_CASE("nothing is read after the end") {
  WebSocketEndpoint endpoint(1000);
  Opened opened(endpoint);
  opened.read(client_frame(8, "\x03\xe8") + client_frame(1, "after"));
  CHECK(opened.engine.ended());
  opened.read(client_frame(1, "after"));
  CHECK(opened.messages.empty());
}

TEST_CASE("an engine dropped at any point lets go of everything") {  // told by the leak checker
  WebSocketEndpoint endpoint(1000);
  WebSocketEngine never_used(endpoint);
  Opened open(endpoint);
  Opened in_message(endpoint);
  in_message.read(client_frame(1, std::string(900, 'x')).substr(0, 100));
  Opened closing(endpoint);
  closing.engine.close(1000, "");
  Opened ended(endpoint);
  ended.read(client_frame(8, ""));
  CHECK(ended.engine.ended());
}

TEST_CASE("random and damaged frames never do worse than close") {
  WebSocketEndpoint endpoint(1000);
  std::mt19937 random(13);
  const std::string good = client_frame(1, "hello") + client_frame(9, "p") + client_frame(1, "a", {.fin = false}) +
                           client_frame(0, "b") + client_frame(8, "\x03\xe8ok");
  for (int run = 0; run < 5000; ++run) {
    Opened opened(endpoint);
    std::string bytes = good;
    for (unsigned i = 1 + random() % 4; i > 0; --i) bytes[random() % bytes.size()] = static_cast<char>(random());
    opened.read(bytes);
    const auto output = opened.engine.take_output();
    CHECK((output.empty() || output[0] == '\x88' || output[0] == '\x8a'));  // pongs, then a Close
  }
}
