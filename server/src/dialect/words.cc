#include "dialect/words.h"

#include <algorithm>
#include <chrono>

namespace jobwire::dialect {
namespace {

void append_padded(std::string& out, std::int64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  out.append(digits - std::min(digits, text.size()), '0').append(text);
}

}  // namespace

std::string iso_time(UnixMs at) {
  using std::chrono::days;
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(std::max<UnixMs>(at, 0))};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text;
  append_padded(text, static_cast<int>(date.year()), 4);
  append_padded(text += '-', static_cast<unsigned>(date.month()), 2);
  append_padded(text += '-', static_cast<unsigned>(date.day()), 2);
  append_padded(text += 'T', clock.hours().count(), 2);
  append_padded(text += ':', clock.minutes().count(), 2);
  append_padded(text += ':', clock.seconds().count(), 2);
  append_padded(text += '.', clock.subseconds().count(), 3);
  return text += 'Z';
}

std::string_view own_sentence(const Telling& telling) {
  if (telling.event == nullptr) return {};
  if (telling.event->message && !telling.event->message->empty()) return *telling.event->message;
  if (telling.event->stage && !telling.event->stage->empty()) return *telling.event->stage;
  const auto* updated = std::get_if<event::Updated>(&telling.event->body);
  return updated == nullptr ? std::string_view() : std::string_view(updated->status_text);
}

std::string_view sentence_of(const Telling& telling) {
  const std::string_view own = own_sentence(telling);
  if (!own.empty()) return own;
  return telling.job.message.empty() ? telling.job.stage : telling.job.message;
}

std::string cancelled_text(const JobState& job) {
  return job.cancel_reason.empty() ? "Cancelled" : "Cancelled: " + job.cancel_reason;
}

std::string error_text(Moment moment, const JobState& job) {
  if (moment == Moment::cancelled) return cancelled_text(job);
  return job.error && !job.error->message.empty() ? job.error->message : "Failed";
}

std::string_view handle_of(const JobState& job) {
  const std::string_view ref = job.identity.ref;
  const std::size_t colon = ref.find(':');
  if (colon == std::string_view::npos || colon + 1 == ref.size()) return job.id.value;
  return ref.substr(colon + 1);
}

std::string_view handle_kind(const JobState& job, std::string_view otherwise) {
  const std::string_view ref = job.identity.ref;
  const std::size_t colon = ref.find(':');
  return colon == std::string_view::npos || colon == 0 || colon + 1 == ref.size() ? otherwise : ref.substr(0, colon);
}

void write_hundredths(JsonWriter& json, std::string_view name, std::int64_t hundredths) {
  std::string text = std::to_string(hundredths / 100);
  if (const std::int64_t rest = hundredths % 100; rest != 0) {
    append_padded(text += '.', rest, 2);
    if (text.back() == '0') text.pop_back();
  }
  json.key(name).raw(text);
}

void write_metadata(JsonWriter& json, const Metadata& metadata, std::initializer_list<std::string_view> taken) {
  for (const auto& [name, value] : metadata) {
    if (std::find(taken.begin(), taken.end(), name) == taken.end()) json.key(name).raw(value.text);
  }
}

void write_seconds(JsonWriter& json, std::string_view name, std::optional<DurationMs> duration) {
  if (duration) json.field(name, (*duration + 999) / 1000);
}

}  // namespace jobwire::dialect
