#include "log/sqlite_log.h"

#include <chrono>
#include <utility>

#include "log/sqlite_store.h"

namespace jobwire::log {
namespace {

Error too_much_waits() {
  return {ErrorCode::unavailable, "the store does not keep up with what is published: try again", "", 1'000};
}

}  // namespace

// What one turn of the log's thread has to tell the loop.
struct SqliteLog::Turn {
  Logged logged;
  std::vector<std::function<void()>> answers;
  std::optional<std::string> degraded;  // if it changed
  bool transaction = false;
};

// What was written for one request.
struct SqliteLog::Written {
  std::vector<Outcome> events;
  std::vector<RecordOutcome> records;
  LookupOutcome found;
};

Result<std::unique_ptr<SqliteLog>> SqliteLog::open(SqliteLogOptions options, const Clock& clock, Random random,
                                                   Post post) {
  auto store = SqliteStore::open(options.path, options.history, options.check_up_to_bytes);
  if (!store) return store.error();
  return std::unique_ptr<SqliteLog>(
      new SqliteLog(std::move(options), std::move(*store), clock, random, std::move(post)));
}

SqliteLog::SqliteLog(SqliteLogOptions options, std::unique_ptr<SqliteStore> store, const Clock& clock, Random random,
                     Post post)
    : options_(std::move(options)), store_(std::move(store)), clock_(clock), random_(random), post_(std::move(post)) {}

SqliteLog::~SqliteLog() {
  if (!thread_.joinable()) return;
  hand_over();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Result<Restored> SqliteLog::restore() {
  Result<Restored> restored = store_->restore(random_, clock_.now());
  if (restored) thread_ = std::thread([this] { run(); });
  return restored;
}

// ---- on the loop ----

void SqliteLog::give(Request request) {
  given_.push_back(std::move(request));
  if (given_.size() > 1) return;
  post_([this, alive = std::weak_ptr<const bool>(alive_)] {
    if (!alive.expired()) hand_over();
  });
}

void SqliteLog::hand_over() {
  if (given_.empty()) return;
  {
    std::lock_guard lock(mutex_);
    for (Request& request : given_) queue_.push_back(std::move(request));
  }
  given_.clear();
  changed_.notify_one();
}

// A disk that does not keep up makes writers wait or come again, and no heap. How many of the batch are refused: all or
// none.
template <typename Batch>
std::size_t SqliteLog::refuse(Batch& batch) {
  const std::size_t size = batch.size();
  if (waiting_ < options_.most_waiting) {
    waiting_ += size;
    return 0;
  }
  Batch().swap(batch);
  return size;
}

void SqliteLog::append(std::vector<Append> batch, AppendDone done) {
  const std::size_t refused = refuse(batch);
  give(AppendRequest{std::move(batch), std::move(done), clock_.now(), refused});
}

void SqliteLog::append_records(std::vector<RecordAppend> batch, RecordsDone done) {
  const std::size_t refused = refuse(batch);
  give(RecordsRequest{std::move(batch), std::move(done), clock_.now(), refused});
}

void SqliteLog::expire(UnixMs now) {
  constexpr int kAtOnce = 10'000;  // records
  give(OtherRequest{
      [this, now](Turn& turn) { note(store_->transaction([this, now] { store_->expire(now, kAtOnce); }), turn); }});
}

void SqliteLog::lookup(const JobEvent& event, std::function<void(LookupOutcome)> done) {
  give(LookupRequest{event, std::move(done)});
}

void SqliteLog::history(const JobId& job, std::size_t limit, std::function<void(Result<std::vector<JobEvent>>)> done) {
  give(OtherRequest{[this, job, limit, done = std::move(done)](Turn& turn) {
    turn.answers.push_back([events = store_->history(job, limit), done] { done(events); });
  }});
}

void SqliteLog::save_snapshots(std::vector<JobSnapshot> snapshots, std::int64_t through) {
  give(OtherRequest{[this, snapshots = std::move(snapshots), through](Turn&) mutable {
    store_->plan_snapshots(std::move(snapshots), through);
  }});
}

void SqliteLog::forget(std::vector<JobId> jobs, std::int64_t floor) {
  give(OtherRequest{[this, jobs = std::move(jobs), floor](Turn&) { store_->plan_forget(jobs, floor); }});
}

void SqliteLog::drain(std::function<void()> done) {
  give(OtherRequest{[this, done = std::move(done)](Turn& turn) {
    finish_work(turn);
    turn.answers.push_back(done);
  }});
}

void SqliteLog::take_in(Turn& turn) {
  if (turn.degraded) degraded_ = std::move(*turn.degraded);
  if (turn.transaction) ++transactions_;
  const std::weak_ptr<const bool> alive = alive_;  // a callback may destroy the log
  if (tail_ && !turn.logged.empty()) tail_(turn.logged);
  for (const auto& answer : turn.answers) {
    if (alive.expired()) return;
    answer();
  }
}

// ---- on the log's thread ----

// Upkeep goes on between transactions of appends, and while there are none; when writes fail, at every retry.
void SqliteLog::run() {
  while (auto group = next_group()) {
    const bool nothing_to_serve = group->empty();
    if (!nothing_to_serve) serve(std::move(*group));
    if (nothing_to_serve || !failing_) maintain();
  }
}

void SqliteLog::maintain() {
  Turn turn;
  if (store_->has_work()) {
    note(store_->maintain(options_.rows_at_once), turn);
  } else if (failing_) {
    note(store_->probe(), turn);
  }
  if (turn.degraded) tell(std::move(turn));
}

void SqliteLog::finish_work(Turn& turn) {
  while (store_->has_work()) {
    note(store_->maintain(options_.rows_at_once), turn);
    if (failing_) return;
  }
}

// Appends and lookups up to the limit, or one other request. Empty: there is upkeep to do, or the disk may be tried
// again. None: stopping, and nothing is left that can be done.
std::optional<std::vector<SqliteLog::Request>> SqliteLog::next_group() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  if (failing_) {
    changed_.wait_for(lock, std::chrono::milliseconds(options_.retry_every), ready);
  } else if (!store_->has_work()) {
    changed_.wait(lock, ready);
  }
  if (stopping_ && queue_.empty() && (failing_ || !store_->has_work())) return std::nullopt;
  std::vector<Request> group;
  std::size_t taken = 0;  // events and records
  while (!queue_.empty() && taken < options_.most_in_transaction) {
    const bool alone = std::holds_alternative<OtherRequest>(queue_.front());
    if (alone && !group.empty()) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
    if (const auto* append = std::get_if<AppendRequest>(&group.back())) taken += append->batch.size();
    if (const auto* records = std::get_if<RecordsRequest>(&group.back())) taken += records->batch.size();
  }
  waiting_ -= taken;
  return group;
}

void SqliteLog::serve(std::vector<Request> group) {
  Turn turn;
  if (auto* other = std::get_if<OtherRequest>(&group.front())) {
    other->run(turn);
  } else {
    write(group, turn);
  }
  tell(std::move(turn));
}

void SqliteLog::write(std::vector<Request>& group, Turn& turn) {
  std::vector<Written> written(group.size());
  const Status status = store_->transaction([&] {
    for (std::size_t i = 0; i < group.size(); ++i) write(group[i], written[i]);
  });
  note(status, turn);
  turn.logged = store_->take_logged();
  turn.transaction = static_cast<bool>(status);
  for (std::size_t i = 0; i < group.size(); ++i) answer(group[i], written[i], status, turn);
}

void SqliteLog::write(Request& request, Written& written) {
  if (auto* events = std::get_if<AppendRequest>(&request)) {
    written.events.assign(events->refused, NotStored{too_much_waits()});
    for (Append& append : events->batch) {
      written.events.push_back(store_->append(std::move(append), events->now));
    }
  } else if (auto* records = std::get_if<RecordsRequest>(&request)) {
    written.records.assign(records->refused, RecordNotStored{too_much_waits()});
    for (RecordAppend& append : records->batch) {
      written.records.push_back(store_->append(std::move(append), records->now));
    }
  } else {
    written.found = store_->find_event_id(std::get<LookupRequest>(request).event);
  }
}

void SqliteLog::answer(Request& request, Written& written, const Status& status, Turn& turn) {
  if (auto* events = std::get_if<AppendRequest>(&request)) {
    if (!status) written.events.assign(events->batch.size() + events->refused, NotStored{status.error()});
    turn.answers.push_back([done = std::move(events->done), result = std::move(written.events)] { done(result); });
  } else if (auto* records = std::get_if<RecordsRequest>(&request)) {
    if (!status) written.records.assign(records->batch.size() + records->refused, RecordNotStored{status.error()});
    turn.answers.push_back([done = std::move(records->done), result = std::move(written.records)] {
      if (done) done(result);
    });
  } else {
    if (!status) written.found = NotStored{status.error()};
    auto& lookup = std::get<LookupRequest>(request);
    turn.answers.push_back([done = std::move(lookup.done), result = std::move(written.found)] { done(result); });
  }
}

void SqliteLog::note(const Status& written, Turn& turn) {
  if (written && !failing_) return;
  failing_ = !written;
  turn.degraded = written ? std::string() : written.error().message;
}

void SqliteLog::tell(Turn turn) {
  post_([this, alive = std::weak_ptr<const bool>(alive_), turn = std::make_shared<Turn>(std::move(turn))] {
    if (!alive.expired()) take_in(*turn);
  });
}

}  // namespace jobwire::log
