// Whole Socket.IO sessions over a server in memory: a line is what a client (or time) does next. Whatever it says, it
// loses its own session and nothing else: somebody beside it stays connected and hears of their job; each request is
// answered once, all that is sent is UTF-8 and packets, and another's job is not told.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core_in_memory.h"
#include "hub/dialects.h"
#include "jobwire/engineio.h"
#include "jobwire/ids.h"
#include "jobwire/socketio.h"
#include "socketio/plain_events.h"
#include "socketio/server.h"
#include "support/fake_exchange.h"
#include "transport/http_rules.h"

namespace jobwire::fuzz {
namespace {

constexpr std::string_view kText = "\x81", kBinary = "\x82";

// A server's frame without its header (RFC 6455, section 5.2).
std::string_view payload_of(std::string_view frame) {
  promise(frame.starts_with(kText) || frame.starts_with(kBinary), "a frame is whole, and text or binary");
  const auto size = static_cast<unsigned char>(frame[1]);
  return frame.substr(size < 126 ? 2 : size == 126 ? 4 : 10);
}

bool said_by_client = false;  // the secret: it may come back in an error

void check_told(std::string_view packet) {
  promise(is_valid_utf8(packet), "what is told is UTF-8");
  if (!said_by_client) promise(packet.find(kSecret) == std::string_view::npos, "another's job is not told");
}

void check_engine_packet(std::string_view text) {
  check_told(text);
  const auto packet = engineio::decode(text);
  promise(bool(packet), "what is sent is an Engine.IO packet");
  if (packet->type != engineio::PacketType::message || packet->binary) return;
  promise(bool(socketio::decode(packet->body)), "what is sent is a Socket.IO packet");
}

class Wire final : public hub::Sink {
 public:
  explicit Wire(bool plain) : plain_(plain) {}
  hub::Framing framing() const override { return hub::Framing::websocket_text; }
  void send(hub::Frame frame) override {
    if (closed) return;
    const std::string_view payload = payload_of(*frame);
    if (frame->starts_with(kText)) plain_ ? check_told(payload) : check_engine_packet(payload);
    told.append(payload).push_back('\n');
  }
  void close(CloseCode, std::string_view) override { closed = true; }
  bool unsent_exceeds(std::size_t) const override { return false; }

  std::string told;
  bool closed = false;

 private:
  bool plain_;
};

// As a connection holds it: the session goes when the wire does.
struct WebSocket {
  explicit WebSocket(bool plain) : wire(plain) {}
  Wire wire;
  std::unique_ptr<transport::SessionPort> session;
  void received(std::string_view message, bool binary) {
    if (!session || wire.closed) return;
    binary ? session->received_binary(message) : session->received(message);
  }
};

transport::Request request_of(std::string method, std::string_view target, std::string body = {}) {
  transport::Request request;
  request.method = std::move(method);
  if (transport::apply_target(target, request)) request.path = "/";
  request.headers = {{"host", "localhost"}};
  request.body = std::move(body);
  return request;
}

class World {
 public:
  World() {
    const socketio::ServerOptions options;
    const socketio::Server::Surroundings around{core_.clock, core_.tasks.post(), [this] { return next_id(); }};
    server_ = socketio::make_server(options, {}, dialects_.namespaces(), around);
    routes_ = server_->routes();
    for (auto& route : socketio::plain_routes(dialects_.namespaces(), {})) routes_.push_back(std::move(route));
    open_bystander();
  }
  ~World() {
    sockets_.clear();
    bystander_.session.reset();
    server_->drain();
    core_.tasks.run();
  }

  void take(char what, std::string_view data) {
    switch (what) {
      case 'c':
        ask(request_of("GET", "/socket.io/?EIO=4&transport=polling"));
        learn_sid();
        break;
      case 'g':
        ask(request_of("GET", with_sid("polling")));
        break;
      case 'p':
        ask(request_of("POST", with_sid("polling"), std::string(data)));
        break;
      case 'q':
        ask(request_of("GET", data));
        break;
      case 'C':
        open(request_of("GET", "/socket.io/?EIO=4&transport=websocket"));
        break;
      case 's':  // in one turn with what comes next
        if (!sockets_.empty()) sockets_.back()->received(data, false);
        return;
      case 'u':
        open(request_of("GET", with_sid("websocket")));
        break;
      case 'P':
        open(request_of("GET", data));
        break;
      default:
        take_rest(what, data);
    }
    core_.tasks.run();
  }

  // Still there, and told of a job of theirs.
  void check_bystander() {
    bystander_.wire.told.clear();
    report("theirs", 100);
    promise(!bystander_.wire.closed, "who did nothing wrong stays connected");
    promise(bystander_.wire.told.find("42/jobs,[\"job:progress\"") != std::string::npos, "and hears of their job");
  }

 private:
  void take_rest(char what, std::string_view data) {
    if (what == 't' && !sockets_.empty()) sockets_.back()->received(data, false);
    if (what == 'b' && !sockets_.empty()) sockets_.back()->received(data, true);
    if (what == 'd' && !sockets_.empty()) sockets_.pop_back();
    if (what == 'x' && !waiting_.empty()) waiting_.front()->abort();
    if (what == 'w') pass(data.empty() ? 1 : static_cast<unsigned char>(data.front()));
    if (what == 'j') report("bobs", 1 + static_cast<int>(data.size()) % 99);
  }

  std::string next_id() { return "id-" + std::to_string(++ids_); }
  std::string with_sid(std::string_view transport) const {
    return "/socket.io/?EIO=4&transport=" + std::string(transport) + "&sid=" + sid_;
  }

  void ask(transport::Request request) {
    if (!server_->serves(request.path)) return;
    const auto exchange = std::make_shared<test::FakeExchange>(std::move(request));
    server_->handle(exchange);
    waiting_.push_back(exchange);
    core_.tasks.run();
    for (const auto& each : waiting_) check_answer(*each);
    std::erase_if(waiting_, [](const auto& each) { return each->response.has_value(); });
    last_ = exchange;
  }

  static void check_answer(const test::FakeExchange& exchange) {
    promise(exchange.answers <= 1, "a request is answered at most once");
    if (!exchange.response) return;
    const transport::Response& response = *exchange.response;
    promise(response.status == 200 || response.status == 400 || response.status == 413, "an answer is one of three");
    check_told(response.body);
    if (response.status != 200 || exchange.request().method != "GET") return;
    std::string_view rest = response.body;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\x1e'), rest.size());
      check_engine_packet(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void learn_sid() {
    const std::string& body = last_->response ? last_->response->body : std::string();
    const std::size_t at = body.find("\"sid\":\"");
    if (at != std::string::npos) sid_ = body.substr(at + 7, body.find('"', at + 7) - at - 7);
  }

  bool connect(WebSocket& socket, const transport::Request& request) {
    for (const transport::WebSocketRoute& route : routes_) {
      if (route.path != request.path) continue;
      if (route.check && route.check(request)) return false;
      socket.session = route.open(socket.wire, request);
      return socket.session != nullptr;
    }
    return false;
  }
  void open(transport::Request request) {
    if (sockets_.size() >= 8) return;
    request.headers.emplace_back("authorization", "Bearer bob");
    auto socket = std::make_unique<WebSocket>(!server_->serves(request.path));
    if (connect(*socket, request)) sockets_.push_back(std::move(socket));
  }

  void open_bystander() {
    promise(connect(bystander_, request_of("GET", "/socket.io/?EIO=4&transport=websocket")), "a WebSocket is let in");
    bystander_.received(R"(40/jobs,{"token":"alice"})", false);
    core_.tasks.run();
    report("theirs", 1);
    bystander_.received(R"(42/jobs,["subscribe:jobs",{"jobId":"theirs"}])", false);
    core_.tasks.run();
  }

  void report(const std::string& job, int percent) {
    JobEvent event;
    event.job_id.value = job;
    event.identity.user_id.value = job == "theirs" ? "alice" : "bob";
    event.body = event::Progress{Percent{percent * 100}};
    core_.publish(std::move(event));
    pass(2);  // dialects wait for a tenth of a second
  }

  void pass(int tenths) {
    core_.clock.advance(100 * tenths);
    core_.hub->tick();
    server_->tick();
    core_.tasks.run();
    bystander_.received("3", false);
  }

  CoreInMemory core_{true};
  int ids_ = 0;
  hub::Dialects dialects_{{}, *core_.hub, core_.clock, [this] { return next_id(); }};
  std::unique_ptr<socketio::Server> server_;
  std::vector<transport::WebSocketRoute> routes_;
  std::vector<std::unique_ptr<WebSocket>> sockets_;
  WebSocket bystander_{false};
  std::vector<std::shared_ptr<test::FakeExchange>> waiting_;
  std::shared_ptr<test::FakeExchange> last_;
  std::string sid_;
};

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  jobwire::fuzz::Bytes bytes(data, size);
  jobwire::fuzz::said_by_client =
      std::string_view(reinterpret_cast<const char*>(data), size).find(jobwire::fuzz::kSecret) !=
      std::string_view::npos;
  jobwire::fuzz::World world;
  for (int steps = 0; !bytes.empty() && steps < 200; ++steps) {
    const auto what = static_cast<char>(bytes.byte());
    world.take(what, bytes.line());
  }
  world.check_bystander();
  return 0;
}
