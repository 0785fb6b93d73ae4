#include "hub/poll.h"

#include <algorithm>
#include <utility>

#include "hub/announcement.h"
#include "hub/catch_up.h"
#include "hub/counts_only.h"
#include "log/epochs.h"
#include "node/inbox_writes.h"

namespace jobwire::hub {
namespace {

constexpr DurationMs kEstimatesAfter = 2'000;  // news of estimates alone is not worth more answers than that
constexpr std::size_t kMostEstimates = 200;
constexpr std::size_t kJoinBytes = 1 << 20;  // joined channels past this are left to the next poll

}  // namespace

WaitingPoll::WaitingPoll(Hub& hub, std::uint64_t number, auth::Principal who, ChangesRequest request,
                         Hub::PollDone done)
    : hub_(hub), number_(number), who_(std::move(who)), request_(std::move(request)), done_(std::move(done)) {
  began_at_ = hub_.now();
  ends_at_ = began_at_ + std::min(request_.wait, hub_.options().longest_poll);
  hub_.enter(*this);
  for (const Channel& channel : request_.channels) hub_.follow(channel, *this);
  hub_.attend(auth::inboxes(who_), *this);
  // Never answered from inside the call.
  hub_.mark_dirty(*this);
  hub_.flush_soon();
}

WaitingPoll::~WaitingPoll() {
  for (const Channel& channel : request_.channels) hub_.unfollow(channel, *this);
  hub_.depart(auth::inboxes(who_), *this);
  hub_.leave(*this);
}

bool WaitingPoll::offer(Delivery& delivery, const Channel& channel) {
  if (!auth::may_see(who_, delivery.job())) return false;
  if (counts_only(who_, channel)) return false;
  hub_.mark_dirty(*this);
  return true;
}

void WaitingPoll::offer(const JobEstimate& estimate) {
  const node::JobRecord* record = hub_.node().find(estimate.job_id);
  if (record != nullptr && auth::may_see(who_, record->state)) estimates_changed_ = true;
}

void WaitingPoll::offer(const InboxNews&) { hub_.mark_dirty(*this); }

void WaitingPoll::offer(Announcement& announcement) {
  if (hears(announcement.target())) hub_.mark_dirty(*this);
}

// Of a user, or of a channel that is followed.
bool WaitingPoll::hears(const std::optional<Channel>& target) const {
  if (!hub_.may_hear(who_, target)) return false;
  if (!target || (target->kind == ChannelKind::user && target->id == who_.user)) return true;
  return std::find(request_.channels.begin(), request_.channels.end(), *target) != request_.channels.end();
}

// Between two polls nobody is connected: what was said since the cursor is told once, with the cursor that passes it.
std::vector<std::string_view> WaitingPoll::messages(std::int64_t after, std::int64_t upto) const {
  std::vector<std::string_view> list;
  hub_.node().records().each_after(node::kMessageKind, after, [&](const log::Record& record) {
    if (record.offset > upto) return;
    const Announcement announcement(record);
    if (announcement.is_valid() && hears(announcement.target())) list.push_back(record.bytes);
  });
  return list;
}

// Whose view begins asks for the list over HTTP.
void WaitingPoll::tell_inbox(std::optional<std::int64_t> after, std::int64_t upto, dialect::Changes& changes) const {
  const std::vector<std::string> inboxes = auth::inboxes(who_);
  if (inboxes.empty()) return;
  for (const std::string& owner : inboxes) {
    for (const node::InboxEntry* entry : hub_.node().inbox().changed(owner, after.value_or(upto), upto)) {
      changes.add_notification(entry->text);
    }
  }
  if (!after || !changes.notifications.empty()) changes.unread = hub_.unread(inboxes);
}

void WaitingPoll::flush() {
  if (!done_) return;
  Answer asked = ask();
  if (asked.tells || hub_.now() >= ends_at_) answer(std::move(asked.body));
}

void WaitingPoll::tick(UnixMs now) {
  if (first_) return flush();
  if (done_ && (now >= ends_at_ || (estimates_changed_ && now - began_at_ >= kEstimatesAfter))) finish();
}

void WaitingPoll::finish() {
  if (done_) answer(ask().body);
}

void WaitingPoll::answer(std::string body) {
  Hub::PollDone done = std::exchange(done_, nullptr);
  done(std::make_shared<const std::string>(std::move(body)));
}

// Each channel whole, so that `followed` is true; false: not all of them, the next poll joins the others.
bool WaitingPoll::tell_whole(const std::vector<Channel>& channels, dialect::Changes& changes, Told& told) const {
  for (const Channel& channel : channels) {
    if (changes.bytes >= kJoinBytes) return false;
    CatchUp start = from_start(hub_.node(), {channel});
    const std::size_t all = hub_.node().table().size() + 1;
    if (!counts_only(who_, channel))
      tell_page(hub_.node(), who_, {0, start.channels, {std::size_t(-1), all}, start.removals_above}, changes);
    // Joined because it is in doubt, perhaps: then its end is news.
    if (channel.kind == ChannelKind::job) tell_removal(JobId{channel.id}, changes);
    told.followed.push_back(channel);
    told.truncated.insert(told.truncated.end(), start.truncated.begin(), start.truncated.end());
  }
  return true;
}

void WaitingPoll::tell_removal(const JobId& id, dialect::Changes& changes) const {
  const node::JobRecord* record = hub_.node().find(id);
  if (record == nullptr || !record->state.removed || !auth::may_see(who_, record->state)) return;
  changes.add_removal(dialect::removal_segment(id, record->state.version));
}

// Where nothing stays connected the overlay travels with the answer.
void WaitingPoll::tell_overlay(dialect::ChangesFrame& frame) const {
  bool counts = false;
  for (const auto* list : {&request_.channels, &request_.join}) {
    for (const Channel& channel : *list) {
      counts = counts || channel.kind == ChannelKind::queue || channel.kind == ChannelKind::admin;
      if (counts_only(who_, channel)) continue;
      hub_.collect_estimates(who_, channel, kMostEstimates, frame.estimates);
    }
  }
  if (counts) frame.queues = hub_.queue_status().queues;
}

// What the resumed channels have since the cursor, one page of it; true: up to the head.
bool WaitingPoll::tell_resumed(dialect::Changes& changes, Cursor& cursor) const {
  std::vector<Channel> carrying = request_.channels;
  std::erase_if(carrying, [this](const Channel& channel) { return counts_only(who_, channel); });
  // Pages of what they may not see are passed over: an answer tells something, or reaches the head.
  const PageLimits limits{hub_.options().page_bytes, hub_.options().page_jobs};
  PageTold page{request_.cursor->offset, false};
  while (!page.at_head && changes.empty()) {
    page = tell_page(hub_.node(), who_, {page.next, carrying, limits}, changes);
  }
  if (!page.at_head) cursor = hub_.node().between_pages(page.next);
  return page.at_head;
}

WaitingPoll::Answer WaitingPoll::ask() {
  const bool resumes = request_.cursor && hub_.node().is_valid(*request_.cursor);
  dialect::Changes changes;
  dialect::ChangesFrame frame{.cursor = hub_.node().head(), .reset = !resumes};
  Told told;
  // A reset in pages could not be resumed: the cursors of old versions may be as invalid as the one that was given.
  const bool at_head = resumes ? tell_resumed(changes, frame.cursor) : tell_whole(request_.channels, changes, told);
  frame.synced = tell_whole(request_.join, changes, told) && at_head;
  const std::int64_t upto = frame.cursor.offset;
  const auto after = resumes ? std::optional(request_.cursor->offset) : std::nullopt;
  tell_inbox(after, upto, changes);
  frame.messages = messages(after.value_or(upto), upto);
  first_ = false;
  frame.followed = told.followed;
  frame.truncated = told.truncated;
  frame.user = who_.user;
  frame.role = auth::role_name(who_.role);
  tell_overlay(frame);
  // Who comes from between two pages is waiting to hear that it has reached the head.
  const bool was_between = resumes && (request_.cursor->epoch & log::kBetweenPages) != 0;
  const bool tells =
      !changes.empty() || !frame.messages.empty() || frame.reset || was_between || !told.followed.empty();
  return {dialect::changes_object(frame, changes), tells};
}

}  // namespace jobwire::hub
