#include "node/alerts.h"

#include <utility>

namespace jobwire::node {
namespace {

constexpr DurationMs kSampleEvery = 5'000;
constexpr const char* kStore = "alert:store-degraded";
constexpr const char* kErrors = "alert:error-rate";
constexpr std::string_view kQueue = "alert:queue-stuck:";

}  // namespace

void Alerts::tick(const std::vector<QueueCounts>& queues) {
  if (!options_.on) return;
  check_store();
  check_queues(queues);
  check_errors();
}

// What takes no writes cannot be told of by a write: pages hear of it in `welcome.degraded`; the inbox, afterwards.
void Alerts::check_store() {
  const std::string why = node_.log().degraded();
  if (!why.empty()) {
    store_failed_ = why;
    return;
  }
  const InboxEntry* present = node_.inbox().find(kSystemInbox, kStore);
  const bool to_clear = present != nullptr && decode_notification(*present->text)->cleared_at == 0;
  const bool to_raise = !store_failed_.empty() && !to_clear;
  settle(kStore, {to_raise, "The store took no writes", store_failed_});
  if (to_clear) store_failed_.clear();
}

void Alerts::check_queues(const std::vector<QueueCounts>& queues) {
  std::map<std::string, UnixMs> waiting;
  for (const QueueCounts& queue : queues) {
    if (queue.waiting == 0 || queue.active > 0) continue;
    const auto since = waiting_since_.find(queue.queue);
    waiting[queue.queue] = since == waiting_since_.end() ? node_.now() : since->second;
  }
  waiting_since_.swap(waiting);
  for (const auto& [queue, since] : waiting_since_) {
    if (node_.now() - since < options_.stuck_after) continue;
    settle(std::string(kQueue) + queue, {true, "Queue " + queue + " is stuck", "jobs wait and none is active"});
  }
  // What was raised, by this node or before it started, and holds no more.
  for (const InboxEntry* entry : node_.inbox().list(kSystemInbox, 0, std::size_t(-1), false)) {
    if (!entry->id.starts_with(kQueue) || waiting_since_.contains(entry->id.substr(kQueue.size()))) continue;
    settle(entry->id, {});
  }
}

void Alerts::check_errors() {
  const UnixMs now = node_.now();
  if (samples_.empty() || now - samples_.back().at >= kSampleEvery) samples_.push_back({now, node_.ended()});
  while (samples_.size() > 1 && now - samples_.front().at > options_.error_window) samples_.pop_front();
  const std::uint64_t completed = node_.ended().completed - samples_.front().ended.completed;
  const std::uint64_t failed = node_.ended().failed - samples_.front().ended.failed;
  const std::uint64_t all = completed + failed;
  const auto share = all == 0 ? 0 : failed * 100 / all;
  // A window with few jobs in it says nothing new; one that raised it stands until enough of them say otherwise.
  if (all >= options_.error_least) erring_ = share >= static_cast<std::uint64_t>(options_.error_percent);
  settle(kErrors,
         {erring_, "Many jobs fail", std::to_string(failed) + " of the last " + std::to_string(all) + " failed"});
}

// Nothing to do where the inbox says what is so.
void Alerts::settle(const std::string& id, const Condition& condition) {
  const InboxEntry* present = node_.inbox().find(kSystemInbox, id);
  const bool stands = present != nullptr && decode_notification(*present->text)->cleared_at == 0;
  if (stands == condition.holds || in_flight_.contains(id)) return;
  write(id, present, condition);
}

// Only if it is as it was seen: of several nodes one writes.
void Alerts::write(const std::string& id, const InboxEntry* present, const Condition& condition) {
  Notification notification;
  notification.type = NotificationType::alert;
  notification.title = condition.title;
  notification.message = condition.message;
  if (!condition.holds) {
    notification = *decode_notification(*present->text);
    notification.cleared_at = node_.now();
  }
  log::RecordAppend append{{std::string(kNotificationKind), std::string(kSystemInbox), id,
                            encode_notification(notification), node_.now() + node_.options().rules.keep_for, 0, 0},
                           present == nullptr ? 0 : present->version};
  in_flight_.insert(id);
  node_.append_records({std::move(append)},
                       [this, id](const std::vector<log::RecordOutcome>&) { in_flight_.erase(id); });
}

}  // namespace jobwire::node
