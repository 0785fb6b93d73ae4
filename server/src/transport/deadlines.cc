#include "transport/deadlines.h"

#include <algorithm>

namespace jobwire::transport {
namespace {
constexpr std::size_t kSlots = 1024;
}

DeadlineWheel::DeadlineWheel(SteadyTime start, std::chrono::milliseconds tick)
    : start_(start), tick_(tick), slots_(kSlots) {}

std::uint64_t DeadlineWheel::ticks(SteadyTime at) const {
  return at <= start_ ? 0 : static_cast<std::uint64_t>((at - start_) / tick_);
}

void DeadlineWheel::set(Deadline& deadline, SteadyTime at) {
  const auto due = std::max(ticks(at), now_) + 1;  // rounded up: never early
  if (deadline.DeadlineHook::is_linked() && deadline.due_ == due) return;
  clear(deadline);
  deadline.due_ = due;
  slots_[due % kSlots].push_back(deadline);
}

void DeadlineWheel::clear(Deadline& deadline) {
  if (deadline.DeadlineHook::is_linked()) deadline.DeadlineHook::unlink();
}

void DeadlineWheel::advance(SteadyTime now) {
  const auto target = ticks(now);
  if (target <= now_) return;
  const auto first = std::max(now_ + 1, target < kSlots ? 1 : target - kSlots + 1);  // each slot at most once
  now_ = target;
  List due;
  for (auto tick = first; tick <= target; ++tick) {
    auto& slot = slots_[tick % kSlots];
    for (auto it = slot.begin(); it != slot.end();) {
      auto& deadline = *it++;
      if (deadline.due_ > target) continue;  // a later round's
      deadline.DeadlineHook::unlink();
      due.push_back(deadline);
    }
  }
  while (!due.empty()) {
    auto& deadline = due.front();
    due.pop_front();
    deadline.on_deadline();
  }
}

}  // namespace jobwire::transport
