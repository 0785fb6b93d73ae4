// Reads objects by tables: what an object's members are called, by which rule each is read, and where it goes. One loop
// reads everything that a server tells, where code for each member would be code that every page downloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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
  cursor,         // Cursor
  channels,       // std::vector<Channel>
  metadata,       // Metadata
  stages,         // std::vector<StageMark>
  job_error,      // std::optional<JobError>
  error_text,     // two std::string_views: message and code
  identity,       // a `job` object's members, into the EventView that this record begins with
  value,          // std::uint32_t: its place on the tape
  list,           // the same, of an array
};

struct Member {
  char name[18];  // in place: a pointer and a length would be more to download than the padding
  Rule rule;
  std::uint16_t offset;
};

class Records {
 public:
  explicit Records(const Tape& tape) : tape_(tape) {}

  const Tape& tape() const { return tape_; }
  // False: `object` is none, or breaks a rule.
  bool read(Value object, std::span<const Member> members, void* into);
  // The name of what broke its rule first.
  std::string_view broken() const { return broken_; }
  bool refuse(std::string_view name);

 private:
  bool read_member(Value value, Rule rule, void* into);

  const Tape& tape_;
  std::string_view broken_;
};

}  // namespace jobwire::json
