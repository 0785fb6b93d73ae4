// The SQLite file itself: taken by one server at a time, checked before it is touched, brought to the newest schema.
// Included by sqlite_*.cc only: SQLite's types stay in them.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/types.h>

#include <array>
#include <memory>
#include <span>
#include <string>

#include "jobwire/result.h"
#include "jobwire/time.h"

namespace jobwire::log {

// Held for the life of the process: an advisory lock (flock) on `<path>.lock`, which stays behind as an empty sign, and
// one on the file itself, which has other names by links and mounts, and whose sign somebody may remove. Outlives the
// database: closing any descriptor of its file drops the locks that SQLite holds there (POSIX).
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  FileLock(int sign, int file) : sign_(sign), file_(file) {}
  int sign_;
  int file_;
};

// The file and its write-ahead log where they stood when this was made. Moved, removed or replaced they take what is
// written, and lose it with the process.
class FilesInPlace {
 public:
  explicit FilesInPlace(const std::string& path);
  Status check() const;
  // Only the log is not in its place: what it holds can still be brought into the file.
  bool only_log_gone() const { return is_there(files_[0]) && !is_there(files_[1]); }

 private:
  struct File {
    std::string path;
    ino_t node = 0;  // 0: it was not there
  };
  static bool is_there(const File& file);
  std::array<File, 2> files_;
};

// Each step brings the schema (`PRAGMA user_version`) from its index to the next; steps are never changed, only added.
extern const std::span<const char* const> kSchemaSteps;
Status migrate(SQLite::Database& database, std::span<const char* const> steps);

// Opens or creates. A file that is damaged, from a newer Jobwire, or somebody else's is refused and left as it is.
// Files up to `check_up_to_bytes` are checked as a whole, larger ones as they are read.
Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& path, std::int64_t check_up_to_bytes);

// Closing without it leaves the write-ahead log where it is, for the next start; with it, SQLite removes it by its
// name.
void checkpoint_on_close(SQLite::Database& database, bool yes);

// Why a write or a read failed while the server runs. Names no path: pages are told.
Error write_error(const SQLite::Exception& failure);
// Why the server cannot start on this file, and what to do about it.
Error store_error(const std::string& path, const SQLite::Exception& failure);

}  // namespace jobwire::log
