#include "node/record_table.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace jobwire;

namespace {

log::Record record(std::int64_t offset, std::string key, std::string bytes, UnixMs expires_at = 0) {
  return {"message", "alice", std::move(key), std::move(bytes), expires_at, offset, 0};
}

std::vector<std::int64_t> after(const node::RecordTable& table, std::int64_t offset) {
  std::vector<std::int64_t> offsets;
  table.each_after("message", offset, [&](const log::Record& each) { offsets.push_back(each.offset); });
  return offsets;
}

}  // namespace

TEST_CASE("a key holds its newest record, until it is deleted") {
  node::RecordTable table;
  table.apply(record(1, "k", "a"));
  table.apply(record(2, "l", "b"));
  table.apply(record(3, "k", "c"));
  REQUIRE(table.find("message", "alice", "k"));
  CHECK(table.find("message", "alice", "k")->bytes == "c");
  CHECK(after(table, 0) == std::vector<std::int64_t>{2, 3});
  CHECK(after(table, 2) == std::vector<std::int64_t>{3});
  table.apply(record(4, "k", ""));
  CHECK(table.find("message", "alice", "k") == nullptr);
  CHECK(table.find("message", "bob", "l") == nullptr);
  CHECK(table.find("session", "alice", "l") == nullptr);
  CHECK(table.size() == 1);
}

TEST_CASE("what has expired is forgotten, and what was written anew by then is not") {
  node::RecordTable table;
  table.apply(record(1, "k", "a", 1000));
  table.apply(record(2, "l", "b", 1000));
  table.apply(record(3, "k", "c", 2000));
  CHECK_FALSE(table.expire(999));
  CHECK(table.expire(1000));
  CHECK(after(table, 0) == std::vector<std::int64_t>{3});
  CHECK(table.expire(2000));
  CHECK(table.size() == 0);
}

TEST_CASE("what was written anew, or deleted, is not waited for") {
  node::RecordTable table;
  for (std::int64_t offset = 1; offset <= 100; ++offset) table.apply(record(offset, "k", "a", 1000 + offset));
  CHECK(table.awaited() == 1);
  table.apply(record(101, "k", ""));
  CHECK(table.awaited() == 0);
  table.apply(record(102, "k", "for ever"));
  CHECK(table.awaited() == 0);
  CHECK_FALSE(table.expire(5000));
}
