// What each key of each kind of record holds now, folded from the tail: by key, or in offset order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "jobwire/time.h"
#include "log/record.h"
#include "node/pair_order.h"

namespace jobwire::node {

class RecordTable {
 public:
  void apply(const log::Record& record);
  // Null: it was never written, was deleted, or has been forgotten by expire().
  const log::Record* find(std::string_view kind, std::string_view owner, std::string_view key) const;
  // Each record of the kind that is newer than `after`, oldest first.
  template <class Visit>
  void each_after(std::string_view kind, std::int64_t after, Visit visit) const {
    const auto found = kinds_.find(kind);
    if (found == kinds_.end()) return;
    const auto& by_offset = found->second.by_offset;
    for (auto at = by_offset.upper_bound(after); at != by_offset.end(); ++at) visit(at->second);
  }
  // Forgets what has expired by `now`; answers whether anything had.
  bool expire(UnixMs now);
  std::size_t size() const;
  std::size_t awaited() const { return expiries_.size(); }  // records that will expire

 private:
  using Key = std::pair<std::string, std::string>;  // owner, key
  struct Kind {
    std::map<Key, std::int64_t, PairOrder> offsets;
    std::map<std::int64_t, log::Record> by_offset;
  };

  std::map<std::string, Kind, std::less<>> kinds_;
  std::map<std::pair<UnixMs, std::int64_t>, std::string> expiries_;  // when, and at which offset: of which kind
};

}  // namespace jobwire::node
