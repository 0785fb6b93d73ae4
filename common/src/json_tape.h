// JSON text as a flat list of tokens with spans of the source: the codec reads values from it in any order, and opaque
// values leave as the bytes that came. json_tape.cc is the only file that includes RapidJSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobwire/plain_list.h"
#include "jobwire/result.h"

namespace jobwire::json {

enum class Kind : std::uint8_t { null, boolean, number, string, object, array };

struct Token {
  Kind kind;
  std::uint32_t begin, end;  // span in the source; of a whole object or array too
  std::uint32_t text_size;   // of a string: bytes of its decoded text
  std::uint32_t size;        // in tokens; of what is still open: index of its parent
};

class Value;

// Why a text is not JSON, or not such as may come.
enum class Fault : std::uint8_t { none, too_large, not_utf8, too_deep, syntax };

class Tape {
 public:
  // Validates the whole text: RFC 8259, UTF-8, `depth`, `bytes`. Valid until the next call, which makes use of the same
  // memory, and while the text lives.
  Fault read(std::string_view text, std::size_t bytes, std::size_t depth);
  // The same with words for what is wrong, and without numbers beyond a double's range: to who reads them as doubles
  // they are infinite.
  static Result<Tape> parse(std::string_view text, std::size_t bytes, std::size_t depth);
  Value root() const;
  Value at(std::uint32_t index) const;

 private:
  friend class Value;
  friend class TapeBuilder;
  std::string_view source_;
  std::string decoded_;  // the source with strings decoded in place, of the same length
  PlainList<Token> tokens_;
  std::size_t fault_at_ = 0;
};

// A place on the tape. Valid while its Tape and the source live.
class Value {
 public:
  Value(const Tape& tape, const Token* token) : tape_(&tape), token_(token) {}

  Kind kind() const { return token_->kind; }
  bool is(Kind kind) const { return token_->kind == kind; }
  bool truth() const { return tape_->source_[token_->begin] == 't'; }
  std::string_view text() const { return {tape_->decoded_.data() + token_->begin + 1, token_->text_size}; }
  std::string_view raw() const { return {tape_->source_.data() + token_->begin, token_->end - token_->begin}; }

  // Elements of an array, or keys of an object (whose value is then `.value()`), in order:
  //   for (auto [at, end] = value.children(); at != end; at = at.next())
  struct Range;
  Range children() const;
  Value value() const { return {*tape_, token_ + 1}; }  // of a key
  std::uint32_t index() const;                          // for Tape::at
  Value next() const { return {*tape_, token_ + token_->size}; }
  bool operator!=(const Value& other) const { return token_ != other.token_; }

 private:
  const Tape* tape_;
  const Token* token_;
};

struct Value::Range {
  Value at, end;
};

inline Value::Range Value::children() const { return {value(), next()}; }
inline std::uint32_t Value::index() const { return static_cast<std::uint32_t>(token_ - tape_->root().token_); }
inline Value Tape::root() const { return at(0); }
inline Value Tape::at(std::uint32_t index) const { return {*this, &tokens_[index]}; }

}  // namespace jobwire::json
