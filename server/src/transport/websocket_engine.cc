#include "transport/websocket_engine.h"

#include <utility>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>

namespace jobwire::transport {
namespace {

// websocketpp's iostream transport, without locks, logs, extensions and timers.
struct Config : websocketpp::config::core {
  using type = Config;
  using concurrency_type = websocketpp::concurrency::none;
  using alog_type = websocketpp::log::stub;
  using elog_type = websocketpp::log::stub;
  static const bool enable_multithreading = false;
  static const websocketpp::log::level alog_level = websocketpp::log::alevel::none;
  static const websocketpp::log::level elog_level = websocketpp::log::elevel::none;
  static const std::size_t connection_read_buffer_size = 512;
  static const bool enable_extensions = false;

  struct transport_config : websocketpp::config::core::transport_config {
    using concurrency_type = Config::concurrency_type;
    using alog_type = Config::alog_type;
    using elog_type = Config::elog_type;
    static const bool enable_multithreading = false;
  };
  using transport_type = websocketpp::transport::iostream::endpoint<transport_config>;
};
using Server = websocketpp::server<Config>;

constexpr std::uint16_t kMessageTooBig = 1009;
constexpr std::uint16_t kTooLarge = 4413;  // the same in PROTOCOL.md, where it also says "do not come back"
constexpr std::size_t kFrameOverhead = 14;
constexpr std::size_t kLongestReason = 123;
constexpr std::size_t kMostPongs = 16;  // held for a peer that takes nothing

// A reason fits its frame and does not end in half a character.
std::string fit_reason(std::string_view reason) {
  auto end = std::min(reason.size(), kLongestReason);
  while (end < reason.size() && end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) --end;
  return std::string(reason.substr(0, end));
}

}  // namespace

struct WebSocketEndpoint::Native {
  Server server;
};

WebSocketEndpoint::WebSocketEndpoint(std::size_t most_message_bytes) : native_(std::make_unique<Native>()) {
  auto& server = native_->server;
  server.set_max_message_size(most_message_bytes);
  server.set_user_agent("");
}
WebSocketEndpoint::~WebSocketEndpoint() = default;

struct WebSocketEngine::Native {
  Server::connection_ptr connection;
  const Message* message = nullptr;  // while read() runs
  std::string output;
  std::vector<std::string> pongs;
  std::uint64_t messages = 0;
  std::size_t unfinished = 0;  // bytes of data frames since the last whole message
  std::size_t most_unfinished = 0;
  std::uint16_t close_code = 0;
  bool ended = false;

  void wire();
  void deliver(const std::string& payload, bool binary);
  void hold_pong(const std::string& payload);
  std::string encode_pongs();
  void take_frame(const std::vector<websocketpp::transport::buffer>& buffers);
  void release_handshake();
};

void WebSocketEngine::Native::wire() {
  using Handle = websocketpp::connection_hdl;
  using Status = websocketpp::lib::error_code;
  connection->set_write_handler([this](const Handle&, const char* bytes, std::size_t count) {
    output.append(bytes, count);
    return Status();
  });
  connection->set_vector_write_handler(
      [this](const Handle&, const std::vector<websocketpp::transport::buffer>& buffers) {
        take_frame(buffers);
        return Status();
      });
  // Runs inside read(): it only marks.
  connection->set_shutdown_handler([this](const Handle&) {
    ended = true;
    return Status();
  });
  connection->set_message_handler([this](const Handle&, const Server::message_ptr& received) {
    deliver(received->get_payload(), received->get_opcode() == websocketpp::frame::opcode::binary);
  });
  connection->set_ping_handler([this](const Handle&, const std::string& payload) {
    hold_pong(payload);
    return false;  // we answer ourselves
  });
  connection->set_pong_handler([this](const Handle&, const std::string& payload) {
    unfinished -= std::min(unfinished, payload.size() + kFrameOverhead);
  });
}

// No exception may leave a handler: the connection would read no more.
void WebSocketEngine::Native::deliver(const std::string& payload, bool binary) {
  ++messages;
  unfinished = 0;
  if (message == nullptr) return;
  try {
    (*message)(payload, binary);
  } catch (...) {
    websocketpp::lib::error_code ignored;
    connection->close(websocketpp::close::status::internal_endpoint_error, "internal error", ignored);
  }
}

void WebSocketEngine::Native::hold_pong(const std::string& payload) {
  unfinished -= std::min(unfinished, payload.size() + kFrameOverhead);
  if (pongs.size() == kMostPongs) pongs.erase(pongs.begin());
  pongs.push_back(payload);
}

// All that websocketpp writes after the handshake is a Close frame: a header and a payload that begins with the code.
void WebSocketEngine::Native::take_frame(const std::vector<websocketpp::transport::buffer>& buffers) {
  std::string frame;
  for (const auto& buffer : buffers) frame.append(buffer.buf, buffer.len);
  if (frame.size() >= 4) {
    close_code =
        static_cast<std::uint16_t>(static_cast<unsigned char>(frame[2]) << 8 | static_cast<unsigned char>(frame[3]));
    const bool echoed = connection->get_remote_close_code() == kMessageTooBig;
    if (close_code == kMessageTooBig && !echoed) {
      close_code = kTooLarge;
      frame[2] = static_cast<char>(kTooLarge >> 8);
      frame[3] = static_cast<char>(kTooLarge & 0xff);
    }
  } else {
    close_code = websocketpp::close::status::normal;
  }
  output += encode_pongs();  // to pings that came before the close
  output += frame;
}

std::string WebSocketEngine::Native::encode_pongs() {
  std::string frames;
  for (const std::string& payload : std::exchange(pongs, {})) {
    frames.push_back(static_cast<char>(0x8a));  // FIN, pong
    frames.push_back(static_cast<char>(payload.size()));
    frames.append(payload);
  }
  return frames;
}

// What websocketpp keeps of the handshake and never reads again.
void WebSocketEngine::Native::release_handshake() {
  using Request = Config::request_type;
  using Response = Config::response_type;
  const_cast<Request&>(connection->get_request()) = Request();
  const_cast<Response&>(connection->get_response()) = Response();
  connection->set_validate_handler(nullptr);
}

WebSocketEngine::WebSocketEngine(WebSocketEndpoint& endpoint) : native_(std::make_unique<Native>()) {
  auto& server = endpoint.native_->server;
  native_->connection = server.get_connection();
  limit_messages(server.get_max_message_size());
  native_->wire();
  native_->connection->start();
}

WebSocketEngine::~WebSocketEngine() {
  native_->message = nullptr;
  native_->connection->eof();  // a connection that still waits for bytes keeps itself alive
}

void WebSocketEngine::limit_messages(std::size_t most_bytes) {
  native_->connection->set_max_message_size(most_bytes);
  native_->most_unfinished = 2 * most_bytes + (64 << 10);
}

std::string WebSocketEngine::accept(std::string_view key, std::string_view subprotocol) {
  auto& connection = *native_->connection;
  connection.set_validate_handler(
      [&connection, protocol = std::string(subprotocol)](const websocketpp::connection_hdl&) {
        websocketpp::lib::error_code ignored;
        if (!protocol.empty()) connection.select_subprotocol(protocol, ignored);
        return true;
      });
  std::string head = "GET / HTTP/1.1\r\nHost: jobwire\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  head.append("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ").append(key).append("\r\n");
  if (!subprotocol.empty()) head.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  head.append("\r\n");
  connection.read_all(head.data(), head.size());
  auto answer = std::move(native_->output);
  native_->output.clear();
  if (native_->ended || connection.get_state() != websocketpp::session::state::open) return {};
  native_->release_handshake();
  return answer;
}

void WebSocketEngine::read(std::string_view bytes, const Message& message) {
  auto& native = *native_;
  native.message = &message;
  while (!bytes.empty() && !native.ended) {
    const auto part = bytes.substr(0, Config::connection_read_buffer_size);
    native.unfinished += part.size();
    const auto used = native.connection->read_all(part.data(), part.size());
    bytes.remove_prefix(part.size());
    if (used < part.size()) break;                     // it reads no more
    if (native.unfinished > native.most_unfinished) {  // fragments without end
      websocketpp::lib::error_code ignored;
      native.connection->close(kMessageTooBig, "a message in too many fragments", ignored);
    }
  }
  native.message = nullptr;
}

std::string WebSocketEngine::close(std::uint16_t code, std::string_view reason) {
  websocketpp::lib::error_code error;
  native_->connection->close(code, fit_reason(reason), error);
  return take_output();
}

std::string WebSocketEngine::take_output() {
  auto output = std::move(native_->output);
  native_->output = {};
  return output;
}

std::string WebSocketEngine::take_pongs() { return closing() ? std::string() : native_->encode_pongs(); }

bool WebSocketEngine::closing() const { return native_->close_code != 0 || native_->ended; }
bool WebSocketEngine::ended() const { return native_->ended; }
std::uint16_t WebSocketEngine::close_code() const { return native_->close_code; }
std::uint64_t WebSocketEngine::messages() const { return native_->messages; }

}  // namespace jobwire::transport
