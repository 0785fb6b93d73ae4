#include "transport/deadlines.h"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <random>

using namespace jobwire::transport;
using namespace std::chrono_literals;

namespace {

const SteadyTime kStart{};

struct Alarm : Deadline {
  int rings = 0;
  std::function<void()> then;
  void on_deadline() override {
    ++rings;
    if (then) then();
  }
};

}  // namespace

TEST_CASE("a deadline comes once, never early, and at most two ticks late") {
  DeadlineWheel wheel(kStart, 10ms);
  Alarm alarm;
  wheel.set(alarm, kStart + 95ms);
  wheel.advance(kStart + 94ms);
  CHECK(alarm.rings == 0);
  wheel.advance(kStart + 115ms);
  CHECK(alarm.rings == 1);
  wheel.advance(kStart + 10s);
  CHECK(alarm.rings == 1);
}

TEST_CASE("setting again replaces, clearing ends, and destroying leaves") {
  DeadlineWheel wheel(kStart, 10ms);
  Alarm later, cleared;
  auto destroyed = std::make_unique<Alarm>();
  wheel.set(later, kStart + 50ms);
  wheel.set(later, kStart + 500ms);
  wheel.set(cleared, kStart + 50ms);
  DeadlineWheel::clear(cleared);
  wheel.set(*destroyed, kStart + 50ms);
  destroyed.reset();
  wheel.advance(kStart + 400ms);
  CHECK(later.rings == 0);
  wheel.advance(kStart + 600ms);
  CHECK(later.rings == 1);
  CHECK(cleared.rings == 0);
}

TEST_CASE("a deadline that has passed comes with the next tick") {
  DeadlineWheel wheel(kStart, 10ms);
  wheel.advance(kStart + 1s);
  Alarm alarm;
  wheel.set(alarm, kStart);
  wheel.advance(kStart + 1020ms);
  CHECK(alarm.rings == 1);
}

TEST_CASE("a callback may set its deadline again, and destroy others that are due") {
  DeadlineWheel wheel(kStart, 10ms);
  Alarm first;
  auto second = std::make_unique<Alarm>();
  first.then = [&] {
    second.reset();
    if (first.rings < 3) wheel.set(first, kStart);
  };
  wheel.set(first, kStart + 10ms);
  wheel.set(*second, kStart + 10ms);
  for (int i = 1; i < 10; ++i) wheel.advance(kStart + i * 20ms);
  CHECK(first.rings == 3);
}

TEST_CASE("many deadlines, some of them rounds of the wheel away, all come in their time") {
  DeadlineWheel wheel(kStart, 10ms);
  std::mt19937 random(7);
  struct Timed : Deadline {
    SteadyTime due, *now = nullptr;
    bool rang = false, right = false;
    void on_deadline() override {
      right = !rang && *now >= due && *now <= due + 70ms;
      rang = true;
    }
  };
  SteadyTime now = kStart;
  std::vector<std::unique_ptr<Timed>> all;
  for (int i = 0; i < 2000; ++i) {
    all.push_back(std::make_unique<Timed>());
    all.back()->due = kStart + std::chrono::milliseconds(random() % 60'000);
    all.back()->now = &now;
    wheel.set(*all.back(), all.back()->due);
  }
  while (now < kStart + 61s) {
    now += std::chrono::milliseconds(1 + random() % 45);
    wheel.advance(now);
  }
  for (const auto& timed : all) CHECK(timed->right);
}

TEST_CASE("a wheel that slept longer than its round wakes them all") {
  DeadlineWheel wheel(kStart, 10ms);
  Alarm near, far;
  wheel.set(near, kStart + 1s);
  wheel.set(far, kStart + 100s);
  wheel.advance(kStart + 50s);
  CHECK(near.rings == 1);
  CHECK(far.rings == 0);
  wheel.advance(kStart + 101s);
  CHECK(far.rings == 1);
}
