// A list of plain values that grows at its end: of std::vector every page would download a third of a kB for each type.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace jobwire {

// Moves the first `used` bytes into a place of `size`.
void grow_bytes(std::unique_ptr<std::byte[]>& bytes, std::size_t used, std::size_t size);

template <class T>
class PlainList {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_default_constructible_v<T>);

 public:
  void clear() { size_ = 0; }
  // The new last one, not initialised.
  T& add() {
    if (size_ == capacity_) grow();
    return values()[size_++];
  }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return values()[index]; }
  const T& operator[](std::size_t index) const { return values()[index]; }
  std::span<const T> all() const { return {values(), size_}; }

 private:
  T* values() const { return reinterpret_cast<T*>(bytes_.get()); }
  void grow() {
    capacity_ = capacity_ * 2 + 64;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): where the values are pointers, their size is what is meant
    grow_bytes(bytes_, size_ * sizeof(T), capacity_ * sizeof(T));
  }

  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace jobwire
