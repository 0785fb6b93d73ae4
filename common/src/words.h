// Words in the order of an enum. They lie in place: pointers and lengths would be more to download than the padding.
#pragma once

#include <cstddef>
#include <string_view>

namespace jobwire {

// Whether this is the word that lies in `size` bytes, the last of them 0.
inline bool is_word(std::string_view text, const char* word, std::size_t size) {
  return text.size() < size && text == std::string_view(word, text.size()) && word[text.size()] == '\0';
}

// The place of a word among `count` of `size` bytes each, or `count`.
inline std::size_t place_of(std::string_view word, const char* words, std::size_t size, std::size_t count) {
  std::size_t place = 0;
  while (place < count && !is_word(word, words + place * size, size)) ++place;
  return place;
}

template <std::size_t Count, std::size_t Size>
std::size_t place_of(std::string_view word, const char (&words)[Count][Size]) {
  return place_of(word, words[0], Size, Count);
}

}  // namespace jobwire
