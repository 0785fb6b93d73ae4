// What goes out to JavaScript: one run of numbers and one run of UTF-8. A text is its length among the numbers and its
// bytes in the text run; the reader walks both in the same order (ts/core/packed.ts).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jobwire::wasm {

class Packed {
 public:
  void clear() {
    numbers_.clear();
    text_.clear();
  }
  void number(double value) { numbers_.push_back(value); }
  void text(std::string_view value) {
    number(static_cast<double>(value.size()));
    text_.append(value);
  }
  bool empty() const { return numbers_.empty(); }

  const std::vector<double>& numbers() const { return numbers_; }
  const std::string& text() const { return text_; }

 private:
  std::vector<double> numbers_;
  std::string text_;
};

}  // namespace jobwire::wasm
