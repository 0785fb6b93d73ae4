// Reads objects by tables: what an object's members are called, by which rule each is read, and where it goes. One loop
// reads everything that a server tells, where code for each member would be code that every page downloads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json_tape.h"

namespace jobwire::json {

// How a member is read, and what lies at its offset. Null reads as absent; borrowed texts live as long as the tape.
enum class Rule : std::uint8_t {
  text,           // std::string
  id,             // std::string by the rules of ids
  raw,            // std::string: the JSON as it came
  borrowed_text,  // std::string_view
  borrowed_id,    // std::string_view by the rules of ids
  borrowed_raw,   // std::string_view: the JSON as it came
  count,          // std::int64_t, 0 to 2^53-1
  maybe_count,    // std::optional<std::int64_t>
  attempt,        // std::uint32_t, 1 to 1'000'000
  priority,       // std::int32_t, -1000 to 1000
  boolean,        // bool
  percent,        // Percent
  maybe_percent,  // std::optional<Percent>
  status,         // JobStatus by its name
  error_code,     // ErrorCode by its name
  metadata,       // Metadata
  stages,         // std::list<StageMark>
  job_error,      // std::optional<JobError>
  error_text,     // two std::string_views: message and code
  identity,       // a `job` object's members, into the EventView that this record begins with
  value,          // std::uint32_t: its place on the tape
  list,           // the same, of an array
};

struct Member {
  std::string_view name;
  Rule rule;
  std::size_t offset;
};

// The members as they lie in memory, one after the other: the length of the name, the name, the rule and the offset in
// two bytes; a zero ends them. Pointers and padding would be twice as much to download.
inline constexpr std::size_t kBesideName = 4;
template <const auto& kMembers>
inline constexpr auto kTable = [] {
  constexpr auto kSize = [] {
    std::size_t size = 1;
    for (const Member& member : kMembers) size += member.name.size() + kBesideName;
    return size;
  }();
  std::array<unsigned char, kSize> table{};
  auto at = table.begin();
  for (const Member& member : kMembers) {
    *at++ = static_cast<unsigned char>(member.name.size());
    at = std::copy(member.name.begin(), member.name.end(), at);
    *at++ = static_cast<unsigned char>(member.rule);
    *at++ = static_cast<unsigned char>(member.offset & 0xff);
    *at++ = static_cast<unsigned char>(member.offset >> 8);
  }
  return table;
}();

class Records {
 public:
  explicit Records(const Tape& tape) : tape_(tape) {}

  const Tape& tape() const { return tape_; }
  // False: `object` is none, or breaks a rule.
  bool read(Value object, const unsigned char* table, void* into);
  template <const auto& kMembers>
  bool read(Value object, void* into) {
    return read(object, kTable<kMembers>.data(), into);
  }
  // The name of what broke its rule first.
  std::string_view broken() const { return broken_; }
  bool refuse(std::string_view name);

 private:
  bool read_member(Value value, Rule rule, void* into);

  const Tape& tape_;
  std::string_view broken_;
};

}  // namespace jobwire::json
