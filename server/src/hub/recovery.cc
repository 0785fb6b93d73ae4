#include "hub/recovery.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "jobwire/json_object.h"
#include "jobwire/json_writer.h"

namespace jobwire::hub {
namespace {

constexpr std::string_view kKind = "session";
constexpr std::string_view kRoomsKind = "session-rooms";
constexpr DurationMs kWhileThere = 2 * Recovery::kRenewEvery;
constexpr char kBetween = '\n';  // in no id
constexpr char kSince = '\t';    // likewise
constexpr char kWithin = '/';

// Of a part as it is written; 0: it is not there.
std::size_t mark_of(const std::string& part) { return part.empty() ? 0 : std::hash<std::string>()(part) | 1; }

std::string part_key(const std::string& pid, std::size_t part) { return pid + kWithin + std::to_string(part); }

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// A line a room: its name, and since when.
std::map<std::string, std::int64_t> read_rooms(std::string_view part) {
  std::map<std::string, std::int64_t> rooms;
  for (std::size_t at = 0; at < part.size();) {
    const std::size_t end = std::min(part.find(kBetween, at), part.size());
    const std::string_view line = part.substr(at, end - at);
    const std::size_t name = std::min(line.find(kSince), line.size());
    const std::string_view since = line.substr(std::min(name + 1, line.size()));
    rooms.emplace(line.substr(0, name), read_integer(since).value_or(0));
    at = end + 1;
  }
  return rooms;
}

void write_room(const std::string& room, std::int64_t since, std::string& part) {
  part.append(part.empty() ? 0 : 1, kBetween).append(room);
  if (since != 0) part.append(1, kSince).append(std::to_string(since));
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

// ---- what is written ----

void Recovery::keep(const std::string& pid, KeptConversation& kept, std::function<void(bool)> done) {
  if (!options_.enabled || pid.empty()) return done ? done(true) : void();
  std::vector<log::RecordAppend> records{session(pid, kept, true, kWhileThere)};
  add_rooms(pid, kept, kWhileThere, true, records);
  append(std::move(records), std::move(done));
}

void Recovery::keep_rooms(const std::string& pid, KeptConversation& kept, std::function<void(bool)> done) {
  std::vector<log::RecordAppend> records;
  if (options_.enabled && !pid.empty()) add_rooms(pid, kept, kWhileThere, false, records);
  if (records.empty()) return done(true);
  append(std::move(records), std::move(done));
}

void Recovery::left(const std::string& pid, KeptConversation& kept) {
  if (!options_.enabled || pid.empty()) return;
  std::vector<log::RecordAppend> records{session(pid, kept, false, options_.window)};
  add_rooms(pid, kept, options_.window, true, records);
  append(std::move(records), {});
}

log::RecordAppend Recovery::session(const std::string& pid, const KeptConversation& kept, bool is_there,
                                    DurationMs lasts) const {
  log::Record record;
  record.kind = kKind;
  record.owner = kept.user;
  record.key = pid;
  record.expires_at = clock_.now() + lasts;
  JsonWriter(record.bytes)
      .begin_object()
      .field("id", kept.id)
      .field("path", kept.path)
      .field("began", kept.began)
      .field("there", is_there)
      .end_object();
  return {std::move(record), std::nullopt};
}

// The parts that have changed since they were written, or `all`.
void Recovery::add_rooms(const std::string& pid, KeptConversation& kept, DurationMs lasts, bool all,
                         std::vector<log::RecordAppend>& into) const {
  std::array<std::string, KeptConversation::kParts> parts;
  for (const auto& [room, since] : kept.rooms) {
    write_room(room, since, parts[std::hash<std::string>()(room) % parts.size()]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t now = mark_of(parts[i]);
    if (std::exchange(kept.written[i], now) == now && (!all || now == 0)) continue;
    log::Record record{std::string(kRoomsKind), kept.user, part_key(pid, i), std::move(parts[i]), clock_.now() + lasts};
    into.push_back({std::move(record), std::nullopt});
  }
}

void Recovery::append(std::vector<log::RecordAppend> records, std::function<void(bool)> done) {
  node_.append_records(std::move(records), [done = std::move(done)](const auto& outcomes) {
    const auto is_there = [](const auto& outcome) { return std::holds_alternative<log::RecordAppended>(outcome); };
    if (done) done(std::all_of(outcomes.begin(), outcomes.end(), is_there));
  });
}

void Recovery::forget(const std::string& pid, const std::string& user) {
  if (!options_.enabled || pid.empty()) return;
  log::Record gone;
  gone.kind = kKind;
  gone.owner = user;
  gone.key = pid;
  append({{std::move(gone), std::nullopt}}, {});  // its rooms are nobody's then, and expire
}

// ---- what is found again ----

void Recovery::find_rooms(const std::string& pid, KeptConversation& kept) const {
  for (std::size_t i = 0; i < KeptConversation::kParts; ++i) {
    const log::Record* part = node_.records().find(kRoomsKind, kept.user, part_key(pid, i));
    if (part == nullptr) continue;
    kept.rooms.merge(read_rooms(part->bytes));
    kept.written[i] = mark_of(part->bytes);
  }
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
  KeptConversation kept{text("id"), path, user, {}, 0};
  kept.began = read_integer(text("began")).value_or(0);
  find_rooms(pid, kept);
  return kept;
}

}  // namespace jobwire::hub
