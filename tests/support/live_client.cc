#include "support/live_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <utility>

#include "jobwire/codec.h"
#include "support/recorded_session.h"

namespace jobwire::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

UnixMs now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

tcp::endpoint endpoint_of(const ServerAddress& server) {
  return {asio::ip::address_v4::loopback(), server.port.load()};
}

// One WebSocket. Reports to `State` until it is dropped there.
template <class State>
struct Socket : std::enable_shared_from_this<Socket<State>> {
  Socket(State& owner, std::uint32_t its_number) : state(&owner), number(its_number), ws(owner.io) {}

  void open(const ServerAddress& server) {
    beast::get_lowest_layer(ws).async_connect(endpoint_of(server), [self = this->shared_from_this()](error_code error) {
      if (error) return self->ended(1006);
      self->ws.set_option(beast::websocket::stream_base::decorator([](beast::websocket::request_type& request) {
        request.set(http::field::sec_websocket_protocol, "jobwire.v1");
      }));
      self->ws.async_handshake("127.0.0.1", "/ws", [self](error_code refused) {
        if (refused) return self->ended(1006);
        self->report([&](State& owner) { owner.session.socket_opened(now(), self->number); });
        self->read();
      });
    });
  }
  void read() {
    ws.async_read(buffer, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return self->ended(error == beast::websocket::error::closed ? self->ws.reason().code : 1006);
      const std::string text = beast::buffers_to_string(self->buffer.data());
      self->buffer.consume(self->buffer.size());
      self->report([&](State& owner) { owner.received(self->number, text); });
      self->read();
    });
  }
  void send(std::string text) {
    outbox.push_back(std::move(text));
    if (outbox.size() == 1) write();
  }
  void write() {
    ws.async_write(asio::buffer(outbox.front()), [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return;  // the read ends as well
      self->outbox.pop_front();
      if (!self->outbox.empty()) self->write();
    });
  }
  void drop() {
    state = nullptr;
    error_code ignored;
    beast::get_lowest_layer(ws).close(ignored);
  }
  void ended(std::uint16_t code) {
    report([&](State& owner) { owner.session.socket_closed(now(), number, code, ""); });
  }
  template <class Call>
  void report(Call call) {
    if (state) call(*state);
    if (state) state->act();
  }

  State* state;
  std::uint32_t number;
  beast::websocket::stream<tcp::socket> ws;
  beast::flat_buffer buffer;
  std::deque<std::string> outbox;
};

// One POST and its answer.
template <class State>
struct Exchange : std::enable_shared_from_this<Exchange<State>> {
  Exchange(State& owner, const std::string& target, std::string body) : state(&owner), socket(owner.io) {
    request = {http::verb::post, target, 11};
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::authorization, "Bearer " + owner.token);
    request.body() = std::move(body);
    request.prepare_payload();
  }
  void run(const ServerAddress& server) {
    socket.async_connect(endpoint_of(server), [self = this->shared_from_this()](error_code error) {
      if (error) return self->answered(0);
      http::async_write(self->socket, self->request, [self](error_code failed, std::size_t) {
        if (failed) return self->answered(0);
        http::async_read(self->socket, self->buffer, self->response, [self](error_code lost, std::size_t) {
          self->answered(lost ? 0 : static_cast<int>(self->response.result_int()));
        });
      });
    });
  }
  void answered(int status) {
    if (!state) return;
    done(*state, status, response.body());
    if (state) state->act();
  }
  void drop() {
    state = nullptr;
    error_code ignored;
    socket.close(ignored);
  }

  State* state;
  std::function<void(State&, int, const std::string&)> done;
  tcp::socket socket;
  http::request<http::string_body> request;
  http::response<http::string_body> response;
  beast::flat_buffer buffer;
};

}  // namespace

struct LiveClient::State : std::enable_shared_from_this<LiveClient::State> {
  State(asio::io_context& its_io, const ServerAddress& its_server, std::string its_token, ClientOptions options,
        std::uint64_t seed)
      : io(its_io), server(its_server), token(std::move(its_token)), session(options, store, seed), timer(its_io) {}

  void received(std::uint32_t socket, const std::string& text) {
    if (const auto message = decode_server_message(text)) {
      if (const auto* changes = std::get_if<push::Changes>(&*message)) look_at(*changes);
    } else {
      faults.push_back("a message that does not decode: " + message.error().message);
    }
    session.socket_received(now(), socket, text);
    look_at_store();
  }
  void polled(std::uint32_t poll, int status, const std::string& body) {
    if (const auto changes = decode_changes(body); status == 200 && changes) look_at(*changes);
    session.polled(now(), poll, status, body);
    look_at_store();
  }
  void look_at(const push::Changes& changes) {
    if (changes.reset) {
      ++resets;
      versions.clear();
    }
  }
  // What a person sees of a job never goes back.
  void look_at_store() {
    for (const StoreChange& change : store.take()) {
      const JobState* job = store.find(change.job_id);
      if (!job) {
        versions.erase(change.job_id);
        continue;
      }
      std::int64_t& seen = versions[change.job_id];
      if (job->version < seen) faults.push_back("the version of " + change.job_id.value + " went back");
      seen = job->version;
    }
  }

  void act() {
    for (auto actions = session.take_actions(); !actions.empty(); actions = session.take_actions()) {
      for (Action& action : actions) std::visit([this](auto& one) { perform(one); }, action);
    }
    const UnixMs wake = session.wake_at();
    timer.cancel();
    if (wake == 0) return;
    timer.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(wake - now(), 0)));
    timer.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->session.tick(now());
      self->act();
    });
  }
  void perform(action::OpenSocket& open) {
    const auto socket = std::make_shared<Socket<State>>(*this, open.socket);
    sockets[open.socket] = socket;
    socket->open(server);
  }
  void perform(action::Send& send) {
    if (const auto at = sockets.find(send.socket); at != sockets.end()) at->second->send(std::move(send.text));
  }
  void perform(action::CloseSocket& close) {
    if (const auto at = sockets.find(close.socket); at != sockets.end()) {
      at->second->drop();
      sockets.erase(at);
    }
  }
  void perform(action::Poll& poll) {
    const auto exchange = std::make_shared<Exchange<State>>(*this, "/api/v1/changes", std::move(poll.body));
    exchange->done = [number = poll.poll](State& owner, int status, const std::string& body) {
      owner.polls.erase(number);
      owner.polled(number, status, body);
    };
    polls[poll.poll] = exchange;
    exchange->run(server);
  }
  void perform(action::AbortPoll& abort) {
    if (const auto at = polls.find(abort.poll); at != polls.end()) {
      at->second->drop();
      polls.erase(at);
    }
  }
  void perform(action::NeedToken&) { session.set_token(now(), token); }
  void perform(action::ChannelRefused& refused) { faults.push_back("refused: " + to_string(refused.channel)); }
  void perform(action::Request&) {}
  void perform(action::StatusChanged&) {}
  void perform(action::CommandDone&) {}
  void perform(action::Pushed&) {}

  asio::io_context& io;
  const ServerAddress& server;
  std::string token;
  JobStore store;
  RecordedSession session;
  asio::steady_timer timer;
  std::map<std::uint32_t, std::shared_ptr<Socket<State>>> sockets;
  std::map<std::uint32_t, std::shared_ptr<Exchange<State>>> polls;
  std::map<JobId, std::int64_t> versions;
  std::vector<std::string> faults;
  int resets = 0;
};

LiveClient::LiveClient(asio::io_context& io, const ServerAddress& server, std::string token,
                       std::vector<Channel> channels, ClientOptions options) {
  options.needs_token = true;
  options.backoff = {50, 500, 10};
  const std::uint64_t seed = std::hash<std::string>{}(token);
  state_ = std::make_shared<State>(io, server, std::move(token), options, seed);
  state_->session.follow(now(), channels);
  state_->session.start(now());
  state_->act();
}

LiveClient::~LiveClient() {
  state_->timer.cancel();
  for (auto& [number, socket] : state_->sockets) socket->drop();
  for (auto& [number, poll] : state_->polls) poll->drop();
}

const JobStore& LiveClient::store() const { return state_->store; }
RecordedSession& LiveClient::session() { return state_->session; }
int LiveClient::resets() const { return state_->resets; }
const std::vector<std::string>& LiveClient::faults() const { return state_->faults; }

}  // namespace jobwire::test
