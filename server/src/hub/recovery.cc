#include "hub/recovery.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "jobwire/json_object.h"
#include "jobwire/json_writer.h"

namespace jobwire::hub {
namespace {

constexpr std::string_view kKind = "session";
constexpr char kBetween = '\n';  // in no id
constexpr char kWithin = '/';

std::string join(const std::set<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined.append(joined.empty() ? 0 : 1, kBetween).append(text);
  return joined;
}

std::set<std::string> split(const std::string& joined) {
  std::set<std::string> texts;
  for (std::size_t at = 0; at < joined.size();) {
    const std::size_t end = std::min(joined.find(kBetween, at), joined.size());
    texts.insert(joined.substr(at, end - at));
    at = end + 1;
  }
  return texts;
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string to_string(const RecoveryPoint& point) {
  std::string text = to_string(point.head);
  return point.from == point.head.offset ? text : text + kWithin + std::to_string(point.from);
}

std::optional<RecoveryPoint> parse_recovery_point(std::string_view text) {
  const std::size_t end = std::min(text.find(kWithin), text.size());
  RecoveryPoint point;
  if (!read_cursor(text.substr(0, end), point.head)) return std::nullopt;
  point.from = point.head.offset;
  if (end == text.size()) return point;
  const auto from = read_integer(text.substr(end + 1));
  if (!from || *from < 0 || *from > point.head.offset) return std::nullopt;
  point.from = *from;
  return point;
}

Recovery::Recovery(RecoveryOptions options, node::Node& node, const Clock& clock)
    : options_(options), node_(node), clock_(clock), started_at_(clock.now()) {}

void Recovery::keep(const std::string& pid, const KeptConversation& kept, std::function<void(bool)> done) {
  if (options_.enabled && !pid.empty()) return write(pid, kept, true, 2 * kRenewEvery, std::move(done));
  if (done) done(true);
}
void Recovery::left(const std::string& pid, const KeptConversation& kept) {
  if (options_.enabled && !pid.empty()) write(pid, kept, false, options_.window, {});
}

void Recovery::write(const std::string& pid, const KeptConversation& kept, bool is_there, DurationMs lasts,
                     std::function<void(bool)> done) {
  log::Record record;
  record.kind = kKind;
  record.owner = kept.user;
  record.key = pid;
  record.expires_at = clock_.now() + lasts;
  JsonWriter(record.bytes)
      .begin_object()
      .field("id", kept.id)
      .field("path", kept.path)
      .field("rooms", join(kept.rooms))
      .field("began", kept.began)
      .field("there", is_there)
      .end_object();
  node_.append_records({{std::move(record), std::nullopt}}, [done = std::move(done)](const auto& outcomes) {
    if (done) done(std::holds_alternative<log::RecordAppended>(outcomes.front()));
  });
}

void Recovery::forget(const std::string& pid, const std::string& user) {
  if (!options_.enabled || pid.empty()) return;
  log::Record record;
  record.kind = kKind;
  record.owner = user;
  record.key = pid;
  node_.append_records({{std::move(record), std::nullopt}}, [](auto) {});
}

std::optional<KeptConversation> Recovery::find(const std::string& pid, const std::string& user,
                                               const std::string& path) const {
  if (!options_.enabled || pid.empty()) return std::nullopt;
  const log::Record* record = node_.records().find(kKind, user, pid);
  const UnixMs now = clock_.now();
  if (record == nullptr || (record->expires_at != 0 && record->expires_at <= now)) return std::nullopt;
  const Result<JsonObject> object = JsonObject::parse(record->bytes);
  if (!object) return std::nullopt;
  const auto text = [&](const char* name) { return object->find(name) == nullptr ? "" : object->find(name)->text; };
  const bool abandoned = text("there") == "true" && record->at < started_at_;  // the server went first
  if (text("path") != path || (abandoned && now - started_at_ > options_.window)) return std::nullopt;
  KeptConversation kept{text("id"), path, user, split(text("rooms")), 0};
  kept.began = read_integer(text("began")).value_or(0);
  return kept;
}

}  // namespace jobwire::hub
