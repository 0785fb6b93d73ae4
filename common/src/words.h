// Words in the order of an enum: one text of all, each ended by a NUL byte ("queued\0active\0"). Pointers, lengths and
// padding would be more to download than the search.
#pragma once

#include <cstddef>
#include <string_view>

namespace jobwire {

// The word that begins at `at`, which goes on to the one after it.
constexpr std::string_view next_word(const char*& at) {
  const char* const begin = at;
  while (*at != '\0') ++at;
  return {begin, static_cast<std::size_t>(at++ - begin)};
}

constexpr std::string_view word_at(const char* words, std::size_t place) {
  while (place-- > 0) next_word(words);
  return next_word(words);
}

// The place of a word, or the number of all.
constexpr std::size_t place_of(std::string_view word, const char* words) {
  std::size_t place = 0;
  while (*words != '\0' && next_word(words) != word) ++place;
  return place;
}

consteval std::size_t count_of(const char* words) { return place_of({}, words); }

}  // namespace jobwire
