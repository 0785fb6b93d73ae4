// What goes out to JavaScript: one run of numbers and one run of UTF-8. A text is its length in UTF-16 units among the
// numbers and its bytes in the text run: the reader decodes the whole run at once and cuts it (ts/core/packed.ts).
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "jobwire/plain_list.h"

namespace jobwire::wasm {

class Packed {
 public:
  void clear() {
    numbers_.clear();
    text_.clear();
  }
  void number(double value) { numbers_.add() = value; }
  void text(std::string_view value) {
    number(utf16_length(value));
    text_.append(value);
  }

  std::span<const double> numbers() const { return numbers_.all(); }
  const std::string& text() const { return text_; }

 private:
  // A unit for each character's first byte, and a second one for those of four bytes; of ASCII eight at once.
  static double utf16_length(std::string_view text) {
    std::size_t at = 0;
    for (std::uint64_t eight; at + sizeof eight <= text.size(); at += sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if (eight & 0x8080808080808080) break;
    }
    auto length = static_cast<std::int32_t>(at);
    for (; at < text.size(); ++at) {
      const auto c = static_cast<unsigned char>(text[at]);
      length += ((c & 0xc0) != 0x80) + (c >= 0xf0);
    }
    return length;
  }

  PlainList<double> numbers_;
  std::string text_;
};

}  // namespace jobwire::wasm
