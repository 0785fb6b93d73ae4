// Every statement of the SQLite store, prepared once. Included by sqlite_store*.cc only.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "log/sqlite_store.h"

namespace jobwire::log {

struct SqliteStore::Statements {
  explicit Statements(SQLite::Database& db)
      : begin(db, "BEGIN IMMEDIATE"),
        commit(db, "COMMIT"),
        insert_record(db, "INSERT INTO record(offset, job, body) VALUES(?, ?, ?)"),
        record_body(db, "SELECT body FROM record WHERE offset = ?"),
        find_id(db, "SELECT fingerprint, offset, seq, at FROM event_id WHERE job = ? AND id = ?"),
        insert_id(db,
                  "INSERT OR REPLACE INTO event_id(job, id, fingerprint, offset, seq, at) VALUES(?, ?, ?, ?, ?, ?)"),
        newest(db,
               "SELECT offset, body FROM history WHERE job = ? AND lifecycle = ? AND offset < ? ORDER BY offset DESC "
               "LIMIT ?"),
        settle(db, "INSERT OR REPLACE INTO history SELECT ?1, ?2, offset, body FROM record WHERE offset = ?3"),
        trim(db,
             "DELETE FROM history WHERE job = ?1 AND lifecycle = ?2 AND offset <= (SELECT offset FROM history WHERE "
             "job = ?1 AND lifecycle = ?2 ORDER BY offset DESC LIMIT 1 OFFSET ?3)"),
        drop_records(db, "DELETE FROM record WHERE offset <= ?"),
        drop_record(db, "DELETE FROM record WHERE offset = ?"),
        save_snapshot(db, "INSERT OR REPLACE INTO snapshot(job, id, version, seq, bytes) VALUES(?, ?, ?, ?, ?)"),
        drop_snapshot(db, "DELETE FROM snapshot WHERE job = ?"),
        drop_history(db, "DELETE FROM history WHERE job = ?"),
        trim_ids(db, "DELETE FROM event_id WHERE job = ? AND seq > 1 AND seq <= ?"),
        drop_ids(db, "DELETE FROM event_id WHERE job = ?"),
        save_state(db,
                   "UPDATE state SET head = ?, last_at = ?, "
                   "tombstone_floor = max(tombstone_floor, ?)"),
        find_key(db,
                 "SELECT offset FROM keyed WHERE kind = ? AND owner = ? AND key = ? AND "
                 "(expires_at = 0 OR expires_at > ?)"),
        put_key(db,
                "INSERT OR REPLACE INTO keyed(offset, kind, owner, key, at, expires_at, bytes) "
                "VALUES(?, ?, ?, ?, ?, ?, ?)"),
        drop_key(db, "DELETE FROM keyed WHERE kind = ? AND owner = ? AND key = ?"),
        drop_expired(db,
                     "DELETE FROM keyed WHERE offset IN (SELECT offset FROM keyed WHERE expires_at > 0 AND "
                     "expires_at <= ? LIMIT ?)") {}

  SQLite::Statement begin, commit, insert_record, record_body, find_id, insert_id, newest, settle, trim, drop_records,
      drop_record, save_snapshot, drop_snapshot, drop_history, trim_ids, drop_ids, save_state, find_key, put_key,
      drop_key, drop_expired;
};

// Borrows a statement and gives it back reset, whatever was thrown in between.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { statement_.tryReset(); }

  template <class... Values>
  Use& with(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }
  bool step() { return statement_.executeStep(); }
  void run() {
    while (step()) {
    }
  }
  std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
  std::string text(int column) { return statement_.getColumn(column).getString(); }

 private:
  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, const std::string& value) { statement_.bindNoCopy(index, value); }
  SQLite::Statement& statement_;
};

}  // namespace jobwire::log
