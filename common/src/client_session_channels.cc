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

// The next of the lines; false at their end.
bool ClientSession::next_channel(std::string_view& lines, Channel& into) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const char* const rule = read_channel(line, into);
    if (rule == nullptr) return true;
    text_.assign("channels").append(rule);
    sink_.channel_refused(line, {ErrorCode::bad_request, text_, "channels", 0});
  }
  return false;
}

void ClientSession::subscribe_missing() {
  if (socket_phase_ < SocketPhase::greeting) return;
  const Standing held = socket_phase_ == SocketPhase::greeting ? kGreeted : kFollowed;
  const std::int64_t left = last_left();
  bool misses = false;
  for (Interest& one : interests_) {
    if (!one.is(kWanted) || one.is(held | kJoining)) continue;
    ask_for(one, last_id_ + 1, left);
    misses = true;
  }
  if (misses) send_channels("subscribe");
}

// By this command. `left`: the last unsubscribe that is not answered yet; until it is, what is told of this channel's
// jobs is told by what was left.
void ClientSession::ask_for(Interest& one, std::int64_t id, std::int64_t left) {
  one.add(left == 0 ? kJoining : kJoining | kLeaving);
  one.asked = id;
  one.left = left;
}

// Names the channels that are marked as asked for, or left, by the next command.
void ClientSession::send_channels(std::string_view event) {
  begin_command(event, ++last_id_);
  write_channels("channels", kJoining | kLeaving, last_id_);
  end_command();
}

// `named_by`: only those that this command is to name.
void ClientSession::write_channels(std::string_view name, std::uint8_t having, std::int64_t named_by) {
  json_.key(name).begin_array();
  for (const Interest& one : interests_) {
    const bool is_named = named_by == 0 || one.asked == named_by || one.left == named_by;
    if (is_named && one.is(having)) json_.string(to_string(one.channel));
  }
  json_.end_array();
}

// What a message names as followed.
bool ClientSession::mark_named(json::Value value) {
  Channel channel;
  if (!value.is(json::Kind::string) || read_channel(value.text(), channel) != nullptr) return false;
  interest(channel).add(kNamed);
  return true;
}

// A channel that was left and is wanted again may still be named for its first stay: that one has ended.
void ClientSession::now_followed() {
  for (Interest& one : interests_) {
    if (!one.is(kNamed) || !one.is(kJoining) || one.is(kLeaving)) continue;
    one.drop(kJoining);
    one.add(kFollowed);
  }
}

// With another token, of which the server has dropped without a word what may not be followed, be it still joining.
// What its new view does not name is asked for again.
void ClientSession::renewed() {
  for (Interest& one : interests_) one.asked = 0;
}

// The end of a resume names its channels: one that is missing may not be followed any more, and asking tells why.
void ClientSession::resumed() {
  resuming_ = false;
  for (Interest& one : interests_) {
    if (one.is(kNamed)) continue;
    one.drop(kFollowed);
    if (one.asked == 0) one.drop(kJoining);
  }
  subscribe_missing();
}

// 0: there is none.
std::int64_t ClientSession::last_left() const {
  std::int64_t last = 0;
  for (const Interest& one : interests_) {
    if (one.is(kLeaving)) last = std::max(last, one.left);
  }
  return last;
}

void ClientSession::unsubscribe_answered(std::int64_t id) {
  retain_while_leaving();
  for (Interest& one : interests_) {
    if (one.left == id) one.drop(kLeaving);
  }
}

// Some of them are refused: halves find out which.
void ClientSession::subscribe_refused(std::int64_t id, const Refusal& error) {
  const bool again = is_temporary(error.code);
  const std::int64_t left = last_left();
  Interest* last = nullptr;
  std::size_t count = 0;
  for (Interest& one : interests_) {
    if (one.asked != id || !one.is(kJoining)) continue;
    last = &one;
    if (again) {
      one.drop(kJoining);
    } else {
      ask_for(one, last_id_ + 1 + count % 2, left);
    }
    ++count;
  }
  if (count == 0) return;
  if (again) return arm(kRejoin, std::max(error.retry_after, kRejoinAfter));
  if (count == 1) return refuse(*last, error);
  send_channels("subscribe");
  send_channels("subscribe");
}

void ClientSession::refuse(Interest& one, const Refusal& error) {
  one.drop(kWanted | kFollowed | kJoining);
  retain(kWanted);
  sink_.channel_refused(to_string(one.channel), error);
}

// Forgets the jobs that these channels do not carry. For a user a queue's channel carries counts, not jobs; others who
// may follow one see its jobs.
void ClientSession::retain(Standing having, std::uint8_t lacking, bool or_told) {
  const bool queues_carry = status_.role != "user";
  store_.retain(or_told, [&](const JobState& job) {
    for (const Interest& one : interests_) {
      if (!one.is(having) || one.is(lacking) || (one.channel.kind == ChannelKind::queue && !queues_carry)) continue;
      if (job.seq == 0 || carries(one.channel, job)) return true;
    }
    return false;
  });
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
      json_.field("jobId", command.job).field_if("reason", command.reason);
      end_command();
    } else {
      sink_.request(command.id, command.job, command.reason);
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

// The first has waited longest.
void ClientSession::expire_commands(bool all) {
  const Refusal unanswered{ErrorCode::unavailable, "the server has not answered", "", 0};
  while (!commands_.empty() && (all || commands_.front().deadline <= now_)) {
    finish_command(commands_.front().id, &unanswered);
  }
  disarm(kCommand);
  if (!commands_.empty()) arm(kCommand, commands_.front().deadline - now_);
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
