#include "hub/hub.h"

#include <algorithm>
#include <utility>

#include "hub/conversation.h"
#include "hub/frame.h"
#include "hub/poll.h"

namespace jobwire::hub {
namespace {

constexpr DurationMs kSessionTick = 500;
constexpr DurationMs kMetricsEvery = 2'000;
// A drain spreads its clients over the time that a restart takes and so much more for each, up to `drain_spread`.
constexpr DurationMs kRestart = 1'000;
constexpr DurationMs kDrainSlot = 10;

std::string session_name(Random& random) {
  std::string name(16, '0');
  std::uint64_t bits = random.next();
  for (char& c : name) {
    c = "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return name;
}

}  // namespace

Hub::Hub(HubOptions options, node::Node& node, node::Estimates& estimates, const auth::Authenticator& authenticator,
         const Clock& clock, std::uint64_t seed, log::Post post)
    : options_(std::move(options)),
      node_(node),
      authenticator_(authenticator),
      clock_(clock),
      random_(seed),
      limiter_(options_.rates),
      post_(std::move(post)),
      overlay_(estimates, node) {
  overlay_.restored();
  node_.observe([this](const node::Change& change) { publish(change); }, [this] { flush(); });
  node_.observe_records([this](const log::Record& record) { publish(record); });
}

Hub::~Hub() {
  node_.observe({}, {});
  node_.observe_records({});
}

std::unique_ptr<Session> Hub::connect(Sink& sink, auth::Credentials credentials, std::string address) {
  return std::make_unique<Session>(*this, sink, session_name(random_), std::move(credentials), std::move(address));
}

Status Hub::check(const auth::Principal& who, const ChangesRequest& request) const {
  if (draining_) return Error{ErrorCode::unavailable, "the server is restarting", {}, options_.drain_spread};
  if (request.channels.size() + request.join.size() > options_.most_channels) {
    return Error{ErrorCode::too_large, "a connection may follow at most 1000 channels", "channels"};
  }
  for (const auto* list : {&request.channels, &request.join}) {
    for (const Channel& channel : *list) {
      if (auth::may_follow(who, channel)) continue;
      return Error{ErrorCode::forbidden, "this channel may not be followed with this token", to_string(channel)};
    }
  }
  return Done{};
}

Result<std::unique_ptr<Session>> Hub::stream(Sink& sink, const auth::Principal& who, const ChangesRequest& request) {
  if (Status ok = check(who, request); !ok) return ok.error();
  return std::make_unique<Session>(*this, sink, session_name(random_), who, request);
}

Result<std::unique_ptr<Poll>> Hub::poll(const auth::Principal& who, const ChangesRequest& request, PollDone done) {
  if (Status ok = check(who, request); !ok) return ok.error();
  if (!request.session.empty()) {
    const auto same = [&](const auto& entry) {
      return entry.second->session() == request.session && entry.second->user() == who.user;
    };
    const auto older = std::find_if(polls_.begin(), polls_.end(), same);
    if (older != polls_.end()) older->second->finish();
  }
  return std::unique_ptr<Poll>(std::make_unique<WaitingPoll>(*this, ++last_poll_, who, request, std::move(done)));
}

void Hub::enter(Session& session) { sessions_[session.id()] = &session; }

void Hub::leave(Session& session) {
  sessions_.erase(session.id());
  forget_dirty(session);
}

void Hub::enter(WaitingPoll& poll) { polls_[poll.number()] = &poll; }

void Hub::leave(WaitingPoll& poll) {
  polls_.erase(poll.number());
  forget_dirty(poll);
}

void Hub::forget_dirty(Follower& follower) {
  if (follower.dirty_) std::replace(dirty_.begin(), dirty_.end(), &follower, static_cast<Follower*>(nullptr));
}

void Hub::follow(const Channel& channel, Follower& follower) { followers_[channel].push_back(&follower); }

void Hub::unfollow(const Channel& channel, Follower& follower) {
  const auto at = followers_.find(channel);
  if (at == followers_.end()) return;
  std::erase(at->second, &follower);
  if (at->second.empty()) followers_.erase(at);
}

void Hub::mark_dirty(Follower& follower) {
  if (std::exchange(follower.dirty_, true)) return;
  dirty_.push_back(&follower);
}

void Hub::flush_soon() {
  if (!post_) return;
  post_([this, alive = std::weak_ptr<char>(alive_)] {
    if (!alive.expired()) flush();
  });
}

Result<auth::Principal> Hub::authenticate(const auth::Credentials& credentials) const {
  return auth::identify(authenticator_, options_.credentials, credentials);
}

Result<auth::Principal> Hub::authenticate(const Opening& opening) {
  auto given = auth::token_of_auth_payload(opening.auth.text);
  if (!given) return given.error();
  auth::Credentials credentials = opening.credentials;
  credentials.given = std::move(*given);
  auto who = authenticate(credentials);
  const std::string address = opening.is_counted ? std::string() : opening.address;
  auth::Caller caller = who ? auth::caller_of(*who, address) : auth::Caller{.address = address};
  if (const Status taken = take(auth::Act::connect, caller); !taken) return taken.error();
  return who;
}

void Hub::turn_away(Sink& sink, const Error& error) {
  sink.send(
      frame(sink.framing(), encode_server_message(ServerMessage(push::Goodbye{error.message, error.retry_after_ms}))));
  sink.close(CloseCode::rate_limited, error.message);
}

void Hub::reply_to(const std::string& session, std::optional<std::int64_t> id, std::optional<Error> error) {
  const auto at = sessions_.find(session);
  if (at != sessions_.end()) at->second->reply(id, std::move(error));
}

std::optional<JobEstimate> Hub::estimate_of(const JobId& id) const {
  const node::JobRecord* record = node_.find(id);
  if (record == nullptr || record->state.removed) return std::nullopt;
  return overlay_.of(record->state);
}

void Hub::collect_estimates(const auth::Principal& who, const Channel& channel, std::size_t most,
                            std::vector<JobEstimate>& into) const {
  const auto add = [&](const node::JobRecord& record) {
    if (record.state.removed || !auth::may_see(who, record.state) || into.size() >= most) return;
    if (auto estimate = overlay_.of(record.state)) into.push_back(std::move(*estimate));
  };
  if (channel.kind == ChannelKind::job) {
    if (const node::JobRecord* record = node_.find(JobId{channel.id})) add(*record);
    return;
  }
  const node::JobTable::ByVersion* jobs = node_.table().channel(channel);
  if (jobs == nullptr) return;
  std::size_t looked_at = 0;
  for (auto at = jobs->rbegin(); at != jobs->rend() && ++looked_at <= 2 * most; ++at) add(*at->second);
}

Frame Hub::frame(Framing framing, std::string_view message) { return make_frame(framing, message); }

Frame Hub::changes_frame(Framing framing, const dialect::Changes& changes) {
  return frames_.get(framing, node_.head(), changes);
}

template <class Visit>
void Hub::each_follower(const JobState& job, Visit visit) {
  const auto visit_all = [&](const Channel& channel) {
    const auto at = followers_.find(channel);
    if (at == followers_.end()) return;
    for (Follower* follower : at->second) visit(*follower, channel);
  };
  visit_all({ChannelKind::job, job.id.value});
  if (!job.identity.user_id.empty()) visit_all({ChannelKind::user, job.identity.user_id.value});
  if (!job.identity.queue.empty()) visit_all({ChannelKind::queue, job.identity.queue});
  visit_all({ChannelKind::all_jobs, {}});
}

void Hub::publish(const node::Change& change) {
  overlay_.changed(change);
  Delivery delivery(change);
  const std::int64_t offset = change.event.offset;
  each_follower(change.job.state, [&](Follower& follower, const Channel& channel) {
    if (follower.offered_ != offset && follower.offer(delivery, channel)) follower.offered_ = offset;
  });
  for (Observer* observer : observers_) observer->changed(change);
}

void Hub::flush() {
  // A follower may leave while others are flushed: its place is then empty.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    if (dirty_[i] == nullptr) continue;
    Follower& follower = *dirty_[i];
    follower.dirty_ = false;
    follower.flush();
  }
  dirty_.clear();
  frames_.clear();
}

void Hub::tell_overlays(UnixMs now) {
  if (!overlay_.is_due(now)) return;
  const auto is_followed = [&](const JobState& job) {
    bool followed = false;
    each_follower(job, [&](Follower&, const Channel&) { followed = true; });
    return followed || std::any_of(observers_.begin(), observers_.end(),
                                   [&](const Observer* observer) { return observer->follows(job); });
  };
  for (const JobEstimate& estimate : overlay_.take_estimates(is_followed)) {
    const node::JobRecord* record = node_.find(estimate.job_id);
    each_follower(record->state, [&](Follower& follower, const Channel&) { follower.offer(estimate); });
    for (Observer* observer : observers_) observer->estimated(*record, estimate);
  }
  // They leave with the next change, in the same write, or with the next tick.
  const std::optional<push::QueueStatus> queues = overlay_.take_queue_status();
  if (!queues) return;
  for (const auto& [id, session] : sessions_) {
    if (session->follows_counts()) session->tell(*queues);
  }
  for (Observer* observer : observers_) observer->counted(*queues);
}

void Hub::tell_metrics(UnixMs now) {
  if (!system_metrics_ || now - metrics_told_at_ < kMetricsEvery) return;
  metrics_told_at_ = now;
  std::optional<push::SystemMetrics> metrics;
  for (const auto& [id, session] : sessions_) {
    if (!session->follows_metrics()) continue;
    if (!metrics) metrics = push::SystemMetrics{{system_metrics_()}};
    session->tell(*metrics);
  }
}

std::vector<std::uint64_t> Hub::waiting_polls() const {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(polls_.size());
  for (const auto& [number, poll] : polls_) numbers.push_back(number);
  return numbers;
}

void Hub::tick_followers(UnixMs now) {
  for (const std::uint64_t number : waiting_polls()) {
    if (const auto poll = polls_.find(number); poll != polls_.end()) poll->second->tick(now);
  }
  if (now - sessions_ticked_at_ < kSessionTick) return;
  sessions_ticked_at_ = now;
  std::vector<Session*> sessions;
  sessions.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) sessions.push_back(session);
  for (Session* session : sessions) session->tick(now);
  const std::vector<Follower*> others = others_;  // one that is ended here is dropped later
  for (Follower* other : others) other->tick(now);
}

void Hub::tick() {
  const UnixMs now = clock_.now();
  tick_followers(now);
  flush();
  tell_overlays(now);
  tell_metrics(now);
  for (Observer* observer : observers_) observer->ticked(now);
}

void Hub::drain() {
  draining_ = true;
  std::vector<Session*> sessions;
  for (const auto& [id, session] : sessions_) sessions.push_back(session);
  const auto count = static_cast<DurationMs>(sessions.size());
  const DurationMs spread = std::min(options_.drain_spread, kRestart + kDrainSlot * count);
  for (std::size_t i = 0; i < sessions.size(); ++i)
    sessions[i]->goodbye(spread * static_cast<DurationMs>(i + 1) / count);
  for (const std::uint64_t number : waiting_polls()) {
    if (const auto poll = polls_.find(number); poll != polls_.end()) poll->second->finish();
  }
}

void Hub::set_system_metrics(std::function<std::string()> source) { system_metrics_ = std::move(source); }

const HubStats& Hub::stats() const {
  stats_.sessions = sessions_.size();
  stats_.polls = polls_.size();
  stats_.frames_built = frames_.built();
  stats_.rate_limited = limiter_.refused();
  stats_.lagging = 0;
  for (const auto& [id, session] : sessions_) stats_.lagging += session->is_lagging() ? 1 : 0;
  return stats_;
}

}  // namespace jobwire::hub
