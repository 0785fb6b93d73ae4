// Reads the message that a client gets most in one pass: `changes` with events and nothing else, each event as
// encode_event() writes it, of no more than the fields of progress. It reads nothing that is not valid; whatever else
// comes is not of this form, and for the codec.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "jobwire/job_event.h"

namespace jobwire::json {

class EventScan {
 public:
  explicit EventScan(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool begin(std::string_view& cursor);
  // The next event, borrowed from the text; false: there is none, or it is of another form.
  bool next(EventView& event);
  // All was read, and it was the whole text.
  bool complete() const { return complete_; }

 private:
  template <std::size_t N>
  bool skip(const char (&literal)[N]);
  bool text(std::string_view& into);
  bool number(std::int64_t& into);
  bool percent(std::optional<Percent>& into);

  const char* at_;
  const char* end_;
  bool first_ = true;
  bool complete_ = false;
};

}  // namespace jobwire::json
