#include "jobwire/job_store.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace jobwire {
namespace {

// Did this change show the job's end to somebody who followed it alive?
std::uint32_t ended_between(const JobState* before, const JobState& after) {
  if (!is_terminal(after.status) || before == nullptr || before->seq == 0) return 0;
  return !is_terminal(before->status) || before->attempt < after.attempt ? kChangedEnded : 0u;
}

// The log numbers and stamps every event: after the same one a job is the same, but for what not everybody is told.
bool is_same(const JobState* before, const JobState& after) {
  return before != nullptr && before->version == after.version && before->seq == after.seq &&
         before->updated_at == after.updated_at && before->worker_id == after.worker_id &&
         before->result == after.result;
}

bool gives_identity(const EventView& event) {
  return !event.job_type.empty() || !event.queue.empty() || !event.user_id.empty() || !event.ref.empty() ||
         !event.parent_id.empty();
}

// What an event will change of a job that it applies to, beside its lifecycle.
std::uint32_t touched_by(const EventView& event, const JobState& job) {
  std::uint32_t fields = kChangedProgress;
  if (event.stage.data() != nullptr && event.stage != job.stage) fields |= kChangedStage;
  if (event.message.data() != nullptr && event.message != job.message) fields |= kChangedMessage;
  if (event.type == EventType::completed) fields |= kChangedResult;
  if (event.type == EventType::retried || job.seq == 0) fields |= kChangedAll;
  if (event.type == EventType::started || gives_identity(event)) fields |= kChangedIdentity;
  if (event.metadata != nullptr && !event.metadata->empty()) fields |= kChangedMetadata;
  if (event.type != EventType::progress && event.type != EventType::log) fields |= kChangedLifecycle;
  return fields;
}

}  // namespace

// ---- the table: chains in buckets, and a slot for each ----

std::uint32_t JobStore::hash_of(std::string_view id) {
  std::uint32_t hash = 2'166'136'261u;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
  return hash;
}

JobStore::Entry* JobStore::look_up(std::string_view id) const {
  const std::uint32_t hash = hash_of(id);
  Entry* at = buckets_[hash % kBuckets].get();
  while (at != nullptr && (at->hash != hash || at->id.value != id)) at = at->next.get();
  return at;
}

JobStore::Entry& JobStore::look_up_or_add(std::string_view id) {
  if (Entry* known = look_up(id)) return *known;
  std::uint32_t slot = 0;
  if (entries_ == slots_.size()) {
    slot = static_cast<std::uint32_t>(entries_);
    slots_.add();
  } else {
    while (slots_[slot] != nullptr) ++slot;
  }
  ++entries_;
  auto made = std::make_unique<Entry>();
  Entry& entry = *(slots_[slot] = made.get());
  entry.id.value = id;
  entry.slot = slot;
  entry.hash = hash_of(id);
  std::unique_ptr<Entry>& bucket = buckets_[entry.hash % kBuckets];
  entry.next = std::exchange(bucket, std::move(made));
  return entry;
}

void JobStore::forget(Entry& entry) {
  --entries_;
  slots_[entry.slot] = nullptr;
  std::unique_ptr<Entry>* at = &buckets_[entry.hash % kBuckets];
  while (at->get() != &entry) at = &(*at)->next;
  *at = std::exchange(entry.next, nullptr);
}

void JobStore::forget_if_gone(Entry& entry) {
  if (!entry.shown.is_there() && entry.staged == nullptr && entry.fields == 0) forget(entry);
}

// ---- folding ----

void JobStore::begin(bool reset) {
  ++message_;
  if (!reset) return;
  drop_staging();
  has_doubts_ = false;
  // Where there is nothing to protect, the fresh view is shown as it comes.
  for (Entry* const entry : slots_.all()) resetting_ = resetting_ || (entry && entry->shown.is_there());
}

void JobStore::end(bool synced) {
  if (synced && resetting_) swap_in_staging();
}

void JobStore::fold(const push::Changes& changes) {
  begin(changes.reset);
  for (const JobState& job : changes.jobs) fold(std::make_unique<JobState>(job));
  for (const JobEvent& event : changes.events) fold(view_of(event));
  for (const RemovedJob& removed : changes.removed) fold(removed);
  end(changes.synced);
}

JobStore::Known& JobStore::folded(Entry& entry) {
  if (!resetting_) return entry.shown;
  if (entry.staged == nullptr) entry.staged = std::make_unique<Known>();
  return *entry.staged;
}

void JobStore::fold(std::unique_ptr<JobState> job) {
  Entry& entry = look_up_or_add(job->id.value);
  Known& known = folded(entry);
  known.told_by = message_;
  const std::int64_t version = known.is_there() ? known.job->version : 0;
  if (job->version >= known.doubted_at && job->version >= version) {
    if (known.doubted_at != 0 && !resetting_) mark(entry, kChangedLifecycle);  // no longer stale
    known.doubted_at = 0;
  }
  if (job->version <= version) return;
  if (!resetting_) mark(entry, kChangedAll | ended_between(known.job.get(), *job));
  known.job = std::move(job);
}

void JobStore::fold(const EventView& event) { fold(look_up_or_add(event.job_id), event); }

bool JobStore::fold_if_known(const EventView& event) {
  Entry* const entry = look_up(event.job_id);
  if (entry != nullptr) fold(*entry, event);
  return entry != nullptr;
}

void JobStore::fold(Entry& entry, const EventView& event) {
  Known& known = folded(entry);
  if (!known.is_there()) {
    known.job = std::make_unique<JobState>();
    known.job->id.value = event.job_id;
  }
  JobState& job = *known.job;
  if (event.seq <= job.seq) return;
  if (event.seq != job.seq + 1 || event.type == EventType::unknown) {
    doubt(known, event.offset);
    if (!resetting_) mark(entry, kChangedLifecycle);
    return;
  }
  std::uint32_t fields = touched_by(event, job);
  const JobStatus status = job.status;
  const bool stalled = job.stalled;
  apply(job, event);
  if (job.removed) return fold(RemovedJob{entry.id, event.offset});
  if (status != job.status || stalled != job.stalled) fields |= kChangedLifecycle;
  if (is_terminal(job.status) && (job.seq == 1 || !is_terminal(status))) fields |= kChangedEnded;
  if (!resetting_) mark(entry, fields);
}

void JobStore::fold(const RemovedJob& removed) {
  Entry* const entry = look_up(removed.job_id.value);
  if (entry == nullptr) return;
  if (resetting_) {
    if (entry->staged != nullptr && entry->staged->is_there() && entry->staged->job->version <= removed.version)
      entry->staged.reset();
  } else if (entry->shown.is_there() && entry->shown.job->version <= removed.version) {
    remove(*entry);
  }
}

void JobStore::remove(Entry& entry) {
  entry.shown = {};
  mark(entry, kChangedRemoved);
}

// Nothing of it was shown: who is known by it alone is not known.
void JobStore::drop_staging() {
  if (!std::exchange(resetting_, false)) return;
  for (Entry* const entry : slots_.all()) {
    if (entry == nullptr) continue;
    entry->staged.reset();
    forget_if_gone(*entry);
  }
}

void JobStore::swap_in_staging() {
  resetting_ = false;
  for (Entry* const entry : slots_.all()) {
    if (entry != nullptr) swap_in(*entry);
  }
}

void JobStore::swap_in(Entry& entry) {
  if (entry.staged == nullptr || !entry.staged->is_there()) {
    entry.staged.reset();
    if (entry.shown.is_there()) remove(entry);
    return forget_if_gone(entry);
  }
  const Known before = std::exchange(entry.shown, std::move(*entry.staged));
  entry.staged.reset();
  Known& now = entry.shown;
  if (!is_same(before.job.get(), *now.job)) mark(entry, kChangedAll | ended_between(before.job.get(), *now.job));
  if (before.doubted_at != now.doubted_at) mark(entry, kChangedLifecycle);
}

void JobStore::mark(Entry& entry, std::uint32_t fields) {
  if (entry.fields == 0) {
    (changed_ == nullptr ? changed_ : last_changed_->next_changed) = &entry;
    last_changed_ = &entry;
    entry.next_changed = nullptr;
  }
  if (fields & kChangedRemoved) entry.fields &= ~std::uint32_t{kChangedAll};
  if (fields & kChangedAll) entry.fields &= ~std::uint32_t{kChangedRemoved};
  entry.fields |= fields;
}

// ---- doubts ----

void JobStore::doubt(Known& known, std::int64_t version) {
  if (known.doubted_at == 0) known.sync_asked = false;  // what was asked before was about another doubt
  known.doubted_at = std::max(known.doubted_at, version);
  has_doubts_ = true;
}

const JobId* JobStore::next_doubt(std::uint32_t& slot) {
  if (!has_doubts_) return nullptr;
  const auto asks = [](const Known* known) { return known != nullptr && known->doubted_at != 0 && !known->sync_asked; };
  const bool looks_at_all = slot == 0;
  for (; slot < slots_.size(); ++slot) {
    const Entry* const entry = slots_[slot];
    if (entry != nullptr && (asks(&entry->shown) || asks(entry->staged.get()))) return &entry->id;
  }
  if (looks_at_all) has_doubts_ = false;
  return nullptr;
}

void JobStore::asked(std::string_view id) {
  Entry* const entry = look_up(id);
  if (entry == nullptr) return;
  entry->shown.sync_asked = true;
  if (entry->staged != nullptr) entry->staged->sync_asked = true;
}

std::vector<JobId> JobStore::take_stale() {
  std::vector<JobId> ids;
  std::uint32_t slot = 0;
  while (const JobId* id = next_doubt(slot)) {
    ids.push_back(*id);
    asked(id->value);
  }
  return ids;
}

void JobStore::connection_lost() {
  drop_staging();  // of an answer that will not be finished
  has_doubts_ = true;
  for (Entry* const entry : slots_.all()) {
    if (entry != nullptr) entry->shown.sync_asked = false;
  }
}

void JobStore::clear() {
  drop_staging();
  retain(false, [](const JobState&) { return false; });
}

// ---- what comes out ----

ChangedJob JobStore::tell_of(Entry& entry) {
  const Known& known = entry.shown;
  ChangedJob change{entry.slot, std::exchange(entry.fields, 0) & ~std::uint32_t{kChangedRemoved}, entry.id};
  if (known.is_shown()) {
    change.job = known.job.get();
    change.is_stale = known.doubted_at != 0;
    if (!std::exchange(entry.is_told, true)) change.fields |= kChangedAll | kChangedNew;
    // Also where it was forgotten in between, and told anew.
    const bool is_running = !is_terminal(change.job->status);
    if (std::exchange(entry.told_running, is_running) && !is_running) change.fields |= kChangedEnded;
  } else {
    entry.told_running = false;
    change.fields = std::exchange(entry.is_told, false) ? kChangedRemoved : 0u;
  }
  return change;
}

std::vector<StoreChange> JobStore::take() {
  std::vector<StoreChange> changes;
  take([&](const ChangedJob& change) { changes.push_back({change.id, change.fields & ~std::uint32_t{kChangedNew}}); });
  return changes;
}

const JobState* JobStore::find(const JobId& id) const {
  const Entry* const entry = look_up(id.value);
  return entry == nullptr || !entry->shown.is_shown() ? nullptr : entry->shown.job.get();
}

bool JobStore::is_stale(const JobId& id) const {
  const Entry* const entry = look_up(id.value);
  return entry != nullptr && entry->shown.doubted_at != 0;
}

std::size_t JobStore::size() const {
  const auto entries = slots_.all();
  return static_cast<std::size_t>(std::count_if(
      entries.begin(), entries.end(), [](const Entry* entry) { return entry != nullptr && entry->shown.is_there(); }));
}

std::vector<const JobState*> JobStore::jobs() const {
  std::vector<const JobState*> jobs;
  for (Entry* const entry : slots_.all()) {
    if (entry != nullptr && entry->shown.is_shown()) jobs.push_back(entry->shown.job.get());
  }
  return jobs;
}

}  // namespace jobwire
