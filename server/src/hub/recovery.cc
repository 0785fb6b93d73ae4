#include "hub/recovery.h"

#include <utility>

#include "jobwire/json_object.h"
#include "jobwire/json_writer.h"

namespace jobwire::hub {
namespace {

constexpr std::string_view kKind = "session";
constexpr char kBetween = '\n';  // in no id

template <class Texts>
std::string join(const Texts& texts) {
  std::string joined;
  for (const std::string& text : texts) joined.append(joined.empty() ? 0 : 1, kBetween).append(text);
  return joined;
}

std::vector<std::string> split(const std::string& joined) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < joined.size();) {
    const std::size_t end = std::min(joined.find(kBetween, at), joined.size());
    texts.push_back(joined.substr(at, end - at));
    at = end + 1;
  }
  return texts;
}

}  // namespace

Recovery::Recovery(RecoveryOptions options, node::Node& node, const Clock& clock)
    : options_(options), node_(node), clock_(clock), started_at_(clock.now()) {}

void Recovery::keep(const std::string& pid, const KeptConversation& kept) { write(pid, kept, true, 2 * kRenewEvery); }
void Recovery::left(const std::string& pid, const KeptConversation& kept) { write(pid, kept, false, options_.window); }

void Recovery::write(const std::string& pid, const KeptConversation& kept, bool is_there, DurationMs lasts) {
  if (!options_.enabled || pid.empty()) return;
  log::Record record;
  record.kind = kKind;
  record.owner = kept.user;
  record.key = pid;
  record.expires_at = clock_.now() + lasts;
  JsonWriter(record.bytes)
      .begin_object()
      .field("id", kept.id)
      .field("path", kept.path)
      .field("dialects", join(kept.dialects))
      .field("rooms", join(kept.rooms))
      .field("offset", kept.offset)
      .field("there", is_there)
      .end_object();
  node_.append_records({{std::move(record), std::nullopt}}, [](auto) {});
}

void Recovery::forget(const std::string& pid, const std::string& user) {
  if (!options_.enabled || pid.empty()) return;
  log::Record record;
  record.kind = kKind;
  record.owner = user;
  record.key = pid;
  node_.append_records({{std::move(record), std::nullopt}}, [](auto) {});
}

std::optional<KeptConversation> Recovery::take(const std::string& pid, const std::string& user,
                                               const std::string& path) {
  if (!options_.enabled || pid.empty()) return std::nullopt;
  const log::Record* record = node_.records().find(kKind, user, pid);
  const UnixMs now = clock_.now();
  if (record == nullptr || (record->expires_at != 0 && record->expires_at <= now)) return std::nullopt;
  const Result<JsonObject> object = JsonObject::parse(record->bytes);
  if (!object) return std::nullopt;
  const auto text = [&](const char* name) { return object->find(name) == nullptr ? "" : object->find(name)->text; };
  const bool abandoned = text("there") == "true" && record->at < started_at_;  // the server went first
  if (text("path") != path || (abandoned && now - started_at_ > options_.window)) return std::nullopt;
  KeptConversation kept{text("id"), path, user, split(text("dialects")), {}, text("offset")};
  for (std::string& room : split(text("rooms"))) kept.rooms.insert(std::move(room));
  forget(pid, user);
  return kept;
}

}  // namespace jobwire::hub
