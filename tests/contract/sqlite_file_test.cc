// The SQLite file: one server, known schema, whole; whatever is refused is left as it was.
#include "log/sqlite_file.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <iterator>

#include "contract/stores.h"

using namespace jobwire;
using namespace jobwire::test;
using Catch::Matchers::Contains;

namespace {

struct File {
  TempFolder folder;
  std::string path = folder.file("jobs.db");
  ManualClock clock;
  Loop loop;
  std::uint64_t starts = 0;

  Result<std::unique_ptr<log::SqliteLog>> open(std::int64_t check_up_to_bytes = 256 << 20) {
    return log::SqliteLog::open({.path = path, .history = {}, .check_up_to_bytes = check_up_to_bytes}, clock,
                                Random(++starts), loop.post());
  }
  // A log with `jobs` jobs of some length, closed cleanly.
  void fill(int jobs) {
    auto log = open();
    REQUIRE(log);
    REQUIRE((*log)->restore());
    for (int i = 0; i < jobs; ++i) {
      const std::string job = "job-" + std::to_string(i);
      (*log)->append({{with_message(queued(job), std::string(500, 'x')), 0}}, [](const auto&) {});
    }
  }
  std::string bytes() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void overwrite(std::int64_t at, const std::string& with) {
    std::fstream out(path, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(at);
    out << with;
  }
  std::string refusal() {
    const std::string before = bytes();
    auto log = open();
    REQUIRE_FALSE(log);
    CHECK(log.error().code == ErrorCode::unavailable);
    CHECK_THAT(log.error().message, Contains(path));
    CHECK(bytes() == before);
    return log.error().message;
  }
};

}  // namespace

TEST_CASE("two logs on one file: the second is refused, until the first is gone") {
  File file;
  auto first = file.open();
  REQUIRE(first);
  REQUIRE((*first)->restore());
  CHECK_THAT(file.refusal(), Contains("in use by another Jobwire server"));
  first->reset();
  CHECK(file.open());
}

TEST_CASE("a file that is not SQLite's is refused and left alone") {
  File file;
  std::ofstream(file.path) << std::string(GENERATE(10, 5000), 'z');
  CHECK_THAT(file.refusal(), Contains("is not an SQLite file"));
}

TEST_CASE("another program's SQLite file is refused and left alone") {
  File file;
  {
    SQLite::Database other(file.path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE recipes(name TEXT)");
  }
  CHECK_THAT(file.refusal(), Contains("of another program"));
}

TEST_CASE("a file of a newer Jobwire is refused and left alone") {
  File file;
  file.fill(3);
  {
    SQLite::Database newer(file.path, SQLite::OPEN_READWRITE);
    newer.exec("PRAGMA user_version=99");
  }
  CHECK_THAT(file.refusal(), Contains("newer Jobwire (schema 99"));
}

TEST_CASE("a damaged file is refused and left alone") {
  File file;
  file.fill(200);
  REQUIRE(file.bytes().size() > 60'000);
  SECTION("in its header") { file.overwrite(0, std::string(16, '\x01')); }
  SECTION("in the middle") { file.overwrite(40'960, std::string(4096, '\x7f')); }
  SECTION("cut off") { std::filesystem::resize_file(file.path, 45'000); }
  file.refusal();
}

TEST_CASE("a damaged file that is too large to be checked as a whole is refused when it is read") {
  File file;
  file.fill(200);
  file.overwrite(40'960, std::string(4096, '\x7f'));
  auto log = file.open(0);
  REQUIRE(log);
  const auto restored = (*log)->restore();
  REQUIRE_FALSE(restored);
  CHECK_THAT(restored.error().message, Contains(file.path) && Contains("damaged"));
}

TEST_CASE("a record that is not an event any more is refused, by its offset") {
  File file;
  file.fill(3);
  {
    SQLite::Database database(file.path, SQLite::OPEN_READWRITE);
    database.exec("UPDATE record SET body = 'nonsense' WHERE offset = 2");
  }
  auto log = file.open();
  REQUIRE(log);
  const auto restored = (*log)->restore();
  REQUIRE_FALSE(restored);
  CHECK_THAT(restored.error().message, Contains("record 2 cannot be read"));
}

TEST_CASE("a folder that is not there is told") {
  File file;
  file.path = file.folder.file("nowhere/jobs.db");
  auto log = file.open();
  REQUIRE_FALSE(log);
  CHECK_THAT(log.error().message, Contains("nowhere/jobs.db.lock") && Contains("No such file"));
}

TEST_CASE("an older schema is brought up step by step, and a step that fails changes nothing") {
  TempFolder folder;
  SQLite::Database database(folder.file("old.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  const std::vector<const char*> first = {"CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(1)"};
  const std::vector<const char*> broken = {first[0], "ALTER TABLE t ADD COLUMN b INTEGER; SELECT * FROM missing"};
  const std::vector<const char*> second = {first[0], "ALTER TABLE t ADD COLUMN b INTEGER DEFAULT 2"};
  REQUIRE(log::migrate(database, first));
  CHECK(database.execAndGet("PRAGMA user_version").getInt() == 1);

  CHECK_FALSE(log::migrate(database, broken));
  CHECK(database.execAndGet("PRAGMA user_version").getInt() == 1);
  CHECK(database.execAndGet("SELECT count(*) FROM pragma_table_info('t')").getInt() == 1);

  REQUIRE(log::migrate(database, second));
  CHECK(database.execAndGet("PRAGMA user_version").getInt() == 2);
  CHECK(database.execAndGet("SELECT a + b FROM t").getInt() == 3);
  CHECK(log::migrate(database, second));
}

TEST_CASE("a fresh file carries the newest schema, and opens again as it is") {
  File file;
  file.fill(1);
  {
    SQLite::Database database(file.path, SQLite::OPEN_READONLY);
    CHECK(database.execAndGet("PRAGMA user_version").getInt() == static_cast<int>(log::kSchemaSteps.size()));
  }
  file.fill(0);
}
