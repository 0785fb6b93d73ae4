#include "transport/loop.h"

#include <boost/asio/post.hpp>
#include <ctime>

#include "transport/connection.h"

namespace jobwire::transport {
namespace {
constexpr std::size_t kReadBytes = 64 << 10;
}

Loop::Loop(boost::asio::io_context& context, TransportOptions given, Handler to, std::vector<WebSocketRoute> routes)
    : io(context),
      options(std::move(given)),
      handler(std::move(to)),
      websocket_endpoint(options.message_bytes),
      routes_(std::move(routes)),
      read_buffer_(kReadBytes),
      deadlines_(now(), options.timeouts.tick),
      timer_(context) {
  if (options.batch_writes) use_batch(SendBatch::create());
}

Loop::~Loop() {
  *alive_ = false;
  for_each([](Connection& connection) { connection.cut(); });
}

void Loop::add(std::shared_ptr<Connection> connection) {
  connections_.push_front(std::move(connection));
  connections_.front()->place_ = connections_.begin();
  ++stats.connections;
  if (!timer_runs_) run_timer();
}

void Loop::remove(Connection& connection) {
  --stats.connections;
  connections_.erase(connection.place_);  // who calls holds it
  if (!connections_.empty() || !when_empty_) return;
  boost::asio::post(io, std::exchange(when_empty_, nullptr));
}

void Loop::when_empty(std::function<void()> then) {
  when_empty_ = std::move(then);
  if (connections_.empty()) boost::asio::post(io, std::exchange(when_empty_, nullptr));
}

void Loop::flush_later(Connection& connection) {
  to_flush_.push_back(connection);
  end_turn_later();
}

void Loop::release_later(std::shared_ptr<void> object) {
  to_release_.push_back(std::move(object));
  end_turn_later();
}

void Loop::end_turn_later() {
  if (std::exchange(turn_posted_, true)) return;
  boost::asio::post(io, [this, alive = alive_] {
    if (*alive) end_turn();
  });
}

void Loop::end_turn() {
  turn_posted_ = false;
  decltype(to_flush_) turn;
  turn.swap(to_flush_);
  std::vector<std::shared_ptr<void>> released;
  released.swap(to_release_);
  const bool several = !turn.empty() && std::next(turn.begin()) != turn.end();
  decltype(to_flush_) alone;
  while (!turn.empty()) {
    auto& connection = static_cast<Connection&>(turn.front());
    turn.pop_front();
    if (!several || !batch_ || !connection.add_to(*batch_)) {
      alone.push_back(connection);
      continue;
    }
    batched_.push_back(connection.shared_from_this());
    if (batch_->full()) send_batch();
  }
  if (!batched_.empty()) send_batch();
  while (!alone.empty()) {
    auto& connection = static_cast<Connection&>(alone.front());
    alone.pop_front();
    connection.flush_now();
  }
}

void Loop::use_batch(std::unique_ptr<SendBatch> batch) {
  batch_ = std::move(batch);
  stats.batches_writes = batch_ != nullptr;
}

// Nobody's code runs between the first add_to() and submit(), so whoever was added is still as it was: what can call
// out, flush_now(), comes after the batches.
void Loop::send_batch() {
  const auto results = batch_->submit();
  for (std::size_t i = 0; i < results.size(); ++i) batched_[i]->sent(results[i]);
  if (batch_->broken()) use_batch(nullptr);
  batched_.clear();
}

void Loop::set_deadline(Connection& connection, SteadyTime at) { deadlines_.set(connection, at); }

void Loop::run_timer() {
  timer_runs_ = true;
  timer_.expires_after(deadlines_.tick());
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (error || !*alive) return;
    deadlines_.advance(now());
    timer_runs_ = false;
    if (!connections_.empty()) run_timer();
  });
}

const std::string& Loop::date() {
  const auto steady = now();
  if (date_.empty() || steady >= date_until_) {
    const std::time_t seconds = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[utc.tm_wday], utc.tm_mday,
                  kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    date_ = text;
    date_until_ = steady + std::chrono::seconds(1);
  }
  return date_;
}

const WebSocketRoute* Loop::route(std::string_view path) const {
  for (const auto& route : routes_) {
    if (route.path == path) return &route;
  }
  return nullptr;
}

}  // namespace jobwire::transport
