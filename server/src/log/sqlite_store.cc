#include "log/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "jobwire/codec.h"
#include "log/epochs.h"
#include "log/sqlite_statements.h"

namespace jobwire::log {

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path, HistoryLimits limits,
                                                       std::int64_t check_up_to_bytes) {
  auto lock = FileLock::take(path);
  if (!lock) return lock.error();
  auto database = open_database(path, check_up_to_bytes);
  if (!database) return database.error();
  try {
    return std::unique_ptr<SqliteStore>(new SqliteStore(path, limits, std::move(*lock), std::move(*database)));
  } catch (const SQLite::Exception& failure) {
    return store_error(path, failure);
  }
}

SqliteStore::SqliteStore(std::string path, HistoryLimits limits, FileLock lock,
                         std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)),
      limits_(limits),
      lock_(std::move(lock)),
      database_(std::move(database)),
      sql_(std::make_unique<Statements>(*database_)) {}

// What stands under the name of the write-ahead log by now may be another server's.
SqliteStore::~SqliteStore() {
  if (!check_places()) checkpoint_on_close(*database_, false);
}

// ---- start ----

Result<Restored> SqliteStore::restore(Random& random, UnixMs now) {
  Restored restored;
  try {
    read_state(restored);
    const Versions versions = read_snapshots(restored);
    if (Status read = read_records(restored, versions); !read) return read.error();
    read_keyed(restored, now);
    write_epochs(restored, random);
  } catch (const SQLite::Exception& failure) {
    return store_error(path_, failure);
  }
  restored.head = head_;
  places_.emplace(path_);
  return restored;
}

void SqliteStore::read_state(Restored& restored) {
  SQLite::Statement state(*database_, "SELECT head, last_at, tombstone_floor FROM state");
  state.executeStep();
  head_ = state.getColumn(0).getInt64();
  last_at_ = state.getColumn(1).getInt64();
  restored.tombstone_floor = state.getColumn(2).getInt64();
}

SqliteStore::Versions SqliteStore::read_snapshots(Restored& restored) {
  Versions versions;
  SQLite::Statement rows(*database_, "SELECT job, id, version, seq, bytes FROM snapshot ORDER BY version");
  while (rows.executeStep()) {
    JobSnapshot snapshot{JobId{rows.getColumn(1).getString()}, rows.getColumn(2).getInt64(),
                         rows.getColumn(4).getString()};
    const std::int64_t number = rows.getColumn(0).getInt64();
    heads_.restore(snapshot.job_id, JobHead{rows.getColumn(3).getInt64(), number});
    versions[number] = snapshot.version;
    restored.snapshots.push_back(std::move(snapshot));
  }
  return versions;
}

// Records that a snapshot covers count for history only: it may be newer than `through`, or settling was cut short.
Status SqliteStore::read_records(Restored& restored, const Versions& versions) {
  SQLite::Statement rows(*database_, "SELECT offset, job, body FROM record ORDER BY offset");
  while (rows.executeStep()) {
    const std::int64_t offset = rows.getColumn(0).getInt64();
    Result<JobEvent> event = decode_stored_event(rows.getColumn(2).getString());
    if (!event || event->offset != offset) {
      const std::string why = event ? "it names another offset" : event.error().message;
      return Error{ErrorCode::unavailable,
                   path_ + " is damaged: record " + std::to_string(offset) + " cannot be read (" + why +
                       "); nothing was removed from it. Restore a backup, or name another file.",
                   "", 0};
    }
    head_ = std::max(head_, offset);
    last_at_ = std::max(last_at_, event->at);
    const std::int64_t number = rows.getColumn(1).getInt64();
    heads_.restore(*event, number);
    const auto version = versions.find(number);
    if (version == versions.end() || version->second < offset) restored.events.push_back(std::move(*event));
  }
  return Done{};
}

// `state` knows the offset of the newest one, which may have been a deletion.
void SqliteStore::read_keyed(Restored& restored, UnixMs now) {
  SQLite::Statement rows(*database_,
                         "SELECT offset, kind, owner, key, at, expires_at, bytes FROM keyed ORDER BY offset");
  while (rows.executeStep()) {
    Record record{rows.getColumn(1).getString(), rows.getColumn(2).getString(), rows.getColumn(3).getString(),
                  rows.getColumn(6).getString(), rows.getColumn(5).getInt64(),  rows.getColumn(0).getInt64(),
                  rows.getColumn(4).getInt64()};
    if (!has_expired(record, now)) restored.records.push_back(std::move(record));
  }
}

void SqliteStore::write_epochs(Restored& restored, Random& random) {
  SQLite::Statement rows(*database_, "SELECT id, first_offset FROM epoch ORDER BY position");
  while (rows.executeStep()) {
    restored.epochs.push_back({static_cast<std::uint64_t>(rows.getColumn(0).getInt64()), rows.getColumn(1).getInt64()});
  }
  begin_epoch(restored.epochs, random, head_, restored.tombstone_floor);

  SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
  database_->exec("DELETE FROM epoch");
  SQLite::Statement insert(*database_, "INSERT INTO epoch(id, first_offset) VALUES(?, ?)");
  for (const Epoch& epoch : restored.epochs) {
    Use(insert).with(static_cast<std::int64_t>(epoch.id), epoch.first_offset).run();
  }
  transaction.commit();
}

// ---- appends ----

Status SqliteStore::transaction(const std::function<void()>& body) {
  if (Status in_place = check_places(); !in_place) return in_place;
  head_before_ = head_;
  last_at_before_ = last_at_;
  try {
    Use(sql_->begin).run();
    body();
    if (!logged_.records.empty()) write_state(0);
    Use(sql_->commit).run();
  } catch (const SQLite::Exception& failure) {
    const Error error = write_error(failure);
    roll_back();
    return error;
  }
  std::move(logged_.events.begin(), logged_.events.end(), std::back_inserter(committed_.events));
  std::move(logged_.records.begin(), logged_.records.end(), std::back_inserter(committed_.records));
  logged_.events.clear();
  logged_.records.clear();
  return Done{};
}

// Without its log the file lacks what was acknowledged last, unless it gets it now. Not within a transaction.
Status SqliteStore::check_places() {
  if (!places_) return Done{};
  if (places_->only_log_gone()) database_->tryExec("PRAGMA wal_checkpoint");
  return places_->check();
}

void SqliteStore::roll_back() {
  for (auto event = logged_.events.rbegin(); event != logged_.events.rend(); ++event) heads_.take_back(*event);
  head_ = head_before_;
  last_at_ = last_at_before_;
  logged_.events.clear();
  logged_.records.clear();
  database_->tryExec("ROLLBACK");  // fails where SQLite has rolled back by itself
}

Outcome SqliteStore::append(Append append, UnixMs now) {
  JobEvent& event = append.event;
  const LookupOutcome known = find_event_id(event);
  if (const auto* repeated = std::get_if<Repeated>(&known)) return *repeated;
  if (std::holds_alternative<EventIdReused>(known)) return EventIdReused{};

  const JobHead* job = heads_.find(event.job_id);
  const std::int64_t actual = job ? job->seq : 0;
  if (actual != append.expected_seq) return Conflict{actual};

  last_at_ = std::max(last_at_, now);
  event.seq = actual + 1;
  event.offset = head_ + 1;
  event.at = last_at_;
  const std::string body = encode_event(event, Visibility::store);
  Use(sql_->insert_record).with(event.offset, job ? job->number : event.offset, body).run();
  ++head_;
  heads_.add(event);
  const Appended appended{event.offset, event.seq, event.at};
  logged_.events.push_back(std::move(event));
  for (Record& record : append.records) write_record(std::move(record));
  return appended;
}

Logged SqliteStore::take_logged() { return std::exchange(committed_, {}); }

LookupOutcome SqliteStore::find_event_id(const JobEvent& event) {
  if (event.event_id.empty()) return {};
  const JobHead* job = heads_.find(event.job_id);
  if (!job) return {};
  KeptVerdict settled;
  const KeptVerdict* kept = find_recent_id(job->number, event.event_id);
  if (!kept && read_settled_id(job->number, event.event_id, settled)) kept = &settled;
  if (!kept || !limits_.remembers(kept->first.seq, job->seq)) return {};
  if (kept->fingerprint != fingerprint(event)) return EventIdReused{};
  return Repeated{kept->first};
}

const KeptVerdict* SqliteStore::find_recent_id(std::int64_t number, const std::string& event_id) const {
  const RecentEvents* recent = heads_.recent(number);
  if (!recent) return nullptr;
  const auto found = recent->event_ids.find(event_id);
  return found == recent->event_ids.end() ? nullptr : &found->second;
}

bool SqliteStore::read_settled_id(std::int64_t number, const std::string& event_id, KeptVerdict& kept) {
  Use find(sql_->find_id);
  if (!find.with(number, event_id).step()) return false;
  kept = {static_cast<std::uint64_t>(find.integer(0)), {find.integer(1), find.integer(2), find.integer(3)}};
  return true;
}

// ---- records ----

RecordOutcome SqliteStore::append(RecordAppend append, UnixMs now) {
  last_at_ = std::max(last_at_, now);
  if (append.expected) {
    const std::int64_t actual = newest_of(append.record);
    if (actual != *append.expected) return RecordConflict{actual};
  }
  write_record(std::move(append.record));
  return RecordAppended{head_, last_at_};
}

std::int64_t SqliteStore::newest_of(const Record& key) {
  Use find(sql_->find_key);
  return find.with(key.kind, key.owner, key.key, last_at_).step() ? find.integer(0) : 0;
}

void SqliteStore::write_record(Record record) {
  record.offset = head_ + 1;
  record.at = last_at_;
  if (record.key.empty()) record.key = std::to_string(record.offset);
  if (record.bytes.empty()) {
    Use(sql_->drop_key).with(record.kind, record.owner, record.key).run();
  } else {
    Use(sql_->put_key)
        .with(record.offset, record.kind, record.owner, record.key, record.at, record.expires_at, record.bytes)
        .run();
  }
  ++head_;
  logged_.records.push_back(std::move(record));
}

void SqliteStore::expire(UnixMs now, int most) { Use(sql_->drop_expired).with(now, std::int64_t{most}).run(); }

// ---- history ----

Result<std::vector<JobEvent>> SqliteStore::history(const JobId& job, std::size_t limit) {
  Rows rows;
  try {
    add_history_rows(rows, job, false, std::min(limit, limits_.chatter));
    add_history_rows(rows, job, true, std::min(limit, limits_.lifecycle));
  } catch (const SQLite::Exception& failure) {
    return write_error(failure);
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<JobEvent> events;
  for (std::size_t i = 0; i < std::min(limit, rows.size()); ++i) {
    Result<JobEvent> event = decode_stored_event(rows[i].second);
    if (!event) return event.error();
    events.push_back(std::move(*event));
  }
  return events;
}

void SqliteStore::add_history_rows(Rows& rows, const JobId& job, bool lifecycle, std::size_t limit) {
  const JobHead* head = heads_.find(job);
  if (!head) return;
  const std::size_t before = rows.size();
  std::int64_t settled_before = head_ + 1;  // older ones are in `history`; some may be in both
  if (const RecentEvents* recent = heads_.recent(head->number)) {
    const auto& offsets = lifecycle ? recent->lifecycle : recent->chatter;
    for (auto offset = offsets.rbegin(); offset != offsets.rend() && rows.size() - before < limit; ++offset) {
      Use body(sql_->record_body);
      if (body.with(*offset).step()) rows.emplace_back(*offset, body.text(0));
    }
    if (!offsets.empty()) settled_before = offsets.front();
  }
  Use newest(sql_->newest);
  newest.with(head->number, std::int64_t{lifecycle}, settled_before,
              static_cast<std::int64_t>(limit - (rows.size() - before)));
  while (newest.step()) rows.emplace_back(newest.integer(0), newest.text(1));
}

}  // namespace jobwire::log
