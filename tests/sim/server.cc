#include "server.h"

#include <algorithm>
#include <utility>

#include "jobwire/codec.h"

namespace jobwire::sim {

// The log commits some milliseconds after it was given something, as a store that groups commits does; what a kill
// finds waiting is lost.
class Server::LateLog final : public log::EventLog {
 public:
  LateLog(log::MemoryLog& log, Server& server) : log_(log), server_(server) {}

  Result<log::Restored> restore() override { return log_.restore(); }
  void follow(Tail tail) override { log_.follow(std::move(tail)); }
  void append(std::vector<log::Append> batch, log::AppendDone done) override {
    log_.append(std::move(batch), std::move(done));
    server_.commit_soon();
  }
  void append_records(std::vector<log::RecordAppend> batch, log::RecordsDone done) override {
    log_.append_records(std::move(batch), std::move(done));
    server_.commit_soon();
  }
  void expire(UnixMs now) override {
    log_.expire(now);
    server_.commit_soon();
  }
  void lookup(const JobEvent& event, std::function<void(log::LookupOutcome)> done) override {
    log_.lookup(event, std::move(done));
    server_.commit_soon();
  }
  void history(const JobId& job, std::size_t limit, std::function<void(Result<std::vector<JobEvent>>)> done) override {
    log_.history(job, limit, std::move(done));
    server_.commit_soon();
  }
  void save_snapshots(std::vector<log::JobSnapshot> snapshots, std::int64_t through) override {
    log_.save_snapshots(std::move(snapshots), through);
    server_.commit_soon();
  }
  void forget(std::vector<JobId> jobs, std::int64_t floor) override {
    log_.forget(std::move(jobs), floor);
    server_.commit_soon();
  }
  void drain(std::function<void()> done) override {
    log_.drain(std::move(done));
    server_.commit_soon();
  }
  std::string degraded() const override { return log_.degraded(); }

 private:
  log::MemoryLog& log_;
  Server& server_;
};

namespace {
constexpr DurationMs kTick = 100;
constexpr int kTicksANodeTick = 10;
constexpr DurationMs kCloseGrace = 5'000;
}  // namespace

Server::Server(ServerOptions options, log::MemoryStore& store, const Tokens& tokens, Timeline& timeline, Random& random,
               std::vector<std::string>& violations)
    : timeline_(timeline), random_(random), options_(options), tokens_(tokens), violations_(violations) {
  const log::Post post = [this, alive = alive_](std::function<void()> task) {
    posted_until_ = std::max(posted_until_, timeline_.now() + static_cast<DurationMs>(random_.below(3)));  // in order
    timeline_.at(posted_until_, [alive, task = std::move(task)] {
      if (*alive) task();
    });
  };
  memory_ = std::make_unique<log::MemoryLog>(log::MemoryLogOptions{{}, true, true}, store, timeline_,
                                             Random(random_.next()), post);
  log_ = std::make_unique<LateLog>(*memory_, *this);
  node_ = std::make_unique<node::Node>(options.node, *log_, timeline_);
  if (Status started = node_->start(); !started)
    violations_.push_back("the node did not start: " + started.error().message);
  estimates_ = std::make_unique<node::Estimates>(node::EstimateOptions{}, node_->table(), timeline_);
  hub_ = std::make_unique<hub::Hub>(options.hub, *node_, *estimates_, tokens_, timeline_, random_.next(), post);
  hub_->set_system_metrics([] { return std::string("{\"load\":0.5}"); });
  tick();
}

Server::~Server() {
  *alive_ = false;
  for (auto& [connection, held] : connections_) held->orphan();
  for (const auto& [number, held] : polls_) held->reset();
}

void Server::tick() {
  hub_->tick();
  if (++ticks_ % kTicksANodeTick == 0) node_->tick();
  for (auto& [connection, held] : std::map(connections_)) held->check_patience();
  timeline_.after(kTick, [this, alive = alive_] {
    if (*alive) tick();
  });
}

void Server::commit_soon() {
  if (std::exchange(commit_planned_, true)) return;
  timeline_.after(1 + static_cast<DurationMs>(random_.below(15)), [this, alive = alive_] {
    if (!*alive) return;
    commit_planned_ = false;
    memory_->commit();
  });
}

void Server::drain() { hub_->drain(); }
void Server::fail_store(const std::string& reason) { memory_->fail(reason); }

// ---- HTTP ----

namespace {
Server::Answer refusal(const Error& error) {
  return {http_status(error.code), encode_error(error), error.retry_after_ms};
}
}  // namespace

std::shared_ptr<void> Server::poll(const std::string& token, const std::string& body, Answered answered) {
  const Result<auth::Principal> who = tokens_.authenticate(token);
  if (!who) return answered(refusal(who.error())), nullptr;
  const Result<ChangesRequest> request = decode_changes_request(body);
  if (!request) return answered(refusal(request.error())), nullptr;
  auto poll = hub_->poll(*who, *request, [answered](std::shared_ptr<const std::string> text) {
    answered({200, *text, 0});
  });
  if (!poll) return answered(refusal(poll.error())), nullptr;
  // Dropped by the client's end, perhaps after this server is gone; and not from inside the poll's own answer.
  auto held = std::make_shared<HeldPoll>(std::move(*poll));
  polls_[++last_poll_] = held;
  return std::shared_ptr<void>(held.get(), [this, number = last_poll_, alive = alive_](void*) {
    if (!*alive) return;
    timeline_.after(0, [this, number, alive] {
      if (*alive) polls_.erase(number);
    });
  });
}

void Server::cancel(const std::string& token, const JobId& job, const std::string& reason, Answered answered) {
  const Result<auth::Principal> who = tokens_.authenticate(token);
  if (!who) return answered(refusal(who.error()));
  const node::JobRecord* record = node_->find(job);
  if (record == nullptr || !auth::may_see(*who, record->state) || !auth::may_cancel(*who, record->state)) {
    return answered(refusal({ErrorCode::not_found, "there is no such job", "jobId", 0}));
  }
  JobEvent event;
  event.job_id = job;
  event.body = event::CancelRequested{reason};
  node_->submit({event}, [answered](const std::vector<node::Verdict>& verdicts) {
    answered(verdicts.front().error ? refusal(*verdicts.front().error) : Answer{202, "{}", 0});
  });
}

void Server::publish(std::vector<JobEvent> events, node::SubmitDone done) {
  node_->submit(std::move(events), std::move(done));
}

// ---- WebSockets ----

std::shared_ptr<Server::Connection> Server::accept(Peer& peer, const Weather& weather) {
  auto connection = std::make_shared<Connection>(*this, ++last_connection_, peer, weather, hub::Framing::bare);
  connections_[last_connection_] = connection;
  connection->session_ = hub_->connect(*connection);
  return connection;
}

std::shared_ptr<Server::Connection> Server::stream(Peer& peer, const Weather& weather, const std::string& token,
                                                   const std::string& body) {
  const Result<auth::Principal> who = tokens_.authenticate(token);
  const Result<ChangesRequest> request = decode_changes_request(body);
  if (!who || !request) {
    violations_.push_back("a stream was asked for badly: " + body);
    return nullptr;
  }
  auto connection = std::make_shared<Connection>(*this, ++last_connection_, peer, weather, hub::Framing::event_stream);
  auto session = hub_->stream(*connection, *who, *request);
  if (!session) {
    if (!draining()) violations_.push_back("a stream is refused: " + session.error().message);
    return nullptr;
  }
  connections_[connection->number_] = connection;
  connection->session_ = std::move(*session);
  return connection;
}

Server::Connection::Connection(Server& server, std::uint64_t number, Peer& peer, const Weather& weather,
                               hub::Framing framing)
    : server_(&server),
      number_(number),
      timeline_(server.timeline_),
      peer_(&peer),
      weather_(weather),
      framing_(framing),
      to_client_(std::make_shared<Pipe>(server.timeline_, server.random_, weather)),
      to_server_(std::make_shared<Pipe>(server.timeline_, server.random_, weather)),
      last_progress_(server.timeline_.now()) {}

void Server::Connection::send(hub::Frame frame) {
  if (server_ == nullptr || closing_) return;
  unsent_ += frame->size();
  outbox_.push_back(std::move(frame));
  const hub::HubOptions& options = server_->options_.hub;
  // Up to the mark, then what one turn may still add: a page, replies, an overlay.
  const std::size_t bound = options.high_water + 2 * options.page_bytes + (16 << 10);
  if (unsent_ > bound) {
    server_->violations_.push_back("a slow client holds " + std::to_string(unsent_) + " bytes, more than " +
                                   std::to_string(bound));
  }
  if (std::exchange(writing_, true)) return;
  timeline_.after(0, [self = shared_from_this()] { self->write(); });
}

// Takes one frame after another at the client's reading speed; what vanishes is not taken any more.
void Server::Connection::write() {
  if (server_ == nullptr) return;
  if (outbox_.empty()) {
    writing_ = false;
    if (closing_) {
      to_client_->put([self = shared_from_this()] {
        if (Peer* peer = std::exchange(self->peer_, nullptr))
          peer->ended(static_cast<std::uint16_t>(self->close_code_));
      });
      return drop();
    }
    if (session_) session_->drained();
    return;
  }
  if (vanished_ || weather_.down || weather_.bytes_per_ms == 0) {
    return timeline_.after(200, [self = shared_from_this()] { self->write(); });
  }
  const hub::Frame frame = std::move(outbox_.front());
  outbox_.pop_front();
  unsent_ -= frame->size();
  last_progress_ = timeline_.now();
  put_pieces(frame);
  const auto pause = static_cast<DurationMs>(frame->size() / weather_.bytes_per_ms);
  timeline_.after(pause, [self = shared_from_this()] { self->write(); });
}

void Server::Connection::put_pieces(const hub::Frame& frame) {
  Random& random = server_->random_;
  for (std::size_t at = 0; at < frame->size();) {
    const std::size_t rest = frame->size() - at;
    const std::size_t size = framing_ == hub::Framing::bare ? rest : 1 + random.below(rest);
    to_client_->put([self = shared_from_this(), frame, at, size] {
      if (self->peer_ != nullptr) self->peer_->arrived(frame->substr(at, size));
    });
    at += size;
  }
}

void Server::Connection::close(CloseCode code, std::string_view) {
  if (std::exchange(closing_, true)) return;
  close_code_ = code;
  timeline_.after(kCloseGrace, [self = shared_from_this()] { self->drop(); });
  if (std::exchange(writing_, true)) return;
  timeline_.after(0, [self = shared_from_this()] { self->write(); });
}

void Server::Connection::drop() {
  if (server_ == nullptr) return;
  session_.reset();
  outbox_.clear();
  unsent_ = 0;
  std::exchange(server_, nullptr)->connections_.erase(number_);
}

// What is on its way may still arrive, or be lost with the rest; the client hears of the end, or does not.
void Server::Connection::orphan() {
  Random& random = server_->random_;
  session_.reset();
  server_ = nullptr;
  outbox_.clear();
  const auto end = [self = shared_from_this()] {
    if (Peer* peer = std::exchange(self->peer_, nullptr)) peer->ended(1006);
  };
  if (vanished_) return;
  const auto fate = random.below(4);
  if (fate > 1) return to_client_->put(end);
  vanish();
  if (fate == 1) timeline_.after(travel_time(weather_, random), end);
}

void Server::Connection::check_patience() {
  if (server_ == nullptr || outbox_.empty()) {
    last_progress_ = timeline_.now();
  } else if (timeline_.now() - last_progress_ > server_->options_.write_patience) {
    break_off();
  }
}

void Server::Connection::put(const std::string& message) {
  if (vanished_) return;
  to_server_->put([self = shared_from_this(), message] {
    if (self->server_ != nullptr && self->session_ && !self->closing_) self->session_->received(message);
  });
}

void Server::Connection::client_closed() {
  peer_ = nullptr;
  to_client_->cut();
  if (vanished_) return;
  to_server_->put([self = shared_from_this()] { self->drop(); });
}

void Server::Connection::vanish() {
  vanished_ = true;
  to_client_->cut();
  to_server_->cut();
}

void Server::Connection::break_off() {
  vanish();
  timeline_.after(weather_.delay, [self = shared_from_this()] {
    if (Peer* peer = std::exchange(self->peer_, nullptr)) peer->ended(1006);
  });
  timeline_.after(weather_.delay * 2, [self = shared_from_this()] { self->drop(); });
}

}  // namespace jobwire::sim
