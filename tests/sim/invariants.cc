#include "invariants.h"

#include <algorithm>

#include "jobwire/codec.h"

namespace jobwire::sim {

namespace {

bool carries_for(const auth::Principal& who, const Channel& channel, const JobState& job) {
  const bool counts_only = channel.kind == ChannelKind::queue && !auth::may_administer(who);
  return !counts_only && carries(channel, job);
}

// A wide channel tells its newest jobs, and whatever changes later: then it is among the newest. Tombstones count here:
// what was removed since does not make older jobs due to who was there before. (Once forgotten, they are not counted.)
bool is_begun_with(World& world, const Channel& channel, const JobState& job) {
  if (channel.kind == ChannelKind::job) return true;
  if (world.truncates() && world.forgets()) return false;
  const node::JobTable::ByVersion* jobs = world.server().node().table().channel(channel);
  if (jobs == nullptr) return false;
  const auto newer = std::distance(jobs->upper_bound(job.version), jobs->end());
  return static_cast<std::size_t>(newer) < world.wide_channel_start();
}

// Is the page told of this job, whenever it joined?
template <class Page>
bool is_due_to(World& world, const Page& page, const JobState& job) {
  return std::any_of(page.wanted().begin(), page.wanted().end(), [&](const Channel& channel) {
    return auth::may_follow(page.who(), channel) && carries_for(page.who(), channel, job) &&
           is_begun_with(world, channel, job);
  });
}

// Is this job in the page's channels, and may its present principal see it?
template <class Page>
bool belongs_to(const Page& page, const JobState& job) {
  if (job.removed || !auth::may_see(page.who(), job)) return false;
  return std::any_of(page.wanted().begin(), page.wanted().end(), [&](const Channel& channel) {
    return auth::may_follow(page.who(), channel) && carries_for(page.who(), channel, job);
  });
}

template <class Page>
void compare(World& world, const Page& page, Findings& findings) {
  const node::Node& node = world.server().node();
  const Visibility visibility = auth::visibility(page.who());
  for (const auto& [version, record] : node.table().all()) {
    if (!belongs_to(page, record->state)) continue;
    const JobState* seen = page.store().find(record->state.id);
    const std::string truth = encode_job(record->state, visibility);
    if (seen == nullptr) {
      if (is_due_to(world, page, record->state)) findings.push_back(page.name() + " misses " + truth);
    } else if (const std::string view = encode_job(*seen, visibility); view != truth) {
      findings.push_back(page.name() + " sees " + view + " instead of " + truth);
    }
  }
  for (const JobState* seen : page.store().jobs()) {
    const node::JobRecord* record = node.find(seen->id);
    if (record != nullptr && belongs_to(page, record->state)) continue;
    findings.push_back(page.name() + " still sees " + encode_job(*seen, visibility));
  }
}

template <class Page, class IsFollowed>
Findings cursor_tells_the_truth(World& world, const Page& page, const Cursor& cursor, IsFollowed is_followed) {
  Findings findings;
  const node::Node& node = world.server().node();
  if (!node.is_valid(cursor)) return findings;
  for (const auto& [version, record] : node.table().all()) {
    if (version > cursor.offset) break;
    const JobState& job = record->state;
    const bool followed = std::any_of(page.wanted().begin(), page.wanted().end(), [&](const Channel& channel) {
      return is_followed(channel) && carries_for(page.who(), channel, job) &&
             (page.store().find(job.id) != nullptr || is_begun_with(world, channel, job));
    });
    if (!followed || !auth::may_see(page.who(), job) || page.store().is_stale(job.id)) continue;
    const JobState* seen = page.store().find(job.id);
    const std::int64_t known = seen == nullptr ? 0 : seen->version;
    if (job.removed ? seen == nullptr : known == version) continue;
    findings.push_back(page.name() + " has cursor " + to_string(cursor) + " and knows version " +
                       std::to_string(known) + " of " + job.id.value + ", which is at " + std::to_string(version) +
                       (job.removed ? ", removed" : ""));
  }
  return findings;
}

}  // namespace

Findings views_equal_the_table(World& world) {
  Findings findings;
  for (const auto& client : world.clients()) compare(world, *client, findings);
  for (const auto& reader : world.readers()) compare(world, *reader, findings);
  return findings;
}

Findings everybody_is_served(World& world) {
  Findings findings;
  for (const auto& client : world.clients()) {
    const ConnectionStatus& status = client->session().status();
    const bool connected = status.state == ConnectionState::online || status.state == ConnectionState::polling;
    if (!connected) findings.push_back(client->name() + " is not connected: " + status.reason);
    if (connected && !status.synced) findings.push_back(client->name() + " is not synced");
    for (const JobState* job : client->store().jobs()) {
      if (client->store().is_stale(job->id)) findings.push_back(client->name() + " doubts " + job->id.value);
    }
    if (client->commands_open() != 0) findings.push_back(client->name() + " waits for a command's answer");
  }
  for (const auto& reader : world.readers()) {
    if (!reader->synced()) findings.push_back(reader->name() + " is not synced");
  }
  for (const auto& publisher : world.publishers()) {
    if (!publisher->idle()) findings.push_back("a back end has no answer to what it published");
  }
  return findings;
}

Findings cursor_is_truthful(World& world, const Client& client) {
  const std::optional<Cursor> cursor = client.session().cursor();
  if (!world.is_up() || !cursor || client.store().resetting() || !client.told_as_who()) return {};
  return cursor_tells_the_truth(world, client, *cursor,
                                [&](const Channel& channel) { return client.session().is_followed(channel); });
}

Findings cursor_is_truthful(World& world, const Reader& reader) {
  if (!world.is_up() || !reader.cursor() || reader.store().resetting()) return {};
  return cursor_tells_the_truth(world, reader, *reader.cursor(),
                                [&](const Channel& channel) { return reader.is_followed(channel); });
}

Findings acknowledged_events_are_there(World& world) {
  Findings findings;
  std::vector<JobEvent> again;
  std::vector<std::int64_t> offsets;
  for (const auto& publisher : world.publishers()) {
    for (const Publisher::Acknowledged& one : publisher->acknowledged()) {
      again.push_back(one.event);
      offsets.push_back(one.offset);
    }
  }
  if (again.empty() || world.forgets()) return findings;
  std::vector<node::Verdict> verdicts;
  world.server().publish(again, [&](std::vector<node::Verdict> answer) { verdicts = std::move(answer); });
  world.run_for(2'000);
  if (verdicts.size() != again.size()) return {"no verdicts on what was acknowledged"};
  for (std::size_t i = 0; i < again.size(); ++i) {
    if (verdicts[i].repeated && verdicts[i].offset == offsets[i]) continue;
    findings.push_back("event " + again[i].event_id + " of " + again[i].job_id.value + " was acknowledged at " +
                       std::to_string(offsets[i]) + " and is not there");
  }
  return findings;
}

Findings ends_were_told(World& world) {
  Findings findings;
  for (const auto& client : world.clients()) {
    for (const JobState* job : client->store().jobs()) {
      if (!is_terminal(job->status) || !client->saw_running(*job)) continue;
      if (client->times_told_of_end(*job) == 1) continue;
      findings.push_back(client->name() + " was not told that " + job->id.value + " ended");
    }
  }
  return findings;
}

}  // namespace jobwire::sim
