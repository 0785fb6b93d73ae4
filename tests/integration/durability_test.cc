// The promise of the whole: what was acknowledged is there, whatever happens to the server, and every client gets to
// see it.
#include <sys/resource.h>

#include <filesystem>

#include "back_ends.h"
#include "durability_fixture.h"
#include "stream_follower.h"

using namespace jobwire;
using namespace jobwire::test;

namespace {

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
