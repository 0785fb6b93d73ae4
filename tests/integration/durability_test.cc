// The promise of the whole: what was acknowledged is there, whatever happens to the server, and every client gets to
// see it.
#include <sys/resource.h>

#include <atomic>
#include <filesystem>

#include "durability_fixture.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

constexpr int kJobs = 100;
constexpr int kEventsPerJob = 100;
constexpr int kBackEnds = 4;

std::string job_name(int job) { return "job-" + std::to_string(job); }
std::string user_of(int job) { return job % 2 == 0 ? "alice" : "bob"; }

// The n-th event of a job, n from 1; the last one ends it.
std::string event_json(int job, int n) {
  std::string event = "{\"jobId\":\"" + job_name(job) + "\",\"eventId\":\"e" + std::to_string(n) + "\",";
  if (n == 1) {
    return event + "\"type\":\"queued\",\"job\":{\"type\":\"pdf\",\"queue\":\"normal\",\"userId\":\"" + user_of(job) +
           "\"}}";
  }
  if (n == kEventsPerJob) return event + "\"type\":\"completed\",\"result\":{\"pages\":" + std::to_string(job) + "}}";
  return event + "\"type\":\"progress\",\"progress\":" + std::to_string(n) + ",\"stage\":\"pages\"}";
}

// Back ends that send each batch again until it is acknowledged, as one with a queue of its own does.
class BackEnds {
 public:
  // `at_mark` is called once, by the back end that hears of so many acknowledgements while the others are publishing.
  BackEnds(const ServerAddress& server, std::string token, int mark, std::function<void()> at_mark)
      : server_(server), token_(std::move(token)), mark_(mark), at_mark_(std::move(at_mark)) {
    for (int i = 0; i < kBackEnds; ++i) threads_.emplace_back([this, i] { publish(i); });
  }
  ~BackEnds() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  int acknowledged() const { return acknowledged_; }
  bool done() const { return acknowledged_ == kJobs * kEventsPerJob; }
  void server_is_back() {
    std::lock_guard lock(mutex_);
    ++starts_;
    changed_.notify_all();
  }
  // By job, then seq: the offset that the acknowledgement named.
  std::map<int, std::map<std::int64_t, std::int64_t>> told() const {
    std::lock_guard lock(mutex_);
    return told_;
  }
  std::vector<std::string> refusals() const {
    std::lock_guard lock(mutex_);
    return refusals_;
  }

 private:
  // Ten events a job in each batch, of five jobs: several jobs grow at once.
  void publish(int back_end) {
    for (int first = back_end * 5; first < kJobs; first += kBackEnds * 5) {
      for (int n = 1; n <= kEventsPerJob; n += 10) {
        if (!send_until_acknowledged(first, n)) return;
      }
    }
  }
  bool send_until_acknowledged(int first_job, int first_event) {
    std::vector<std::string> events;
    for (int n = first_event; n < first_event + 10; ++n) {
      for (int job = first_job; job < first_job + 5; ++job) events.push_back(event_json(job, n));
    }
    for (;;) {
      const int starts = this->starts();
      try {
        const HttpResponse response = HttpClient(server_.port, token_).post("/api/v1/events", batch_of(events));
        if (response.status == 200 && note(first_job, verdicts_of(response.body))) return true;
      } catch (const std::runtime_error&) {
      }
      if (!wait_for_start_after(starts)) return false;
    }
  }
  bool note(int first_job, const std::vector<Verdict>& verdicts) {
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      if (!verdicts[i].stored()) {
        refusals_.push_back(verdicts[i].status);
        return false;
      }
      told_[first_job + static_cast<int>(i) % 5][verdicts[i].seq] = verdicts[i].version;
    }
    acknowledged_ += static_cast<int>(verdicts.size());
    if (acknowledged_ >= mark_) std::exchange(at_mark_, [] {})();
    return true;
  }
  int starts() const {
    std::lock_guard lock(mutex_);
    return starts_;
  }
  bool wait_for_start_after(int starts) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || starts_ > starts; });
    return !ended_;
  }

  const ServerAddress& server_;
  const std::string token_;
  const int mark_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> at_mark_;
  bool ended_ = false;
  int starts_ = 0;
  std::map<int, std::map<std::int64_t, std::int64_t>> told_;
  std::vector<std::string> refusals_;
  std::atomic<int> acknowledged_ = 0;
  std::vector<std::thread> threads_;
};

// `curl -N` in a loop: a streamed response, resumed from its last cursor when it ends.
class StreamFollower {
 public:
  StreamFollower(const ServerAddress& server, std::string token, std::vector<Channel> channels)
      : server_(server), token_(std::move(token)), join_(std::move(channels)), thread_([this] { follow(); }) {}
  ~StreamFollower() {
    stopping_ = true;
    thread_.join();
  }

  bool shows(const std::vector<JobState>& jobs) const {
    std::lock_guard lock(mutex_);
    return synced_ && Durability::shows(store_, jobs);
  }
  int resets() const { return resets_; }
  int doubts() const { return doubts_; }
  int opened() const { return opened_; }

 private:
  void follow() {
    while (!stopping_) {
      try {
        ChangesRequest request;
        request.reducer = kReducerVersion;
        request.cursor = cursor_;
        request.channels = followed_;
        request.join = join_;
        EventStream stream(server_.port, "POST", "/api/v1/changes/stream",
                           {{"authorization", "Bearer " + token_}, {"content-type", "application/json"}},
                           encode_changes_request(request));
        ++opened_;
        while (!stopping_) take(stream.next());
      } catch (const std::runtime_error&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));  // as a client waits before it tries again
        std::lock_guard lock(mutex_);
        synced_ = false;
      }
    }
  }
  void take(const std::string& text) {
    const auto message = decode_server_message(text);
    if (!message) throw std::runtime_error(message.error().message);
    const auto* changes = std::get_if<push::Changes>(&*message);
    if (!changes) return;
    std::lock_guard lock(mutex_);
    store_.fold(*changes);
    doubts_ += static_cast<int>(store_.take_stale().size());
    resets_ += changes->reset ? 1 : 0;
    cursor_ = changes->cursor;
    synced_ = synced_ || changes->synced;
    for (const Channel& channel : changes->followed) {
      followed_.push_back(channel);
      std::erase(join_, channel);
    }
  }

  const ServerAddress& server_;
  const std::string token_;
  std::vector<Channel> join_;
  std::vector<Channel> followed_;
  std::optional<Cursor> cursor_;
  mutable std::mutex mutex_;
  JobStore store_;
  bool synced_ = false;
  std::atomic<int> resets_ = 0;
  std::atomic<int> doubts_ = 0;
  std::atomic<int> opened_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

std::vector<JobState> jobs_that(const Durability& d, const std::function<bool(int)>& wanted) {
  std::vector<JobState> jobs;
  for (int job = 0; job < kJobs; ++job) {
    if (!wanted(job)) continue;
    const auto state = d.job(job_name(job));
    REQUIRE(state);
    jobs.push_back(*state);
  }
  return jobs;
}

const Channel kAllJobs{ChannelKind::all_jobs, ""};

ClientOptions polling_only() {
  ClientOptions options;
  options.websocket = false;
  return options;
}

void set_file_size_limit(pid_t pid, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  REQUIRE(::prlimit(pid, RLIMIT_FSIZE, &limit, nullptr) == 0);
}

}  // namespace

TEST_CASE(
    "kill -9 in the middle of 10,000 events: what was acknowledged is there, once, and every client gets to see it") {
  Durability d;
  LiveClient& admin = d.follow("root", auth::Role::admin, {kAllJobs});
  LiveClient& queue = d.follow("root2", auth::Role::admin, {{ChannelKind::queue, "normal"}});
  LiveClient& alice = d.follow("alice", auth::Role::user, {{ChannelKind::user, "alice"}});
  LiveClient& one =
      d.follow("bob", auth::Role::user, {{ChannelKind::job, job_name(1)}, {ChannelKind::job, job_name(99)}});
  LiveClient& poller = d.follow("bob", auth::Role::user, {{ChannelKind::user, "bob"}}, polling_only());
  StreamFollower stream(d.address, token_of("bob"), {{ChannelKind::user, "bob"}});
  d.pump_until([&] {
    return stream.shows({}) && std::all_of(d.clients.begin(), d.clients.end(),
                                           [](const auto& client) { return client->session().status().synced; });
  });
  const auto all_resets = [&] {
    int resets = stream.resets();
    for (const auto& client : d.clients) resets += client->resets();
    return resets;
  };
  const int resets = all_resets();

  {
    const int mark = GENERATE(1'000, 5'000);
    std::atomic<bool> killed = false;
    BackEnds back_ends(d.address, d.service_token, mark, [&] {
      d.server->process().signal(SIGKILL);
      killed = true;
    });
    d.pump_until([&] { return killed.load(); });
    CHECK(d.server->process().wait() == 128 + SIGKILL);
    const int before = back_ends.acknowledged();
    const auto told_before = back_ends.told();
    CHECK(before < kJobs * kEventsPerJob);
    d.serve();
    for (const auto& [job, offsets] : told_before) {
      const auto restored = d.job(job_name(job));
      REQUIRE(restored);
      CHECK(restored->seq >= offsets.rbegin()->first);
    }
    back_ends.server_is_back();
    d.pump_until([&] { return back_ends.done(); });
    CHECK(back_ends.refusals().empty());

    for (const auto& [job, offsets] : back_ends.told()) {
      std::map<std::int64_t, std::int64_t> logged;
      for (const JobEvent& event : d.history(job_name(job))) logged[event.seq] = event.offset;
      CHECK(logged == offsets);
      CHECK(offsets.size() == kEventsPerJob);
    }
  }

  const auto all = jobs_that(d, [](int) { return true; });
  const auto of_alice = jobs_that(d, [](int job) { return user_of(job) == "alice"; });
  const auto of_bob = jobs_that(d, [](int job) { return user_of(job) == "bob"; });
  const auto two = jobs_that(d, [](int job) { return job == 1 || job == 99; });
  for (const JobState& job : all) CHECK(job.status == JobStatus::completed);
  d.pump_until([&] {
    return Durability::shows(admin.store(), all) && Durability::shows(queue.store(), all) &&
           Durability::shows(alice.store(), of_alice) && Durability::shows(one.store(), two) &&
           Durability::shows(poller.store(), of_bob) && stream.shows(of_bob);
  });
  CHECK(stream.opened() == 2);
  CHECK(stream.doubts() == 0);
  CHECK(all_resets() == resets);  // what they had been told was durable: nobody has to start anew
  for (const auto& client : d.clients) {
    CHECK(client->faults().empty());
    CHECK(client->session().status().synced);
  }
}

TEST_CASE("a clean restart keeps every cursor: clients go on without starting anew") {
  Durability d;
  LiveClient& alice = d.follow("alice", auth::Role::user, {{ChannelKind::user, "alice"}});
  LiveClient& poller = d.follow("alice", auth::Role::user, {{ChannelKind::user, "alice"}}, polling_only());
  const auto show = [&](std::int64_t seq) {
    d.pump_until([&] {
      return std::all_of(d.clients.begin(), d.clients.end(), [&](const auto& client) {
        const JobState* job = client->store().find(JobId{job_name(0)});
        return job && job->seq == seq && client->session().status().synced;
      });
    });
  };
  d.publish({event_json(0, 1), event_json(0, 2)});
  show(2);
  const Cursor before = *alice.session().cursor();
  const int resets = alice.resets() + poller.resets();

  d.stop();
  d.serve();
  CHECK(d.job(job_name(0))->seq == 2);
  d.publish({event_json(0, 3)});
  show(3);
  CHECK(alice.resets() + poller.resets() == resets);
  CHECK(alice.session().cursor()->offset > before.offset);
  CHECK(alice.session().cursor()->epoch != before.epoch);
  CHECK(alice.faults().empty());
}

TEST_CASE("a restored backup does not pass unnoticed: clients that saw more start anew, and see what is there now") {
  Durability d;
  LiveClient& alice = d.follow("alice", auth::Role::user, {{ChannelKind::user, "alice"}});
  d.publish({event_json(0, 1), event_json(0, 2)});
  d.stop();
  const std::string backup = d.folder.file("backup.db");
  std::filesystem::copy_file(d.file(), backup);
  d.serve();
  d.publish({event_json(0, 3), event_json(2, 1)});  // lost by the restore
  d.pump_until([&] { return alice.store().jobs().size() == 2; });
  const int resets = alice.resets();

  d.stop();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(d.file() + suffix);
  std::filesystem::copy_file(backup, d.file(), std::filesystem::copy_options::overwrite_existing);
  d.serve();
  d.publish({event_json(4, 1), event_json(4, 2)});  // at the offsets that the lost ones had
  const std::vector<JobState> now{*d.job(job_name(0)), *d.job(job_name(4))};
  CHECK(now[0].seq == 2);
  d.pump_until([&] { return Durability::shows(alice.store(), now); });
  CHECK(alice.resets() == resets + 1);
}

TEST_CASE("a full disk: events are unavailable, everything stays readable, and goes on once there is room") {
  const auto signal_before = std::signal(SIGXFSZ, SIG_IGN);  // the server inherits this; the write fails with EFBIG
  Durability d;
  std::signal(SIGXFSZ, signal_before);
  LiveClient& alice = d.follow("alice", auth::Role::user, {{ChannelKind::user, "alice"}});
  d.publish({event_json(0, 1)});
  d.pump_until([&] { return alice.store().find(JobId{job_name(0)}) != nullptr; });

  set_file_size_limit(d.server->process().pid(), 1);
  const auto refused = d.publish({event_json(0, 2), event_json(2, 1)});
  REQUIRE(refused.size() == 2);
  CHECK(refused[0].status == "rejected");
  CHECK(refused[1].status == "rejected");
  CHECK(d.service().post("/api/v1/events", batch_of({event_json(0, 2)})).body.find("\"unavailable\"") !=
        std::string::npos);
  CHECK(d.service().get("/readyz").status == 503);
  CHECK(d.service().get("/healthz").status == 200);
  CHECK(d.job(job_name(0))->seq == 1);
  CHECK(d.history(job_name(0)).size() == 1);
  CHECK_FALSE(d.job(job_name(2)));

  set_file_size_limit(d.server->process().pid(), RLIM_INFINITY);
  const auto stored = d.publish({event_json(0, 2), event_json(2, 1)});
  REQUIRE(stored.size() == 2);
  CHECK(stored[0].seq == 2);
  CHECK(stored[1].seq == 1);
  CHECK(d.service().get("/readyz").status == 200);
  d.pump_until([&] { return alice.store().jobs().size() == 2; });
  CHECK(alice.resets() <= 1);
  CHECK(alice.faults().empty());

  d.server->kill();
  d.serve();
  CHECK(d.job(job_name(0))->seq == 2);
  CHECK(d.job(job_name(2))->seq == 1);
}

TEST_CASE("a second server on the same file is refused, and the first goes on") {
  Durability d;
  d.publish({event_json(0, 1)});
  std::vector<std::string> arguments = d.arguments();
  arguments.insert(arguments.end(), {"--port", "0"});
  const Finished second = run_server(arguments);
  CHECK(second.code == 1);
  CHECK(second.errors.find(d.file()) != std::string::npos);
  CHECK(d.publish({event_json(0, 2)})[0].seq == 2);
}
