// What goes out to JavaScript: one run of numbers and one run of UTF-8. A text is its length in UTF-16 units among the
// numbers and its bytes in the text run: the reader decodes the whole run at once and cuts it (ts/core/packed.ts).
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace jobwire::wasm {

class Packed {
 public:
  void clear() {
    count_ = 0;
    text_.clear();
  }
  void number(double value) {
    if (count_ == capacity_) grow();
    numbers_[count_++] = value;
  }
  void text(std::string_view value) {
    number(utf16_length(value));
    text_.append(value);
  }

  std::span<const double> numbers() const { return {numbers_.get(), count_}; }
  const std::string& text() const { return text_; }

 private:
  // A fraction of the code of a vector.
  void grow() {
    capacity_ = capacity_ * 2 + 64;
    std::unique_ptr<double[]> more(new double[capacity_]);
    std::copy_n(numbers_.get(), count_, more.get());
    numbers_ = std::move(more);
  }
  // A unit for each character's first byte, and a second one for those of four bytes.
  static double utf16_length(std::string_view text) {
    std::int32_t length = 0;
    for (const char c : text) length += (static_cast<signed char>(c) > -65) + (static_cast<unsigned char>(c) >= 0xf0);
    return length;
  }

  std::unique_ptr<double[]> numbers_;
  std::size_t count_ = 0;
  std::size_t capacity_ = 0;
  std::string text_;
};

}  // namespace jobwire::wasm
