#include "transport/http_connection.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "transport/credentials.h"
#include "transport/http_exchange.h"
#include "transport/http_response.h"
#include "transport/websocket_connection.h"

namespace jobwire::transport {
namespace {

constexpr std::size_t kMostUnwritten = 64 << 10;  // of answers, past which the next pipelined request waits
constexpr std::size_t kMostPipelined = 64 << 10;  // bytes read ahead while a request is being handled
constexpr std::size_t kCopiedBody = 4 << 10;      // a body up to here shares its head's segment

std::shared_ptr<const std::string> chunk_line(std::size_t bytes) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16).ptr;
  return std::make_shared<const std::string>(std::string(digits.data(), end).append("\r\n"));
}

const std::shared_ptr<const std::string>& line_end() {
  static const auto shared = std::make_shared<const std::string>("\r\n");
  return shared;
}

Response overload() { return problem({ErrorCode::unavailable, "too many connections", {}, 1000}); }

}  // namespace

HttpConnection::HttpConnection(Loop& loop, Socket given)
    : Connection(loop, std::move(given)),
      reader_(loop.options.http),
      peer_(socket().peer_address()),
      client_(auth::client_address(peer_, {}, {})),
      loopback_(socket().peer_is_loopback()) {
  const auto& proxies = loop_.options.trusted_proxies;
  behind_proxy_ =
      std::any_of(proxies.begin(), proxies.end(), [this](const auto& each) { return each.contains(peer_); });
}

void HttpConnection::start() {
  due_ = loop_.now() + loop_.options.timeouts.head;
  arm();
  loop_.tls ? start_tls() : read_more();
}

void HttpConnection::start_refused() {
  refused_ = true;
  ++loop_.refusing;
  if (loop_.tls) return cut();
  keep_alive_ = false;
  respond(overload());
}

void HttpConnection::on_plain_text() {
  refuse({400, {ErrorCode::bad_request, "this port speaks TLS: use https or wss", {}}, {}});
}

// ---- requests ----

void HttpConnection::on_bytes(std::string_view bytes) {
  if (finishing()) return read_more();
  reader_.feed(bytes);
  process();
  if (phase_ != Phase::reading && reader_.buffered() < kMostPipelined) read_more();
}

void HttpConnection::on_ended() {
  if (phase_ == Phase::reading) return process();
  const bool streaming = phase_ == Phase::streaming;
  abort();
  if (streaming) cut();
}

// What can be done at once: several small pipelined requests in one turn, and no more answers than the peer takes.
void HttpConnection::process() {
  if (std::exchange(processing_, true)) return;
  while (!closed() && !finishing() && phase_ == Phase::reading && outbox().bytes() < kMostUnwritten && process_one()) {
  }
  processing_ = false;
}

bool HttpConnection::process_one() {
  switch (reader_.next()) {
    case RequestReader::Step::need_more:
      await_more();
      return false;
    case RequestReader::Step::head:
      body_until_ = loop_.now() + loop_.options.timeouts.body;
      if (reader_.parsed().framing.expects_continue && reader_.buffered() == 0) send("HTTP/1.1 100 Continue\r\n\r\n");
      return true;
    case RequestReader::Step::complete: {
      const bool upgrades = reader_.parsed().framing.upgrades_to_websocket;
      if (upgrades && !outbox().empty()) return false;  // earlier answers first
      dispatch();
      return true;
    }
    case RequestReader::Step::refused:
      refuse(reader_.refusal());
      return false;
  }
  return false;
}

void HttpConnection::await_more() {
  if (peer_ended()) return finish();
  const auto& timeouts = loop_.options.timeouts;
  const auto now = loop_.now();
  if (reader_.in_body()) {
    due_ = std::min(now + timeouts.body_idle, body_until_);
  } else if (reader_.in_head()) {
    head_until_ = std::min(head_until_, now + timeouts.head);
    due_ = had_request_ ? head_until_ : std::min(due_, head_until_);
  } else if (had_request_) {
    if (loop_.draining) return finish();
    due_ = now + timeouts.keep_alive;
  }
  arm();
  read_more();
}

void HttpConnection::on_due() {
  ++loop_.stats.timed_out;
  if (!reader_.in_head() && !reader_.in_body()) return finish();  // nothing was asked
  refuse({408, {ErrorCode::bad_request, "the request did not arrive in time", {}}, {}});
}

void HttpConnection::dispatch() {
  ++loop_.stats.requests;
  had_request_ = true;
  head_until_ = body_until_ = due_ = SteadyTime::max();
  arm();
  const auto& parsed = reader_.parsed();
  minor_version_ = parsed.minor_version;
  keep_alive_ = parsed.framing.keep_alive;
  is_head_ = parsed.request.method == "HEAD";
  const auto* route = loop_.route(parsed.request.path);
  if (route != nullptr && (parsed.framing.upgrades_to_websocket || !route->also_http)) return upgrade(*route);
  phase_ = Phase::handling;
  abort_told_ = false;
  auto exchange =
      std::make_shared<HttpExchange>(std::static_pointer_cast<HttpConnection>(shared_from_this()), take_request());
  try {
    loop_.handler(exchange);
  } catch (...) {
    exchange->respond(problem({ErrorCode::internal, "internal error", {}}));
  }
  if (phase_ != Phase::reading && reader_.buffered() < kMostPipelined)
    read_more();  // to notice that the peer goes away
}

Request HttpConnection::take_request() {
  auto request = reader_.take().request;
  request.peer = peer_;
  request.client = behind_proxy_ ? forwarded_client(request, loop_.options.trusted_proxies) : client_;
  request.loopback = loopback_;
  request.secure = socket().secure();
  return request;
}

void HttpConnection::upgrade(const WebSocketRoute& route) {
  const auto framing = reader_.parsed().framing;
  const auto request = take_request();
  if (!framing.upgrades_to_websocket) {
    return refuse({426, {ErrorCode::bad_request, "this path is a WebSocket's", {}}, {{"Upgrade", "websocket"}}});
  }
  if (auto refusal = check_upgrade(request, minor_version_, framing)) return refuse(*refusal);
  if (loop_.options.origin_allowed && !loop_.options.origin_allowed(request)) {
    return refuse({403, {ErrorCode::forbidden, "this Origin may not connect", "Origin"}, {}});
  }
  if (loop_.draining) return refuse({503, {ErrorCode::unavailable, "the server goes away", {}, 1000}, {}});
  if (auto refusal = route.check ? route.check(request) : std::nullopt) {
    keep_alive_ = is_head_ = false;
    return respond(std::move(*refusal));
  }
  const auto leftover = reader_.take_leftover();
  auto& loop = loop_;
  auto websocket = std::make_shared<WebSocketConnection>(loop, release_socket());
  loop.add(websocket);
  websocket->open(route, request, leftover);
}

void HttpConnection::refuse(const Refusal& refusal) {
  ++loop_.stats.bad_requests;
  keep_alive_ = is_head_ = false;
  auto response = problem(refusal.error, refusal.status);
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  respond(std::move(response));
}

// ---- answers ----

void HttpConnection::respond(Response response) {
  if (closed() || finishing()) return;
  const bool last = loop_.draining || (peer_ended() && reader_.buffered() == 0);
  keep_alive_ = keep_alive_ && !last;
  auto head = response_head(response, {keep_alive_, minor_version_, false, loop_.date()});
  const bool with_body = !is_head_ && may_have_body(response.status);
  const bool small = !response.shared_body && response.body.size() <= kCopiedBody;
  if (with_body && small) head.append(response.body);
  send(std::move(head));
  if (with_body && !small) {
    response.shared_body ? send(std::move(response.shared_body)) : send(std::move(response.body));
  }
  answered();
}

void HttpConnection::answered() {
  if (phase_ == Phase::streaming) --loop_.stats.streams;
  phase_ = Phase::reading;
  drained_ = nullptr;
  const auto aborted = std::exchange(aborted_, nullptr);  // may hold who calls
  keep_alive_ ? process() : finish();
}

void HttpConnection::begin_stream(Response head) {
  if (closed() || finishing()) return;
  if (peer_ended()) return cut();
  phase_ = Phase::streaming;
  ++loop_.stats.streams;
  chunked_ = minor_version_ >= 1;
  keep_alive_ = keep_alive_ && chunked_ && !loop_.draining;
  send(response_head(head, {keep_alive_, minor_version_, chunked_, loop_.date()}));
  if (head.shared_body) write_chunk(std::move(head.shared_body));
  if (!head.body.empty()) write_chunk(std::make_shared<const std::string>(std::move(head.body)));
}

void HttpConnection::write_chunk(std::shared_ptr<const std::string> bytes) {
  if (closed() || finishing() || is_head_ || !bytes || bytes->empty()) return;
  if (!chunked_) return send(std::move(bytes));
  send(chunk_line(bytes->size()));
  send(std::move(bytes));
  send(line_end());
}

void HttpConnection::end_stream() {
  if (closed() || finishing()) return;
  if (chunked_ && !is_head_) send("0\r\n\r\n");
  if (loop_.draining || !chunked_) keep_alive_ = false;
  answered();
}

void HttpConnection::abandon_exchange() {
  if (closed() || finishing()) return;
  if (phase_ == Phase::streaming || peer_ended()) return cut();
  if (loop_.draining) return respond(problem({ErrorCode::unavailable, "the server goes away", {}, 1000}));
  respond(problem({ErrorCode::internal, "the request was not answered", {}}));
}

void HttpConnection::on_abort(std::function<void()> aborted) {
  if (!closed()) aborted_ = std::move(aborted);
}

void HttpConnection::on_drained(std::function<void()> drained) {
  if (!closed()) drained_ = std::move(drained);
}

void HttpConnection::on_written() {
  const auto self = shared_from_this();
  if (phase_ == Phase::reading) return process();
  const auto drained = drained_;  // may end the stream
  if (drained) drained();
}

// ---- ends ----

void HttpConnection::abort() {
  if (std::exchange(abort_told_, true)) return;
  ++loop_.stats.aborted;
  const auto self = shared_from_this();
  if (const auto aborted = std::exchange(aborted_, nullptr)) aborted();
}

void HttpConnection::on_cut() {
  if (refused_) --loop_.refusing;
  drained_ = nullptr;
  if (phase_ == Phase::streaming) --loop_.stats.streams;
  if (phase_ != Phase::reading) abort();
}

void HttpConnection::drain() {
  if (phase_ == Phase::reading) {
    if (!reader_.in_head() && !reader_.in_body()) finish();
    return;
  }
  keep_alive_ = false;
  const auto self = shared_from_this();
  if (const auto aborted = std::exchange(aborted_, nullptr)) aborted();
}

}  // namespace jobwire::transport
