// Pages on the native wire over a server in memory: a letter each for what they, their networks, the back end and time
// do, in any order; `World::take` is their table. A page is told of nothing that it may not see, each command that asks
// for a reply gets one, cursors are good and never go back, and once everything has arrived every page shows of its
// channels what the server holds. Whoever sends what is no command loses their own session only.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core_in_memory.h"
#include "jobwire/codec.h"
#include "jobwire/ids.h"
#include "jobwire/job_store.h"

namespace jobwire::fuzz {
namespace {

constexpr std::array<std::string_view, 4> kTokens = {"alice", "bob", "admin", ""};
constexpr std::array<std::string_view, 5> kJobs = {"one", "two", "three", "of-somebody", "never"};
constexpr std::array<std::string_view, 8> kChannels = {"user:alice", "user:bob", "job:one",   "job:of-somebody",
                                                       "queue:q",    "all-jobs", "job:never", "admin"};

// Pages of a few jobs and a high-water mark that a few of them reach.
hub::HubOptions small_pages() {
  hub::HubOptions options;
  options.page_bytes = 400;
  options.page_jobs = 2;
  options.high_water = 1500;
  options.most_channels = kChannels.size();
  return options;
}

template <class Value, std::size_t Size>
Value pick(const std::array<Value, Size>& from, std::uint8_t by) {
  return from[by % Size];
}

std::vector<Channel> channels_of(std::uint8_t mask) {
  std::vector<Channel> channels;
  for (std::size_t i = 0; i < kChannels.size(); ++i) {
    if ((mask >> i & 1) != 0) channels.push_back(*parse_channel(kChannels[i]));
  }
  return channels;
}

class Page final : public hub::Sink {
 public:
  explicit Page(CoreInMemory& core) : core_(core) {}

  // ---- the sink ----
  hub::Framing framing() const override { return hub::Framing::bare; }
  void send(hub::Frame frame) override {
    promise(!closed_, "nothing is sent after the end");
    promise(is_valid_utf8(*frame), "what is told is UTF-8");
    const auto message = decode_server_message(*frame);
    promise(bool(message), "what is told is a message");
    if (stuck_) unsent_ += frame->size();
    if (const auto* changes = std::get_if<push::Changes>(&*message)) take(*changes);
    if (const auto* reply = std::get_if<push::Reply>(&*message)) {
      promise(wild_ || asked_.erase(reply->id) == 1, "a command is answered once, and only who asked");
      const auto joined = joining_.find(reply->id);
      if (reply->error && joined != joining_.end()) joining_.erase(joined);
    }
  }
  void close(CloseCode, std::string_view) override {
    promise(!closed_, "a session ends once");
    closed_ = true;
  }
  bool unsent_exceeds(std::size_t bytes) const override { return unsent_ > bytes; }

  // ---- the page ----
  void connect() {
    session_.reset();
    closed_ = greeted_ = wild_ = false;
    asked_.clear();
    joining_.clear();  // what is half told is told from the start
    unsent_ = 0;
    seen_.connection_lost();
    retain(false);
    session_ = core_.hub->connect(*this);
  }
  void hello(std::string_view token, const std::vector<Channel>& channels, int reducer) {
    greeted_ = resuming_ = true;
    // Another token may see less or more, and the server knows nothing of the last one.
    if (token != token_) cursor_.reset();
    token_ = token;
    cursor_at_ = {};
    command(command::Hello{token_, cursor_, {followed_.begin(), followed_.end()}, "fuzz", reducer, false});
    if (!channels.empty()) subscribe(channels);
  }
  void subscribe(std::vector<Channel> channels) {
    joining_[last_id_ + 1] = channels;
    command(command::Subscribe{std::move(channels)});
  }
  void forget() {  // a reload
    session_.reset();
    cursor_.reset();
    followed_.clear();
    seen_.clear();
    connect();
  }
  void unsubscribe(const std::vector<Channel>& channels) {
    if (!is_open()) return;
    for (const Channel& channel : channels) {
      followed_.erase(channel);
      for (auto& [id, joined] : joining_) std::erase(joined, channel);
    }
    command(command::Unsubscribe{channels});
    retain(false);
  }
  void token(std::string_view token) {
    if (!is_open()) return;
    if (!token.empty()) token_ = token;  // none is refused, and changes nothing
    command(command::Token{std::string(token)});
  }
  void command(CommandBody body) {
    if (!is_open()) return;
    asked_.insert(++last_id_);
    session_->received(encode_command({std::move(body), last_id_}));
    core_.run();
  }
  void raw(std::string_view text) {
    if (!is_open()) return;
    wild_ = true;
    session_->received(text);
    core_.run();
  }
  void set_stuck(bool stuck) {
    stuck_ = stuck;
    if (stuck) return;
    unsent_ = 0;
    if (is_open()) session_->drained();
    core_.run();
  }
  void leave() { session_.reset(); }
  bool is_open() const { return session_ != nullptr && !closed_; }

  void check_end() {
    set_stuck(false);
    if (!is_open() || !greeted_ || wild_) return;
    for (int i = 0; i < 10; ++i) {
      if (auto stale = seen_.take_stale(); !stale.empty()) command(command::Sync{std::move(stale)});
    }
    if (!is_open()) return;
    promise(asked_.empty(), "each command is answered");
    promise(!seen_.resetting(), "a reset comes to its end");
    const Visibility visibility = auth::visibility(session_->principal());
    for (std::string_view name : kJobs) {
      const JobId id{std::string(name)};
      const node::JobRecord* record = core_.node.find(id);
      const bool there =
          record != nullptr && !record->state.removed && may_see(record->state) && carried(record->state);
      const JobState* shown = seen_.find(id);
      promise(there == (shown != nullptr), there ? "a page shows each job of its channels" : "and no other");
      if (there) {
        promise(encode_job(*shown, visibility) == encode_job(record->state, visibility), "as the server holds it");
      }
    }
  }

 private:
  bool may_see(const JobState& job) const { return auth::may_see(session_->principal(), job); }
  // For others than admins a queue's channel only counts.
  template <class Channels>
  bool any_carries(const Channels& channels, const JobState& job) const {
    return std::any_of(channels.begin(), channels.end(), [&](const Channel& channel) {
      return carries(channel, job) && (channel.kind != ChannelKind::queue || token_ == "admin");
    });
  }
  bool carried(const JobState& job) const { return any_carries(followed_, job); }
  bool joined(const JobState& job) const {
    return std::any_of(joining_.begin(), joining_.end(),
                       [&](const auto& command) { return any_carries(command.second, job); });
  }
  void retain(bool or_told) {
    seen_.retain(or_told, [this](const JobState& job) { return carried(job) || joined(job); });
  }
  void check_may_see(const JobId& id) const {
    const node::JobRecord* record = core_.node.find(id);
    promise(record != nullptr && may_see(record->state), "what is told may be seen");
  }
  void take(const push::Changes& changes) {
    for (const JobEvent& event : changes.events) check_may_see(event.job_id);
    for (const JobState& job : changes.jobs) check_may_see(job.id);
    promise(core_.node.is_valid(changes.cursor), "a cursor is good");
    if (changes.reset) {  // what was followed or asked for comes again, where it still may be followed
      std::vector<Channel> again(followed_.begin(), followed_.end());
      for (const auto& [id, joined] : joining_) again.insert(again.end(), joined.begin(), joined.end());
      joining_ = {{0, std::move(again)}};
      followed_.clear();
      resuming_ = true;
      cursor_at_ = {};
    }
    promise(changes.cursor.offset >= cursor_at_, "a cursor does not go back");
    cursor_ = changes.cursor;
    cursor_at_ = changes.cursor.offset;
    // What a hello names and its last page does not may not be followed.
    if (changes.synced && std::exchange(resuming_, false)) {
      followed_.clear();
      joining_.erase(0);
    }
    for (const Channel& channel : changes.followed) {
      followed_.insert(channel);
      for (auto& [id, joined] : joining_) std::erase(joined, channel);
    }
    seen_.fold(changes);
    if (changes.synced) retain(true);
  }

  CoreInMemory& core_;
  JobStore seen_;
  std::set<Channel> followed_;
  std::string token_;
  std::optional<Cursor> cursor_;
  std::int64_t cursor_at_ = 0;  // on this connection
  std::set<std::int64_t> asked_;
  std::map<std::int64_t, std::vector<Channel>> joining_;  // by the command that asked; 0: a fresh view
  std::int64_t last_id_ = 0;
  std::size_t unsent_ = 0;
  bool stuck_ = false;
  bool closed_ = false;
  bool greeted_ = false;
  bool resuming_ = false;  // until the last page of what a hello asked, or of a fresh view
  bool wild_ = false;      // it says what we do not follow
  std::unique_ptr<hub::Session> session_;
};

class World {
 public:
  World() {
    for (auto& page : pages_) page = std::make_unique<Page>(core_);
  }

  void take(char what, Bytes& bytes) {
    Page& page = *pages_[bytes.byte() % pages_.size()];
    switch (what) {
      case 'o':  // a page is opened, or reloaded
        page.forget();
        return greet(page, kReducerVersion, bytes);
      case 'O':  // the same, folding otherwise
        page.forget();
        return greet(page, 0, bytes);
      case 'r':  // its connection is lost, and made again
        page.connect();
        return greet(page, kReducerVersion, bytes);
      case 'c':
        return page.leave();
      case 's':
        return page.subscribe(channels_of(bytes.byte()));
      case 'u':
        return page.unsubscribe(channels_of(bytes.byte()));
      case 't':
        return page.token(pick(kTokens, bytes.byte()));
      case 'y':
        return page.command(command::Sync{{JobId{std::string(pick(kJobs, bytes.byte()))}}});
      case 'x':
        return page.command(command::Cancel{JobId{std::string(pick(kJobs, bytes.byte()))}, "enough"});
      case 'n':
        return page.command(command::Read{{}, true});
      case 'l':
        return page.raw(bytes.line());
      case 'k':
        return page.set_stuck(true);
      case 'd':
        return page.set_stuck(false);
      case 'p':
        return core_.pass(100 * (1 + bytes.byte() % 64));
      default:
        return report(what, bytes);
    }
  }

  void check_end() {
    core_.pass(200);
    for (auto& page : pages_) page->check_end();
  }

 private:
  static void greet(Page& page, int reducer, Bytes& bytes) {
    const std::string_view token = pick(kTokens, bytes.byte());
    page.hello(token, channels_of(bytes.byte()), reducer);
  }
  static EventBody body_of(std::uint8_t type) {
    switch (type % 10) {
      case 0:
        return event::Queued{};
      case 1:
        return event::Started{};
      case 2:
        return event::Completed{RawJson{"{\"pages\":24}"}};
      case 3:
        return event::Failed{{"it broke", {}}};
      case 4:
        return event::Cancelled{};
      case 5:
        return event::Retried{};
      case 6:
        return event::Removed{};
      case 7:
        return event::Log{};
      default:
        return event::Progress{Percent{type * 30}};
    }
  }
  // One event, or with 'J' several of one batch.
  void report(char what, Bytes& bytes) {
    std::vector<JobEvent> events(what == 'J' ? 1 + bytes.byte() % 8 : what == 'j' ? 1 : 0);
    for (JobEvent& event : events) {
      const std::uint8_t about = bytes.byte();
      event.job_id.value = pick(kJobs, about);
      event.body = body_of(bytes.byte());
      if ((about & 0x20) != 0) event.identity.user_id.value = pick(kTokens, about >> 6 & 1);
      if ((about & 0x10) != 0) event.identity.queue = "q";
      if ((about & 0x80) != 0) event.message = std::string(300, 'm');
    }
    core_.submit(std::move(events), [](std::vector<node::Verdict>) {});
  }

  CoreInMemory core_{false, small_pages()};
  std::array<std::unique_ptr<Page>, 3> pages_;
};

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  jobwire::fuzz::Bytes bytes(data, size);
  jobwire::fuzz::World world;
  for (int steps = 0; !bytes.empty() && steps < 300; ++steps) {
    const auto what = static_cast<char>(bytes.byte());
    world.take(what, bytes);
  }
  world.check_end();
  return 0;
}
