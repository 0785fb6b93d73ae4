#include "log/sqlite_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace jobwire::log {
namespace {

constexpr int kApplicationId = 0x4a6f6277;  // "Jobw": tells our files from other SQLite files
constexpr int kBusyTimeoutMs = 5000;        // somebody's backup or shell may hold the file for a moment
constexpr DurationMs kTryAgainAfter = 1000;

// record: events newer than the last snapshots, one row each at the end of the table. Saving snapshots settles them:
// within the history limits they move to `history`, and their event ids to `event_id`, sorted by job. A job's number is
// the offset of its first event.
// keyed: records besides job events, the newest of each key.
constexpr std::array<const char*, 2> kSteps = {R"sql(
  CREATE TABLE state(one INTEGER PRIMARY KEY CHECK (one = 1), head INTEGER NOT NULL, last_at INTEGER NOT NULL,
                     tombstone_floor INTEGER NOT NULL);
  INSERT INTO state VALUES(1, 0, 0, 0);
  CREATE TABLE epoch(position INTEGER PRIMARY KEY, id INTEGER NOT NULL, first_offset INTEGER NOT NULL);
  CREATE TABLE record(offset INTEGER PRIMARY KEY, job INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE snapshot(job INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL,
                        bytes TEXT NOT NULL);
  CREATE TABLE history(job INTEGER NOT NULL, lifecycle INTEGER NOT NULL, offset INTEGER NOT NULL, body TEXT NOT NULL,
                       PRIMARY KEY(job, lifecycle, offset)) WITHOUT ROWID;
  CREATE TABLE event_id(job INTEGER NOT NULL, id TEXT NOT NULL, fingerprint INTEGER NOT NULL, offset INTEGER NOT NULL,
                        seq INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(job, id)) WITHOUT ROWID;
)sql",
                                               R"sql(
  CREATE TABLE keyed(offset INTEGER PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, key TEXT NOT NULL,
                     at INTEGER NOT NULL, expires_at INTEGER NOT NULL, bytes BLOB NOT NULL, UNIQUE(kind, owner, key));
  CREATE INDEX keyed_expires_at ON keyed(expires_at) WHERE expires_at > 0;
)sql"};

Error refused(const std::string& path, const std::string& why) {
  return {ErrorCode::unavailable, path + " " + why, "", 0};
}

int number_of(SQLite::Database& database, const char* query) { return database.execAndGet(query).getInt(); }

// Whether this is our file, of a schema that we know, and whole.
Status accept(SQLite::Database& database, const std::string& path, std::int64_t check_up_to_bytes) {
  const int version = number_of(database, "PRAGMA user_version");
  const int newest = static_cast<int>(kSchemaSteps.size());
  if (number_of(database, "PRAGMA application_id") != kApplicationId) {
    const bool is_new = version == 0 && number_of(database, "SELECT count(*) FROM sqlite_master") == 0;
    if (!is_new) return refused(path, "is an SQLite file of another program; it was left as it is. Name another file.");
    return Done{};
  }
  if (version > newest) {
    return refused(path, "was written by a newer Jobwire (schema " + std::to_string(version) +
                             ", this one knows up to " + std::to_string(newest) +
                             "); it was left as it is. Start that version, or name another file.");
  }
  std::error_code ignored;
  if (static_cast<std::int64_t>(std::filesystem::file_size(path, ignored)) > check_up_to_bytes) return Done{};
  const std::string verdict = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (verdict == "ok") return Done{};
  return refused(path, "is damaged (" + verdict + "); it was left as it is. Restore a backup, or name another file.");
}

Status configure(SQLite::Database& database, const std::string& path) {
  if (database.execAndGet("PRAGMA journal_mode=WAL").getString() != "wal") {
    return refused(path, "is on a file system that cannot hold a write-ahead log (shared memory is missing).");
  }
  database.exec("PRAGMA synchronous=FULL");             // an acknowledged event survives a power cut
  database.exec("PRAGMA wal_autocheckpoint=4000");      // pages: 16 MB
  database.exec("PRAGMA journal_size_limit=67108864");  // bytes: gives a burst's space back
  database.exec("PRAGMA cache_size=-16000");            // KiB
  database.exec("PRAGMA temp_store=MEMORY");
  return Done{};
}

ino_t node_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

// Where SQLite's own locks are not, nor any page.
struct flock byte_of_ours() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = off_t{1} << 62;
  lock.l_len = 1;
  return lock;
}

}  // namespace

const std::span<const char* const> kSchemaSteps = kSteps;

Result<FileLock> FileLock::take(const std::string& path) {
  const std::string name = path + ".lock";
  const Error in_use = refused(path, "is in use by another Jobwire server; one file serves one server.");
  FileLock lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644), -1);
  if (lock.sign_ < 0) return Error{ErrorCode::unavailable, "cannot open " + name + ": " + std::strerror(errno), "", 0};
  if (::flock(lock.sign_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use;
    return Error{ErrorCode::unavailable, "cannot lock " + name + ": " + std::strerror(errno), "", 0};
  }
  // What cannot be opened SQLite tells of, and a file system without such locks has the sign.
  lock.file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock ours = byte_of_ours();
  if (lock.file_ >= 0 && ::fcntl(lock.file_, F_OFD_SETLK, &ours) != 0 && (errno == EAGAIN || errno == EACCES)) {
    return in_use;
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept
    : sign_(std::exchange(other.sign_, -1)), file_(std::exchange(other.file_, -1)) {}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
  if (sign_ >= 0) ::close(sign_);
}

FilesInPlace::FilesInPlace(const std::string& path)
    : files_{{{path, node_of(path)}, {path + "-wal", node_of(path + "-wal")}}} {}

bool FilesInPlace::is_there(const File& file) { return file.node == 0 || node_of(file.path) == file.node; }

Status FilesInPlace::check() const {
  if (is_there(files_[0]) && is_there(files_[1])) return Done{};
  return Error{ErrorCode::unavailable,
               "the store's file was moved, removed or replaced while the server runs: put it back, or restart", "",
               kTryAgainAfter};
}

void checkpoint_on_close(SQLite::Database& database, bool yes) {
  sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, yes ? 0 : 1, nullptr);
}

Status migrate(SQLite::Database& database, std::span<const char* const> steps) {
  try {
    for (auto version = static_cast<std::size_t>(number_of(database, "PRAGMA user_version")); version < steps.size();
         ++version) {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      database.exec(steps[version]);
      database.exec("PRAGMA user_version=" + std::to_string(version + 1));
      database.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
      transaction.commit();
    }
    return Done{};
  } catch (const SQLite::Exception& failure) {
    return store_error(database.getFilename(), failure);
  }
}

Result<std::unique_ptr<SQLite::Database>> open_database(const std::string& path, std::int64_t check_up_to_bytes) {
  try {
    auto database = std::make_unique<SQLite::Database>(
        path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
    checkpoint_on_close(*database, false);
    if (Status accepted = accept(*database, path, check_up_to_bytes); !accepted) return accepted.error();
    if (Status configured = configure(*database, path); !configured) return configured.error();
    if (Status migrated = migrate(*database, kSchemaSteps); !migrated) return migrated.error();
    checkpoint_on_close(*database, true);
    return database;
  } catch (const SQLite::Exception& failure) {
    return store_error(path, failure);
  }
}

Error write_error(const SQLite::Exception& failure) {
  const std::string said = std::string(" (") + failure.what() + ")";
  const char* why = "the store failed";
  switch (failure.getErrorCode()) {
    case SQLITE_FULL:
      why = "the disk is full";
      break;
    case SQLITE_IOERR:
      why = "the disk is full, over its quota or failing";
      break;
    case SQLITE_CORRUPT:
      why = "the store's file is damaged";
      break;
    case SQLITE_READONLY:
      why = "the store's file is read-only";
      break;
    case SQLITE_BUSY:
      why = "another program holds the store's file";
      break;
    default:
      break;
  }
  return {ErrorCode::unavailable, why + said, "", kTryAgainAfter};
}

Error store_error(const std::string& path, const SQLite::Exception& failure) {
  const std::string said = std::string(" (") + failure.what() + ")";
  switch (failure.getErrorCode()) {
    case SQLITE_NOTADB:
      return refused(path, "is not an SQLite file" + said + "; it was left as it is. Name another file.");
    case SQLITE_CORRUPT:
      return refused(path,
                     "is damaged" + said + "; nothing was removed from it. Restore a backup, or name another file.");
    case SQLITE_CANTOPEN:
      return refused(path, "cannot be opened" + said + ": does its folder exist, and may this user write there?");
    default:
      return refused(path, "cannot be used: " + write_error(failure).message);
  }
}

}  // namespace jobwire::log
