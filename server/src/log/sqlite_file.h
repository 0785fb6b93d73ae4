// The SQLite file itself: taken by one server at a time, checked before it is touched, brought to the newest schema.
// Included by sqlite_*.cc only: SQLite's types stay in them.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <span>
#include <string>

#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::log {

// Held for the life of the process: an advisory lock (flock) on `<path>.lock`, which stays behind as an empty sign.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

// Each step brings the schema (`PRAGMA user_version`) from its index to the next; steps are never changed, only added.
extern const std::span<const char* const> kSchemaSteps;
Status migrate(SQLite::Database& database, std::span<const char* const> steps);

// Opens or creates. A file that is damaged, from a newer Jobwire, or somebody else's is refused and left as it is.
// Files up to `check_up_to_bytes` are checked as a whole, larger ones as they are read.
Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& path, std::int64_t check_up_to_bytes);

// Why a write or a read failed while the server runs. Names no path: pages are told.
Error write_error(const SQLite::Exception& failure);
// Why the server cannot start on this file, and what to do about it.
Error store_error(const std::string& path, const SQLite::Exception& failure);

}  // namespace jobwire::log
