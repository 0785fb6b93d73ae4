#include "node/node.h"

#include <algorithm>
#include <utility>

#include "jobwire/codec.h"
#include "log/epochs.h"

namespace jobwire::node {
namespace {

constexpr std::size_t kSnapshotsPerTick = 4'000;

RetentionOptions retention_of(const NodeOptions& options) {
  RetentionOptions retention;
  retention.remove_after = options.remove_after;
  retention.tombstone_for = options.tombstone_for;
  retention.stalled_after = options.stalled_after;
  return retention;
}

}  // namespace

Node::Node(NodeOptions options, log::EventLog& log, const Clock& clock)
    : options_(std::move(options)),
      log_(log),
      clock_(clock),
      inbox_(options_.most_notifications),
      submissions_(options_.most_jobs, {options_.stage_plans, options_.rules}, table_, log, clock),
      retention_(retention_of(options_), table_, submissions_, log),
      snapshots_(options_.snapshot_every, kSnapshotsPerTick) {}

Status Node::start() {
  Result<log::Restored> restored = log_.restore();
  if (!restored) return restored.error();
  for (const log::JobSnapshot& snapshot : restored->snapshots) {
    Result<JobState> job = decode_job(snapshot.bytes);
    if (!job) {
      return Error{ErrorCode::internal, "the stored job " + snapshot.job_id.value + ": " + job.error().message, "", 0};
    }
    table_.restore(std::move(*job));
  }
  for (const JobEvent& event : restored->events) table_.apply(event);
  for (const log::Record& record : restored->records) fold(record);
  snapshots_.restored(*restored);
  epochs_ = std::move(restored->epochs);
  applied_ = restored->head;
  tombstone_floor_ = restored->tombstone_floor;
  log_.follow([this](const log::Logged& logged) { take_in(logged); });
  return Done{};
}

void Node::take_in(const JobEvent& event) {
  const JobTable::Applied applied = table_.apply(event);
  applied_ = event.offset;
  if (std::holds_alternative<event::Completed>(event.body)) ++ended_.completed;
  if (std::holds_alternative<event::Failed>(event.body)) ++ended_.failed;
  snapshots_.applied(applied);
  if (on_change_)
    on_change_({event, *applied.record, applied.previous_version, applied.identity_changed, applied.began});
}

void Node::take_in(const log::Record& record) {
  fold(record);
  applied_ = record.offset;
  if (on_record_) on_record_(record);
}

void Node::fold(const log::Record& record) {
  record.kind == kNotificationKind ? void(inbox_.apply(record)) : records_.apply(record);
}

void Node::tick_records(UnixMs now) {
  const bool records = records_.expire(now);
  if (inbox_.expire(now) || records) log_.expire(now);
  auto overflow = inbox_.take_overflow();
  if (!overflow.empty()) log_.append_records(std::move(overflow), {});
}

void Node::take_in(const log::Logged& logged) {
  logged.each([this](const JobEvent& event) { take_in(event); },
              [this](const log::Record& record) { take_in(record); });
  submissions_.tail_moved();
  if (on_batch_end_) on_batch_end_();
}

void Node::submit(std::vector<JobEvent> events, SubmitDone done) {
  submissions_.submit(std::move(events), std::move(done));
}

Page Node::changes_since(std::int64_t after, std::span<const Channel> channels, std::size_t limit,
                         const Floors* floors) const {
  return page_of(table_, {after, channels, limit, options_.wide_channel_start, floors}, applied_);
}

std::int64_t Node::floor(const Channel& channel) const {
  return start_of(table_, channel, options_.wide_channel_start);
}

bool Node::is_valid(const Cursor& cursor) const {
  if (cursor.offset < tombstone_floor_) return false;
  if ((cursor.epoch & log::kBetweenPages) != 0) {
    return cursor.epoch == between_pages(0).epoch && cursor.offset >= 0 && cursor.offset <= applied_;
  }
  const auto epoch =
      std::find_if(epochs_.begin(), epochs_.end(), [&](const log::Epoch& e) { return e.id == cursor.epoch; });
  if (epoch == epochs_.end()) return false;
  const auto next = epoch + 1;
  const std::int64_t last = next == epochs_.end() ? applied_ : next->first_offset - 1;
  return cursor.offset >= epoch->first_offset - 1 && cursor.offset <= last;
}

Cursor Node::head() const { return {epochs_.empty() ? 0 : epochs_.back().id, applied_}; }

Cursor Node::between_pages(std::int64_t offset) const { return {head().epoch | log::kBetweenPages, offset}; }

void Node::observe(OnChange change, OnBatchEnd end) {
  on_change_ = std::move(change);
  on_batch_end_ = std::move(end);
}

void Node::tick() {
  const UnixMs now = clock_.now();
  submissions_.tick();
  retention_.tick(now);
  tombstone_floor_ = std::max(tombstone_floor_, retention_.forget_tombstones(now));
  tick_records(now);
  snapshots_.tick(table_, applied_, log_);
}

}  // namespace jobwire::node
