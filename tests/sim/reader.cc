#include "reader.h"

#include <algorithm>
#include <utility>

#include "jobwire/codec.h"

namespace jobwire::sim {

namespace {
constexpr DurationMs kMostSilence = 55'000;  // more than two heartbeats, of whichever length
constexpr std::string_view kBlockEnd = "\n\n";
constexpr std::string_view kData = "data: ";
}  // namespace

Reader::Reader(std::string name, auth::Principal who, std::vector<Channel> channels, std::vector<Channel> later,
               Surroundings around)
    : name_(std::move(name)),
      who_(std::move(who)),
      first_(std::move(channels)),
      later_(std::move(later)),
      around_(std::move(around)) {
  wanted_.insert(first_.begin(), first_.end());
  wanted_.insert(later_.begin(), later_.end());
}

// ---- the connection ----

// Where everything is followed it resumes; else it begins anew.
ChangesRequest Reader::request() const {
  ChangesRequest request;
  request.reducer = kReducerVersion;
  request.cursor = cursor_;
  request.channels = cursor_ ? std::vector<Channel>(wanted_.begin(), wanted_.end()) : first_;
  if (!cursor_) request.join = later_;
  return request;
}

void Reader::start() {
  const std::uint64_t attempt = ++attempt_;
  heard_at_ = around_.timeline.now();
  watch_silence(attempt);
  if (weather.polls == Passage::refused) return again();
  if (weather.polls == Passage::swallowed || weather.down) return;  // its own patience ends it
  if (followed_ != wanted_ || resetting_) {                         // it broke off before it was whole
    cursor_.reset();
    followed_.clear();
    resetting_ = false;
    store_ = std::make_unique<JobStore>();
    shown_.clear();
  }
  around_.timeline.after(travel_time(weather, around_.random), [this, alive = alive_, attempt] {
    if (*alive && attempt_ == attempt) ask();
  });
}

void Reader::ask() {
  Server* server = around_.server();
  if (server == nullptr) return again();
  const std::string body = encode_changes_request(request());
  trace("->", body);
  wire_ = server->stream(*this, weather, around_.tokens.issue(who_, 0), body);
  if (!wire_) return again();  // it drains
  ++opened_;
}

void Reader::again() {
  give_up();
  const auto wait = 100 + static_cast<DurationMs>(around_.random.below(2'000));
  around_.timeline.after(wait, [this, alive = alive_, attempt = attempt_] {
    if (*alive && attempt_ == attempt) start();
  });
}

void Reader::give_up() {
  ++attempt_;
  synced_ = false;
  cut_short_ += unread_.empty() ? 0 : 1;
  unread_.clear();
  if (auto wire = std::exchange(wire_, nullptr)) wire->client_closed();
}

void Reader::watch_silence(std::uint64_t attempt) {
  const UnixMs until = heard_at_ + kMostSilence;
  around_.timeline.at(until, [this, alive = alive_, attempt, until] {
    if (!*alive || attempt_ != attempt) return;
    if (heard_at_ + kMostSilence > until) return watch_silence(attempt);
    again();
  });
}

void Reader::break_wire() {
  if (wire_) wire_->break_off();
}
void Reader::lose_wire() {
  if (wire_) wire_->vanish();
}

void Reader::ended(std::uint16_t) {
  wire_.reset();
  again();
}

// ---- what comes ----

void Reader::arrived(const std::string& bytes) {
  heard_at_ = around_.timeline.now();
  unread_ += bytes;
  for (auto end = unread_.find(kBlockEnd); end != std::string::npos; end = unread_.find(kBlockEnd)) {
    const std::string block = unread_.substr(0, end);
    unread_.erase(0, end + kBlockEnd.size());
    take(block);
  }
}

void Reader::take(const std::string& block) {
  std::string text;
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t end = std::min(block.find('\n', at), block.size());
    const std::string_view line = std::string_view(block).substr(at, end - at);
    if (line.substr(0, kData.size()) != kData) return complain("reads a line that is no data: " + std::string(line));
    text.append(text.empty() ? "" : "\n").append(line.substr(kData.size()));
    at = end + 1;
  }
  if (tamper) text = tamper(text);
  if (text.empty()) return;
  trace("<-", text);
  const auto message = decode_server_message(text);
  if (!message) return complain("reads what is no message: " + text);
  if (const auto* changes = std::get_if<push::Changes>(&*message)) fold(*changes);
}

void Reader::fold(const push::Changes& changes) {
  if (changes.reset) followed_.clear();
  resetting_ = (resetting_ || changes.reset) && !changes.synced;
  store_->fold(changes);
  cursor_ = changes.cursor;
  followed_.insert(changes.followed.begin(), changes.followed.end());
  synced_ = synced_ || changes.synced;
  watch_view(changes.reset || resetting_);
  if (!store_->take_stale().empty()) complain("is in doubt, and cannot ask");
  if (on_folded) on_folded(*this);
}

void Reader::watch_view(bool reset) {
  if (reset) shown_.clear();  // another epoch may be older
  for (const StoreChange& change : store_->take()) {
    const JobState* job = store_->find(change.job_id);
    if (job == nullptr) continue;
    std::int64_t& highest = shown_[change.job_id];
    if (job->version < highest) complain(change.job_id.value + " went back from version " + std::to_string(highest));
    highest = std::max(highest, job->version);
    if (!auth::may_see(who_, *job)) complain("sees " + change.job_id.value + " of " + job->identity.user_id.value);
  }
}

}  // namespace jobwire::sim
