// What lies between a client and the server. A wire keeps order and loses nothing while it holds, as TCP does;
// different wires and requests overtake one another. A wire may be cut so that either side, both or neither is told.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "hub/sink.h"
#include "jobwire/random.h"
#include "timeline.h"

namespace jobwire::sim {

enum class Passage : std::uint8_t {
  open,
  refused,    // fails at once
  swallowed,  // seems to be there, and nothing passes
};

// One client's way to the server.
struct Weather {
  DurationMs delay = 20;
  DurationMs jitter = 30;
  bool down = false;  // nothing passes; what holds goes on when it is over
  Passage sockets = Passage::open;
  Passage polls = Passage::open;
  std::size_t bytes_per_ms = 1 << 20;  // that the client reads; 0: it reads nothing
  bool strange_events = false;         // a newer server: `log` arrives under a name that this client does not know
};

inline DurationMs travel_time(const Weather& weather, Random& random) {
  return weather.delay + static_cast<DurationMs>(random.below(static_cast<std::uint64_t>(weather.jitter) + 1));
}

// One direction of a wire: what is put in comes out in order, later. What is under way belongs to the timeline, which
// plans its arrival: a run that ends in mid-flight lets go of it.
class Pipe : public std::enable_shared_from_this<Pipe> {
 public:
  Pipe(Timeline& timeline, Random& random, const Weather& weather)
      : timeline_(timeline), random_(random), weather_(weather) {}

  void put(std::function<void()> arrival) {
    if (const auto under_way = under_way_.lock()) return under_way->push_back(std::move(arrival));
    auto first = std::make_shared<Arrivals>(1, std::move(arrival));
    under_way_ = first;
    plan(travel_time(weather_, random_), std::move(first));
  }
  void cut() {
    is_cut_ = true;
    if (const auto under_way = under_way_.lock()) under_way->clear();
  }

 private:
  using Arrivals = std::deque<std::function<void()>>;
  static constexpr DurationMs kRetransmit = 400;

  void plan(DurationMs delay, std::shared_ptr<Arrivals> arrivals) {
    timeline_.after(delay, [self = shared_from_this(), arrivals = std::move(arrivals)] { self->deliver(arrivals); });
  }
  void deliver(const std::shared_ptr<Arrivals>& arrivals) {
    if (is_cut_ || arrivals->empty()) return;
    if (weather_.down) return plan(kRetransmit, arrivals);
    // What was sent close together arrives close together.
    std::size_t many = 1 + random_.below(4);
    while (many-- > 0 && !arrivals->empty() && !is_cut_) {
      const std::function<void()> arrival = std::move(arrivals->front());
      arrivals->pop_front();
      arrival();
    }
    if (is_cut_ || arrivals->empty()) return under_way_.reset();
    plan(random_.below(3) == 0 ? travel_time(weather_, random_) : 1, arrivals);
  }

  Timeline& timeline_;
  Random& random_;
  const Weather& weather_;
  std::weak_ptr<Arrivals> under_way_;
  bool is_cut_ = false;
};

}  // namespace jobwire::sim
