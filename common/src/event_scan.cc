#include "event_scan.h"

#include <cstring>

#include "jobwire/ids.h"
#include "json_text.h"

namespace jobwire::json {
namespace {

constexpr int kMostDigits = 15;  // below 2^53

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

template <std::size_t N>
bool EventScan::skip(const char (&literal)[N]) {
  constexpr std::size_t kSize = N - 1;
  if (static_cast<std::size_t>(end_ - at_) < kSize || std::memcmp(at_, literal, kSize) != 0) return false;
  at_ += kSize;
  return true;
}

// What follows an opening quote, and the closing one.
bool EventScan::text(std::string_view& into) {
  std::uint64_t seen = 0;
  const char* const end = end_of_plain(at_, end_, seen);
  if (end == end_ || *end != '"') return false;
  into = {at_, static_cast<std::size_t>(end - at_)};
  at_ = end + 1;
  return seen == 0 || is_valid_utf8(into);
}

bool EventScan::number(std::int64_t& into) {
  const char* const begin = at_;
  into = 0;
  while (at_ != end_ && is_digit(*at_) && at_ - begin < kMostDigits) into = into * 10 + (*at_++ - '0');
  return at_ != begin && (*begin != '0' || at_ - begin == 1);
}

bool EventScan::percent(std::optional<Percent>& into) {
  std::int64_t whole = 0;
  if (!number(whole) || whole > 100) return false;
  std::int32_t hundredths = static_cast<std::int32_t>(whole) * 100;
  if (skip(".")) {
    const char* const fraction = at_;
    for (std::int32_t unit = 10; unit > 0 && at_ != end_ && is_digit(*at_); unit /= 10)
      hundredths += (*at_++ - '0') * unit;
    if (at_ == fraction) return false;
  }
  into = Percent{hundredths};
  return hundredths <= kWhole.hundredths;
}

bool EventScan::begin(std::string_view& cursor) {
  return skip(R"({"event":"changes","data":{"cursor":")") && text(cursor) && !cursor.empty() && skip(R"(,"events":[)");
}

bool EventScan::next(EventView& event) {
  if (!std::exchange(first_, false) && !skip(",")) {
    complete_ = skip("]}}") && at_ == end_;
    return false;
  }
  std::string_view type;
  event = {};
  if (!skip(R"({"type":")") || !text(type) || !skip(R"(,"jobId":")") || !text(event.job_id) || !skip(R"(,"seq":)") ||
      !number(event.seq) || !skip(R"(,"offset":)") || !number(event.offset) || !skip(R"(,"at":)") ||
      !number(event.at)) {
    return false;
  }
  if (skip(R"(,"stage":")") && !text(event.stage)) return false;
  if (skip(R"(,"message":")") && !text(event.message)) return false;
  if (skip(R"(,"progress":)") && !percent(event.progress)) return false;
  event.type = event_type(type);
  if (event.type == EventType::failed || event.type == EventType::unknown) return false;
  return skip("}") && (event.type != EventType::progress || event.progress);
}

}  // namespace jobwire::json
