#include "hub/dialects.h"

#include <algorithm>
#include <utility>

#include "hub/announcement.h"
#include "hub/hub.h"
#include "jobwire/json_object.h"

namespace jobwire::hub {
namespace {

constexpr DurationMs kConversationTick = 500;

Refused refused(const Error& error, CloseCode code) { return {error.message, RawJson{error_object(error)}, code}; }

}  // namespace

class Dialects::Held final : public Conversation {
 public:
  Held(Dialects& dialects, DialectConversation::Place place, EventSink& sink, DialectConversation::Begin begin)
      : dialects_(dialects), conversation_(std::move(place), sink, std::move(begin)) {
    dialects_.conversations_.insert(&conversation_);
  }
  ~Held() override {
    dialects_.conversations_.erase(&conversation_);
    const auto at = dialects_.by_recover_id_.find(conversation_.recover_id());
    if (at != dialects_.by_recover_id_.end() && at->second == &conversation_) dialects_.by_recover_id_.erase(at);
  }
  // Who comes back while its old connection has not yet been missed takes it over.
  void keep(const std::function<void(bool)>& kept) override {
    if (conversation_.recover_id().empty()) return kept(true);
    DialectConversation*& before = dialects_.by_recover_id_[conversation_.recover_id()];
    if (before != nullptr) before->give_up();
    before = &conversation_;
    conversation_.keep(kept);
  }
  void begin() override { conversation_.begin(); }
  void received(NamedEvent event, Acknowledge acknowledge) override {
    conversation_.received(std::move(event), std::move(acknowledge));
  }
  void drained() override { conversation_.drained(); }

 private:
  Dialects& dialects_;
  DialectConversation conversation_;
};

Dialects::Dialects(DialectsOptions options, Hub& hub, const Clock& clock, std::function<std::string()> random_id,
                   std::function<ProcessFigures()> process)
    : options_(std::move(options)),
      hub_(hub),
      recovery_(options_.recovery, hub.node(), clock),
      random_id_(std::move(random_id)),
      figures_(hub.node(), clock, std::move(process)) {
  for (auto& dialect : dialect::all_dialects()) {
    const auto given = options_.by_name.find(std::string(dialect->name()));
    const DialectOptions each = given == options_.by_name.end() ? DialectOptions{} : given->second;
    if (!each.enabled) continue;
    const std::string_view path = dialect->path();
    dialects_.push_back(std::make_unique<DialectHub>(hub_, std::move(dialect), each, figures_,
                                                     [this, path](std::int64_t most) { return offset(path, most); }));
  }
  hub_.add(*this);
}

Dialects::~Dialects() { hub_.remove(*this); }

// ---- letting in ----

std::vector<Namespace> Dialects::namespaces() {
  std::set<std::string> paths;
  for (const auto& each : dialects_) paths.insert(std::string(each->dialect().path()));
  std::vector<Namespace> namespaces;
  namespaces.reserve(paths.size());
  for (const std::string& path : paths) {
    namespaces.push_back(
        {path, [this, path](EventSink& sink, const Opening& given) { return open(path, sink, given); }});
  }
  return namespaces;
}

// `auth.dialect` chooses where several are spoken.
Result<std::vector<DialectHub*>> Dialects::spoken_at(const std::string& path, const Opening& opening) const {
  std::string chosen;
  if (!opening.auth.empty()) {
    const Result<JsonObject> auth = JsonObject::parse(opening.auth.text, {}, "auth");
    if (!auth) return auth.error();
    const Result<std::string> name = auth->text("dialect");
    if (!name) return name.error();
    chosen = *name;
  }
  std::vector<DialectHub*> spoken;
  for (const auto& each : dialects_) {
    const bool here = each->dialect().path() == path;
    if (here && (chosen.empty() || each->dialect().name() == chosen)) spoken.push_back(each.get());
  }
  if (spoken.empty()) {
    return Error{ErrorCode::bad_request, "no dialect of this name is spoken here", "auth.dialect", 0};
  }
  return spoken;
}

Opened Dialects::open(const std::string& path, EventSink& sink, const Opening& opening) {
  auto spoken = spoken_at(path, opening);
  if (!spoken) return refused(spoken.error(), CloseCode::bad_message);
  if (hub_.draining()) {
    return refused({ErrorCode::unavailable, "the server is restarting", {}, 1000}, CloseCode::draining);
  }
  Result<auth::Principal> who = hub_.authenticate(opening);
  if (who) return admit(path, sink, opening, std::move(*who), std::move(*spoken));
  const Error& error = who.error();
  const bool aloud = std::any_of(spoken->begin(), spoken->end(),
                                 [](const DialectHub* each) { return each->dialect().tells_auth_error(); });
  // Where both vocabularies are spoken the louder one is told.
  const bool told = aloud || path == "/";
  if (!told || error.code != ErrorCode::unauthenticated) return refused(error, refusal_code(error));
  return Accepted{std::make_unique<RefusedConversation>(sink, error), random_id_(), {}};
}

// Where it goes on, if that is known here. Who has not seen an offset has been told nothing yet.
std::optional<RecoveryPoint> Dialects::recovery_point(const KeptConversation& kept, const std::string& offset) const {
  if (offset.empty()) return RecoveryPoint{{hub_.node().head().epoch, kept.began}, 0};
  std::optional<RecoveryPoint> point = parse_recovery_point(offset);
  return point && hub_.node().is_valid(point->head) ? point : std::nullopt;
}

Opened Dialects::admit(const std::string& path, EventSink& sink, const Opening& opening, auth::Principal who,
                       std::vector<DialectHub*> dialects) {
  DialectConversation::Begin begin;
  const auto kept = recovery_.find(opening.recover_id, who.user, path);
  if (kept) begin.recovered = recovery_point(*kept, opening.recover_offset);
  if (begin.recovered) {
    begin.kept = *kept;
    begin.pid = opening.recover_id;
  } else {
    if (kept) recovery_.forget(opening.recover_id, who.user);
    begin.kept = {random_id_(), path, who.user, {}, hub_.node().head().offset};
    begin.pid = recovery_.enabled() ? random_id_() : std::string();
  }
  begin.who = std::move(who);
  begin.address = opening.address;
  Accepted accepted{nullptr, begin.kept.id, begin.pid};
  accepted.conversation =
      std::make_unique<Held>(*this,
                             DialectConversation::Place{hub_, recovery_, std::move(dialects),
                                                        [this, path](std::int64_t most) { return offset(path, most); }},
                             sink, std::move(begin));
  return accepted;
}

// ---- telling ----

// Where who has heard something goes on: of the dialects at this path (empty: of all), where the one that has told
// least does.
std::string Dialects::offset(std::string_view path, std::int64_t most) const {
  const Cursor head = hub_.node().head();
  std::int64_t told = std::min(head.offset, most);
  for (std::size_t i = 0; i < dialects_.size(); ++i) {
    if (!path.empty() && dialects_[i]->dialect().path() != path) continue;
    told = std::min(told, dialects_[i]->told());
    if (changing_ != 0 && i > telling_) told = std::min(told, changing_ - 1);
  }
  return to_string(RecoveryPoint{head, told});
}

void Dialects::announced(const Announcement& announcement) {
  EmissionPtr emission;  // one for all who hear it
  for (DialectConversation* each : conversations_) {
    if (!each->hears(announcement.target())) continue;
    if (!emission)
      emission = std::make_shared<const Emission>(announcement.event(), offset({}, hub_.node().head().offset));
    each->hear(emission);
  }
}

void Dialects::changed(const node::Change& change) {
  figures_.changed(change);
  changing_ = change.event.offset;
  for (telling_ = 0; telling_ < dialects_.size(); ++telling_) dialects_[telling_]->changed(change);
  changing_ = 0;
}

bool Dialects::follows(const JobState& job) const {
  return std::any_of(dialects_.begin(), dialects_.end(), [&](const auto& each) { return each->follows(job); });
}

void Dialects::estimated(const node::JobRecord& record, const JobEstimate& estimate) {
  for (const auto& each : dialects_) each->estimated(record, estimate);
}

void Dialects::counted(const push::QueueStatus& status) {
  for (const auto& each : dialects_) each->counted(status);
}

void Dialects::ticked(UnixMs now) {
  for (const auto& each : dialects_) each->ticked(now);
  if (now - conversations_ticked_at_ < kConversationTick) return;
  conversations_ticked_at_ = now;
  const std::vector<DialectConversation*> all(conversations_.begin(), conversations_.end());
  for (DialectConversation* each : all) each->tick(now);
}

}  // namespace jobwire::hub
