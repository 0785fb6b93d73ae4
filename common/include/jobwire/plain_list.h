// A list of plain values that grows at its end: of std::vector every page would download a third of a kB for each type.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace jobwire {

template <class T>
class PlainList {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_default_constructible_v<T>);

 public:
  void clear() { size_ = 0; }
  // The new last one, not initialised.
  T& add() {
    if (size_ == capacity_) grow();
    return values_[size_++];
  }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return values_[index]; }
  const T& operator[](std::size_t index) const { return values_[index]; }
  std::span<const T> all() const { return {values_.get(), size_}; }

 private:
  void grow() {
    capacity_ = capacity_ * 2 + 64;
    std::unique_ptr<T[]> more(new T[capacity_]);
    if (size_ != 0) std::memcpy(more.get(), values_.get(), size_ * sizeof(T));
    values_ = std::move(more);
  }

  std::unique_ptr<T[]> values_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace jobwire
