// How long jobs of one type in one queue take, in all and stage by stage, learnt from those that completed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobwire/job_state.h"
#include "jobwire/time.h"
#include "node/moving_average.h"
#include "node/pair_order.h"

namespace jobwire::node {

class Profile {
 public:
  void learn(const JobState& completed);  // one that was started
  int samples() const { return whole_.samples(); }
  DurationMs whole() const { return whole_.value(); }
  // Time left of an active job; nullopt: it takes longer than what was learnt can tell.
  std::optional<DurationMs> remaining(const JobState& active, UnixMs now) const;

 private:
  struct Stage {
    std::string name;  // "": before the first named stage
    MovingAverage duration;
  };
  std::size_t place_of(const std::string& stage, std::size_t after);

  MovingAverage whole_;
  std::vector<Stage> stages_;  // in the order in which jobs go through them
};

// At most `most` of them: the one that has not learnt for longest makes room.
class Profiles {
 public:
  explicit Profiles(std::size_t most = 1'000) : most_(most) {}
  void learn(const JobState& completed);
  const Profile* find(const JobState& job) const;
  std::size_t size() const { return profiles_.size(); }

 private:
  struct Entry {
    Profile profile;
    std::uint64_t learnt = 0;
  };
  using Key = std::pair<std::string, std::string>;  // type, queue

  std::size_t most_;
  std::uint64_t lessons_ = 0;
  std::map<Key, Entry, PairOrder> profiles_;
};

}  // namespace jobwire::node
