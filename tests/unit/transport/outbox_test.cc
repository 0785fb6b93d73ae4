#include "transport/outbox.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

using jobwire::transport::Outbox;

TEST_CASE("an outbox gives back what went in, however it is taken") {
  std::mt19937 random(11);
  for (int run = 0; run < 200; ++run) {
    Outbox outbox;
    std::string in, out;
    for (int step = 0; step < 200; ++step) {
      if (random() % 2 == 0) {
        const std::string part(random() % 20, static_cast<char>('a' + step % 26));
        in += part;
        outbox.push(part);
      }
      std::array<iovec, 8> entries;
      const auto count = outbox.gather(entries);
      std::string seen;
      for (std::size_t i = 0; i < count; ++i)
        seen.append(static_cast<const char*>(entries[i].iov_base), entries[i].iov_len);
      const auto taken = seen.empty() ? 0 : random() % (seen.size() + 1);
      out += seen.substr(0, taken);
      outbox.consume(taken);
      REQUIRE(outbox.bytes() == in.size() - out.size());
    }
    CHECK(in.compare(0, out.size(), out) == 0);
  }
}

TEST_CASE("segments are shared, not copied, and let go of when written") {
  const auto shared = std::make_shared<const std::string>("frame");
  Outbox outbox;
  outbox.push(shared);
  outbox.push(shared);
  std::array<iovec, 2> entries;
  REQUIRE(outbox.gather(entries) == 2);
  CHECK(entries[0].iov_base == shared->data());
  outbox.consume(7);
  CHECK(shared.use_count() == 2);
  outbox.consume(3);
  CHECK(outbox.empty());
  CHECK(shared.use_count() == 1);
}

TEST_CASE("empty segments take no place") {
  Outbox outbox;
  outbox.push(std::string());
  outbox.push(Outbox::Segment());
  CHECK(outbox.empty());
  std::array<iovec, 1> entries;
  CHECK(outbox.gather(entries) == 0);
}
