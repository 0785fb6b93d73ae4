// What is wanted, asked for and followed; jobs in doubt; commands that wait for their answer.
#include <algorithm>
#include <utility>

#include "client_session_internal.h"

namespace jobwire {

namespace {
constexpr std::size_t kMostSyncs = 1000;  // of one command

bool is_temporary(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::rate_limited || code == ErrorCode::internal;
}
}  // namespace

// A page follows tens of channels: what looks through them all is the least code, and quick enough for a thousand.
ClientSession::Interest& ClientSession::interest(const Channel& channel) {
  for (Interest& one : interests_) {
    if (one.channel == channel) return one;
  }
  Interest& one = interests_.emplace_back();
  one.channel = channel;
  return one;
}

bool ClientSession::is_followed(const Channel& channel) const {
  return std::any_of(interests_.begin(), interests_.end(),
                     [&](const Interest& one) { return one.is(kFollowed) && one.channel == channel; });
}

std::size_t ClientSession::count(Standing standing) const {
  std::size_t found = 0;
  for (const Interest& one : interests_) found += one.is(standing) ? 1 : 0;
  return found;
}

// Who has the one from now on has the other, and nobody else.
void ClientSession::copy(Standing from, Standing to) {
  for (Interest& one : interests_) {
    one.drop(to);
    if (one.is(from)) one.add(to);
  }
}

void ClientSession::drop_all(std::uint8_t standings) {
  for (Interest& one : interests_) one.drop(standings);
}

std::vector<Channel> ClientSession::list(Standing having, std::uint8_t lacking) const {
  std::vector<Channel> found;
  for (const Interest& one : interests_) {
    if (one.is(having) && !one.is(lacking)) found.emplace_back() = one.channel;
  }
  return found;
}

void ClientSession::subscribe_missing() {
  if (socket_phase_ < SocketPhase::greeting) return;
  const Standing held = socket_phase_ == SocketPhase::greeting ? kGreeted : kFollowed;
  subscribe(list(kWanted, held | kJoining));
}

void ClientSession::subscribe(const std::vector<Channel>& channels) {
  if (channels.empty()) return;
  for (const Channel& channel : channels) {
    Interest& one = interest(channel);
    one.add(kJoining);
    one.asked = last_id_ + 1;
  }
  send_channels("subscribe", channels);
}

void ClientSession::send_channels(std::string_view event, const std::vector<Channel>& channels) {
  begin_command(event, ++last_id_);
  json::write_channels(json_.key("channels"), channels);
  end_command();
}

// A channel that was left and is wanted again may still be named for its first stay: that one has ended.
void ClientSession::now_followed(const std::vector<Channel>& channels) {
  for (const Channel& channel : channels) {
    Interest& one = interest(channel);
    if (!one.is(kJoining) || one.is(kLeaving)) continue;
    one.drop(kJoining);
    one.add(kFollowed);
  }
}

// The end of a resume names its channels: one that is missing may not be followed any more, and asking tells why.
void ClientSession::resumed(const std::vector<Channel>& channels) {
  resuming_ = false;
  copy(kFollowed, kResumed);
  drop_all(kFollowed);
  for (const Channel& channel : channels) {
    Interest& one = interest(channel);
    if (one.is(kResumed)) one.add(kFollowed);
  }
  drop_all(kResumed);
  subscribe_missing();
}

void ClientSession::unsubscribe_answered(std::int64_t id) {
  for (Interest& one : interests_) {
    if (one.leaving == id) one.drop(kLeaving);
  }
}

void ClientSession::subscribe_refused(std::int64_t id, const Refusal& error) {
  std::vector<Channel> halves[2];
  std::size_t count = 0;
  for (Interest& one : interests_) {
    if (one.asked != id || !one.is(kJoining)) continue;
    halves[count++ % 2].emplace_back() = one.channel;
    if (is_temporary(error.code)) one.drop(kJoining);
  }
  if (count == 0) return;
  if (is_temporary(error.code)) return arm(kRejoin, std::max(error.retry_after, kRejoinAfter));
  if (count == 1) return refuse(halves[0][0], error);
  // Some of them are refused: halves find out which.
  for (const auto& half : halves) subscribe(half);
}

void ClientSession::refuse(const Channel& channel, const Refusal& error) {
  interest(channel).drop(kWanted | kFollowed | kJoining);
  retain(kWanted);
  sink_.channel_refused(channel, error);
}

// Forgets the jobs that these channels do not carry. For a user a queue's channel carries counts, not jobs; others who
// may follow one see its jobs.
void ClientSession::retain(Standing having, std::uint8_t lacking, bool or_told) {
  const bool queues_carry = status_.role != "user";
  std::vector<Channel> channels;
  for (const Interest& one : interests_) {
    if (!one.is(having) || one.is(lacking) || (one.channel.kind == ChannelKind::queue && !queues_carry)) continue;
    channels.emplace_back() = one.channel;
  }
  store_.retain(channels, or_told);
}

// What was under way when a channel was left belongs to nobody, even where the channel is wanted again: its second
// telling begins after the answer, from the start, where what was removed in between is not told.
void ClientSession::retain_while_leaving() {
  if (count(kLeaving) != 0) retain(kWanted, kLeaving);
}

void ClientSession::ask_syncs() {
  std::uint32_t slot = 0;
  while (socket_phase_ == SocketPhase::live && store_.next_doubt(slot) != nullptr) {
    begin_command("sync", json::kNoId);
    json_.key("jobIds").begin_array();
    const JobId* job = nullptr;
    for (std::size_t count = 0; count < kMostSyncs && (job = store_.next_doubt(slot)) != nullptr; ++count) {
      json_.string(job->value);
      store_.asked(job->value);
    }
    json_.end_array();
    end_command();
  }
}

// ---- commands ----

void ClientSession::send_commands() {
  for (WaitingCommand& command : commands_) {
    if (command.sent) continue;
    command.sent = true;
    if (socket_phase_ == SocketPhase::live) {
      begin_command("cancel", command.id);
      json_.field("jobId", command.job_id.value).field_if("reason", command.reason);
      end_command();
    } else {
      sink_.request(command.id, command.job_id, command.reason);
    }
  }
}

std::list<ClientSession::WaitingCommand>::iterator ClientSession::waiting(std::int64_t id) {
  return std::find_if(commands_.begin(), commands_.end(), [id](const WaitingCommand& one) { return one.id == id; });
}

void ClientSession::finish_command(std::int64_t id, const Refusal* error) {
  const auto found = waiting(id);
  if (found == commands_.end()) return;
  commands_.erase(found);
  sink_.command_done(id, error);
}

void ClientSession::expire_commands(bool all) {
  const Refusal unanswered{ErrorCode::unavailable, "the server has not answered", "", 0};
  UnixMs next = 0;
  for (auto at = commands_.begin(); at != commands_.end();) {
    const WaitingCommand& command = *at++;
    if (all || command.deadline <= now_) {
      finish_command(command.id, &unanswered);
    } else if (next == 0 || command.deadline < next) {
      next = command.deadline;
    }
  }
  disarm(kCommand);
  if (next != 0) arm(kCommand, next - now_);
}

// A network that fails keeps the command waiting: asking twice is one request.
void ClientSession::requested(UnixMs now, std::int64_t id, int status, std::string_view body) {
  enter(now);
  const auto found = waiting(id);
  if (found != commands_.end()) {
    if (status >= 200 && status < 300) {
      finish_command(id, nullptr);
    } else if (status == 0 || status == 401 || status == 429 || status == 503) {
      found->sent = false;
    } else {
      const Refusal refusal = problem(body);
      finish_command(id, &refusal);
    }
  }
  settle();
}

}  // namespace jobwire
