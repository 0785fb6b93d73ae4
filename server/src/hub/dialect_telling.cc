// How a dialect's conversation tells its client of changes, of how things stand, and of messages.
#include <algorithm>
#include <utility>

#include "hub/announcement.h"
#include "hub/dialect_conversation.h"
#include "hub/hub.h"
#include "node/inbox_writes.h"

namespace jobwire::hub {
namespace {

constexpr std::size_t kPage = 256;  // jobs

std::optional<Channel> channel_of(const std::string& room) {
  Result<Channel> channel = parse_channel(room);
  return channel ? std::optional(*channel) : std::nullopt;
}

}  // namespace

void DialectConversation::collect(const std::string& room, std::int64_t after,
                                  std::map<std::int64_t, const node::JobRecord*>& into) const {
  const auto add = [&](const node::JobRecord& record) {
    const JobState& job = record.state;
    const bool is_due = !job.removed && job.version > after && is_news(job) && auth::may_see(who_, job);
    if (is_due) into[record.state.version] = &record;
  };
  if (room.starts_with("ref:")) {
    for (const node::JobRecord* record : place_.dialects.front()->with_handle(room.substr(4))) add(*record);
    return;
  }
  const std::optional<Channel> channel = channel_of(room);
  if (!channel || channel->kind == ChannelKind::admin) return;
  for (std::int64_t from = after;;) {
    const node::Page page = place_.hub.node().changes_since(from, std::span(&*channel, 1), kPage);
    for (const node::JobRecord* record : page.jobs) add(*record);
    if (page.at_head) return;
    from = page.next;
  }
}

// Who is told of a user's jobs without having asked is not told of those that had ended before.
bool DialectConversation::is_news(const JobState& job) const {
  return !joins_ || job.version > kept_.began || !is_terminal(job.status);
}

// Of jobs in these rooms that have changed since: how they stand, the oldest change first. Who is cut off amidst them
// comes back for the rest.
void DialectConversation::tell_present(const Afters& rooms) {
  std::map<std::int64_t, const node::JobRecord*> jobs;
  for (const auto& [room, after] : rooms) collect(room, after, jobs);
  for (auto at = jobs.begin(); at != jobs.end();) {
    const node::JobRecord& record = *at->second;
    ++at;
    if (!tell_job(record, at == jobs.end() ? place_.hub.node().head().offset : record.state.version)) return;
  }
}

// `from`: where who has heard this goes on. false: it has no room left.
bool DialectConversation::tell_job(const node::JobRecord& record, std::int64_t from) {
  std::vector<NamedEvent> events;
  std::int64_t told = from;
  for (DialectHub* dialect : place_.dialects) {
    for (NamedEvent& event : dialect->present(record)) events.push_back(std::move(event));
    told = std::min(told, dialect->told());
  }
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (is_full()) {
      told_ = std::min(told_, record.state.version - 1);
      return false;
    }
    const RecoveryPoint point{place_.hub.node().head(),
                              i + 1 == events.size() ? told : std::min(told, record.state.version - 1)};
    emit(std::make_shared<const Emission>(std::move(events[i]), to_string(point)));
  }
  return true;
}

// Past the high-water mark nothing more is queued; what it has missed is told as it then stands.
bool DialectConversation::is_full() {
  if (lagging_) return true;
  if (!sink_.unsent_exceeds(place_.hub.options().high_water)) return false;
  lagging_ = true;
  told_ = place_.hub.node().head().offset;
  return true;
}

void DialectConversation::hear(const JobState& job, const std::vector<EmissionPtr>& emissions, Round round) {
  const auto last = std::find_if(heard_.begin(), heard_.end(), [&](const Round& each) { return each.by == round.by; });
  if (last->number == round.number || !auth::may_see(who_, job)) return;
  last->number = round.number;
  if (is_full()) return void(told_ = std::min(told_, job.version - 1));
  for (const EmissionPtr& emission : emissions) emit(emission);
}

void DialectConversation::hear(const EmissionPtr& emission) {
  if (!is_full()) emit(emission);
}

bool DialectConversation::hears(const std::optional<Channel>& target) const {
  if (!place_.hub.may_hear(who_, target)) return false;
  if (!target || (target->kind == ChannelKind::user && target->id == who_.user)) return true;
  return joined_.contains(to_string(*target));
}

// What was said while the connection was away.
void DialectConversation::tell_messages(std::int64_t after) {
  place_.hub.node().records().each_after(node::kMessageKind, after, [this](const log::Record& record) {
    const Announcement announcement(record);
    if (!announcement.is_valid() || !hears(announcement.target())) return;
    hear(std::make_shared<const Emission>(announcement.event(), place_.offset(place_.hub.node().head().offset)));
  });
}

void DialectConversation::drained() {
  if (!std::exchange(lagging_, false)) return;
  Afters rooms;
  for (const std::string& room : joined_) rooms[room] = told_;
  tell_present(rooms);
}

void DialectConversation::emit(const EmissionPtr& emission) {
  if (settled_.empty() || emission->offset().empty()) return sink_.emit(emission);
  sink_.emit(std::make_shared<const Emission>(emission->event(), settled_));
}

void DialectConversation::say(std::string event, std::string data) {
  sink_.emit(std::make_shared<const Emission>(NamedEvent{std::move(event), {{RawJson{std::move(data)}}, {}}}));
}

}  // namespace jobwire::hub
