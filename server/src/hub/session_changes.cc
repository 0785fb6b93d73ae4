// How a session tells changes: pages while it catches up, events while it is live.
#include <algorithm>
#include <utility>

#include "hub/announcement.h"
#include "hub/counts_only.h"
#include "hub/hub.h"
#include "hub/session.h"

namespace jobwire::hub {
namespace {

constexpr std::size_t kMostEstimates = 1'000;  // sent at once after a catch-up; others come with the next second

}  // namespace

// For others than admins a queue's channel carries counts, not jobs.
std::vector<Channel> Session::carrying(std::vector<Channel> channels) const {
  std::erase_if(channels, [this](const Channel& channel) { return counts_only(principal_, channel); });
  return channels;
}

// Of all that it follows, and of what it has left since it was live: what it may still hold of that.
std::int64_t Session::least_told() const {
  std::int64_t least = left_at_ == 0 ? cursor_.offset : std::min(left_at_, cursor_.offset);
  for (const CatchUp& begun : catch_ups_) {
    if (begun.after != 0) least = std::min(least, begun.after);
  }
  return least;
}

void Session::join(std::vector<Channel> channels) {
  catch_ups_.push_back(joining(hub_.node(), std::move(channels), least_told()));
}

void Session::leave(const Channel& channel) {
  if (!catch_ups_.empty()) left_at_ = least_told();
  if (live_.erase(channel) != 0) hub_.unfollow(channel, *this);
  for (CatchUp& catch_up : catch_ups_) {
    std::erase(catch_up.channels, channel);
    std::erase(catch_up.truncated, channel);
  }
}

void Session::renew() {
  std::vector<Channel> channels;
  for (const auto& [channel, floor] : live_) channels.push_back(channel);
  for (const CatchUp& catch_up : catch_ups_) {
    channels.insert(channels.end(), catch_up.channels.begin(), catch_up.channels.end());
  }
  for (const Channel& channel : channels) leave(channel);
  std::erase_if(channels, [&](const Channel& channel) { return !auth::may_follow(principal_, channel); });
  catch_ups_.clear();
  left_at_ = 0;
  pending_.clear();
  CatchUp fresh = from_start(hub_.node(), std::move(channels));
  fresh.reset = fresh.anew = fresh.resume = fresh.tells_who = true;
  cursor_ = hub_.node().between_pages(0);
  catch_ups_.insert(catch_ups_.begin(), std::move(fresh));
  // However slow the client is, what it is told from here on is of the fresh view.
  if (sink_.unsent_exceeds(hub_.options().high_water)) send_page(frame_of(catch_ups_.front()), {});
  pump();
}

void Session::drained() { pump(); }

void Session::pump() {
  while (phase_ == Phase::open && !catch_ups_.empty() && !sink_.unsent_exceeds(hub_.options().high_water)) {
    if (!step()) break;
  }
}

// The cursor of a message beside the live changes. It is not below what the message tells: else, restored from a backup
// to between the two, a server would hold the cursor for good and the page would keep what never happened.
Cursor Session::told_up_to() {
  if (is_resuming()) return hub_.node().between_pages(cursor_.offset);
  if (pending_.empty()) cursor_ = hub_.node().head();
  return cursor_;
}

dialect::ChangesFrame Session::frame_of(CatchUp& catch_up) {
  dialect::ChangesFrame frame{.cursor = catch_up.resume ? cursor_ : told_up_to(),
                              .reset = std::exchange(catch_up.reset, false)};
  if (std::exchange(catch_up.tells_who, false)) {
    frame.user = principal_.user;
    frame.role = auth::role_name(principal_.role);
  }
  return frame;
}

// One page of the first catch-up. False: it is done and was the last.
bool Session::step() {
  CatchUp& catch_up = catch_ups_.front();
  if (catch_up.anew && catch_up.after == 0) take_floors(hub_.node(), catch_up);
  dialect::Changes changes;
  std::vector<const node::JobRecord*> told;
  const PageLimits limits{hub_.options().page_bytes, hub_.options().page_jobs};
  const std::vector<Channel> channels = carrying(catch_up.channels);
  const PageTold page = tell_page(
      hub_.node(), principal_,
      {catch_up.after, channels, limits, catch_up.removals_above, catch_up.begins() ? &catch_up.floors : nullptr},
      changes, &told);
  if (catch_up.anew && page.at_head) changes.unread = unread();  // the list is asked for over HTTP
  if (catch_up.resume && !catch_up.anew) add_inbox(catch_up.after, page.next, changes);
  catch_up.after = page.next;
  for (const node::JobRecord* record : told) {
    if (!is_terminal(record->state.status) && unfinished_.size() < kMostEstimates)
      unfinished_.push_back(record->state.id);
  }
  if (catch_up.resume) cursor_ = page.at_head ? hub_.node().head() : hub_.node().between_pages(page.next);
  dialect::ChangesFrame frame = frame_of(catch_up);
  if (!page.at_head) {
    if (frame.reset || !changes.empty()) send_page(frame, changes);
    return true;
  }
  CatchUp done = std::move(catch_up);
  catch_ups_.erase(catch_ups_.begin());
  if (catch_ups_.empty()) left_at_ = 0;
  go_live(done);
  frame.synced = true;
  frame.followed = done.channels;
  frame.truncated = done.truncated;
  send_page(frame, changes);
  tell_overlay(done);
  return !catch_ups_.empty();
}

void Session::go_live(CatchUp& done) {
  if (done.resume) lagging_ = false;
  for (const Channel& channel : done.channels) {
    const auto begun_at = done.floors.find(channel);
    const std::int64_t floor = begun_at == done.floors.end() ? 0 : begun_at->second;
    if (live_.try_emplace(channel, floor).second) hub_.follow(channel, *this);
    truncated_ = truncated_ || floor != 0;
  }
}

// Nothing more is queued for a slow client: it goes on from its cursor once it has taken what it was sent.
void Session::lag() {
  pending_.clear();
  lagging_ = true;
  CatchUp catch_up;
  for (const auto& [channel, floor] : live_) catch_up.channels.push_back(channel);
  catch_up.after = cursor_.offset;
  catch_up.resume = true;
  catch_ups_.insert(catch_ups_.begin(), std::move(catch_up));
}

std::int64_t Session::floor_of(const Channel& channel) const {
  const auto at = live_.find(channel);
  return at == live_.end() ? 0 : at->second;
}

bool Session::offer(Delivery& delivery, const Channel& channel) {
  if (phase_ != Phase::open || is_resuming() || !auth::may_see(principal_, delivery.job())) return false;
  if (counts_only(principal_, channel)) return false;
  const node::Change& change = delivery.change();
  const std::int64_t floor = truncated_ ? floor_of(channel) : 0;
  const bool untold = change.identity_changed || (change.previous_version != 0 && change.previous_version <= floor);
  const Visibility visibility = auth::visibility(principal_);
  if (delivery.job().removed) {
    pending_.add_removal(delivery.removal());
  } else if (snapshots_only_ || untold) {
    pending_.add_job(delivery.snapshot(visibility));
  } else {
    pending_.add_event(delivery.event(visibility));
  }
  hub_.mark_dirty(*this);
  return true;
}

void Session::offer(const JobEstimate& estimate) {
  if (phase_ != Phase::open || is_resuming()) return;
  // Offered by several channels in a row: taken once.
  if (!estimates_.jobs.empty() && estimates_.jobs.back().job_id == estimate.job_id) return;
  const node::JobRecord* record = hub_.node().find(estimate.job_id);
  if (record == nullptr || !auth::may_see(principal_, record->state)) return;
  estimates_.jobs.push_back(estimate);
  hub_.mark_dirty(*this);
}

void Session::offer(const InboxNews& news) {
  if (phase_ != Phase::open || is_resuming()) return;
  pending_.add_notification(news.entry.text);
  pending_.unread = unread();
  hub_.mark_dirty(*this);
}

void Session::offer(Announcement& announcement) {
  if (phase_ != Phase::open || sink_.unsent_exceeds(hub_.options().high_water)) return;
  if (hub_.may_hear(principal_, announcement.target())) tell(announcement.frame(sink_.framing()));
}

std::optional<std::int64_t> Session::unread() const {
  const std::vector<std::string> inboxes = auth::inboxes(principal_);
  return inboxes.empty() ? std::nullopt : std::optional(hub_.unread(inboxes));
}

// What the inboxes have new in (after, upto]. What does not fit goes ahead, in messages that move no cursor.
void Session::add_inbox(std::int64_t after, std::int64_t upto, dialect::Changes& changes) {
  dialect::Changes part;
  for (const std::string& owner : auth::inboxes(principal_)) {
    for (const node::InboxEntry* entry : hub_.node().inbox().changed(owner, after, upto)) {
      if (!part.empty() && part.bytes + entry->text->size() > hub_.options().page_bytes) {
        part.unread = unread();
        send_page({.cursor = hub_.node().between_pages(after)}, part);
        part.clear();
      }
      part.add_notification(entry->text);
    }
  }
  if (!part.empty()) changes.unread = unread();
  for (dialect::Segment& segment : part.notifications) changes.add_notification(std::move(segment));
}

bool Session::follows_metrics() const {
  return phase_ == Phase::open && live_.contains(Channel{ChannelKind::admin, {}});
}

bool Session::follows_counts() const {
  if (phase_ != Phase::open) return false;
  const auto at = live_.lower_bound(Channel{ChannelKind::queue, {}});
  if (at != live_.end() && at->first.kind == ChannelKind::queue) return true;
  return follows_metrics();
}

void Session::flush() {
  if (phase_ != Phase::open) return;
  push::Estimates estimates = std::exchange(estimates_, {});
  if (is_resuming()) return pending_.clear();
  if (sink_.unsent_exceeds(hub_.options().high_water)) return pending_.empty() ? void() : lag();
  if (!pending_.empty()) {
    send_pending();
    cursor_ = hub_.node().head();
  }
  if (!estimates.jobs.empty()) tell(hub_.estimates_frame(sink_.framing(), estimates));
}

void Session::send_pending() {
  if (pending_.bytes <= hub_.options().page_bytes) {
    tell(hub_.changes_frame(sink_.framing(), pending_));
    pending_.clear();
    return;
  }
  // In parts, so that pongs get through: only the last one carries the new cursor. Snapshots before the events on them.
  dialect::Changes part;
  const auto add = [&](const auto& segments, void (dialect::Changes::*put)(dialect::Segment)) {
    for (const dialect::Segment& segment : segments) {
      if (!part.empty() && part.bytes + segment->size() > hub_.options().page_bytes) {
        if (!part.notifications.empty()) part.unread = pending_.unread;
        send_page({.cursor = hub_.node().between_pages(cursor_.offset)}, part);
        part.clear();
      }
      (part.*put)(segment);
    }
  };
  add(pending_.jobs, &dialect::Changes::add_job);
  add(pending_.events, &dialect::Changes::add_event);
  add(pending_.removed, &dialect::Changes::add_removal);
  add(pending_.notifications, &dialect::Changes::add_notification);
  part.unread = pending_.unread;
  send_page({.cursor = hub_.node().head()}, part);
  pending_.clear();
}

void Session::send_page(const dialect::ChangesFrame& frame, const dialect::Changes& changes) {
  tell(hub_.frame(sink_.framing(), dialect::changes_message(frame, changes)));
}

void Session::tell_overlay(const CatchUp& done) {
  for (const Channel& channel : done.channels) {
    if (channel.kind != ChannelKind::queue && channel.kind != ChannelKind::admin) continue;
    tell(ServerMessage(hub_.queue_status()));
    break;
  }
  push::Estimates estimates;
  for (const JobId& id : std::exchange(unfinished_, {})) {
    if (auto estimate = hub_.estimate_of(id)) estimates.jobs.push_back(std::move(*estimate));
  }
  if (!estimates.jobs.empty()) tell(ServerMessage(std::move(estimates)));
}

}  // namespace jobwire::hub
