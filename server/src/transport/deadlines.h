// Deadlines of many connections behind one timer: a hashed wheel (Varghese and Lauck, 1987). Setting one is O(1) and
// allocates nothing; it fires up to one tick late.
#pragma once

#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

namespace jobwire::transport {

using SteadyTime = std::chrono::steady_clock::time_point;

struct DeadlineTag;
using DeadlineHook = boost::intrusive::list_base_hook<boost::intrusive::tag<DeadlineTag>,
                                                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Leaves its wheel when destroyed.
class Deadline : public DeadlineHook {
 public:
  virtual ~Deadline() = default;
  virtual void on_deadline() = 0;  // no longer set; may set itself again, or be destroyed

 private:
  friend class DeadlineWheel;
  std::uint64_t due_ = 0;  // in ticks
};

class DeadlineWheel {
 public:
  DeadlineWheel(SteadyTime start, std::chrono::milliseconds tick);

  void set(Deadline& deadline, SteadyTime at);  // instead of what was set before
  static void clear(Deadline& deadline);
  void advance(SteadyTime now);

  std::chrono::milliseconds tick() const { return tick_; }

 private:
  using List = boost::intrusive::list<Deadline, boost::intrusive::base_hook<DeadlineHook>,
                                      boost::intrusive::constant_time_size<false>>;
  std::uint64_t ticks(SteadyTime at) const;

  SteadyTime start_;
  std::chrono::milliseconds tick_;
  std::uint64_t now_ = 0;  // ticks done
  std::vector<List> slots_;
};

}  // namespace jobwire::transport
