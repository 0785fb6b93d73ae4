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

ClientSession::Channels& ClientSession::held() {
  return socket_phase_ == SocketPhase::greeting ? hello_channels_ : followed_;
}

void ClientSession::subscribe_missing() {
  if (socket_phase_ < SocketPhase::greeting) return;
  Channels missing;
  for (const Channel& channel : wanted_) {
    if (!held().contains(channel) && !joining_.contains(channel)) missing.insert(channel);
  }
  if (!missing.empty()) subscribe(std::move(missing));
}

void ClientSession::subscribe(Channels channels) {
  for (const Channel& channel : channels) joining_.insert(channel);
  asked_.push_back({++last_id_, false, std::move(channels)});
  send_channels("subscribe", asked_.back());
}

void ClientSession::send_channels(std::string_view event, const AskedChannels& asked) {
  std::string text;
  JsonWriter json = json::begin_command(text, event, asked.id);
  json::write_channels(json.key("channels"), asked.channels.list());
  end_command(json, text);
}

// The answer tells when nothing more of these channels is under way.
void ClientSession::unsubscribe(const Channels& channels) {
  if (socket_phase_ < SocketPhase::greeting) return;
  for (const Channel& channel : channels) {
    joining_.erase(channel);
    held().erase(channel);
  }
  asked_.push_back({++last_id_, true, channels});
  send_channels("unsubscribe", asked_.back());
}

// A channel that was left and is wanted again may still be named for its first stay: that one has ended.
void ClientSession::now_followed(const std::vector<Channel>& channels) {
  for (const Channel& channel : channels) {
    const bool ended = std::any_of(asked_.begin(), asked_.end(), [&](const AskedChannels& one) {
      return one.leaving && one.channels.contains(channel);
    });
    if (!ended && joining_.erase(channel)) followed_.insert(channel);
  }
}

// The end of a resume names its channels: one that is missing may not be followed any more, and asking tells why.
void ClientSession::resumed(const std::vector<Channel>& channels) {
  resuming_ = false;
  Channels named;
  for (const Channel& channel : channels) {
    if (followed_.contains(channel)) named.insert(channel);
  }
  followed_ = std::move(named);
  subscribe_missing();
}

void ClientSession::subscribe_answered(AskedChannels asked, const Refusal& error) {
  Channels halves[2];  // of what is not settled otherwise
  std::size_t count = 0;
  for (const Channel& channel : asked.channels) {
    if (joining_.contains(channel)) halves[count++ % 2].insert(channel);
  }
  if (count == 0) return;
  if (is_temporary(error.code)) {
    for (const Channel& channel : asked.channels) joining_.erase(channel);
    return arm(kRejoin, std::max(error.retry_after, kRejoinAfter));
  }
  if (count == 1) {
    const Channel& channel = *halves[0].begin();
    joining_.erase(channel);
    return refuse(channel, error);
  }
  // Some of them are refused: halves find out which.
  for (Channels& half : halves) subscribe(std::move(half));
}

void ClientSession::refuse(const Channel& channel, const Refusal& error) {
  wanted_.erase(channel);
  followed_.erase(channel);
  retain(wanted_);
  sink_.channel_refused(channel, error);
}

// For who is no admin a queue's channel carries counts, not jobs.
ClientSession::Channels ClientSession::carrying(const Channels& channels) const {
  const bool queues_carry = status_.role.empty() || status_.role == "admin" || status_.role == "service";
  Channels found;
  for (const Channel& channel : channels) {
    if (queues_carry || channel.kind != ChannelKind::queue) found.insert(channel);
  }
  return found;
}

// Forgets the jobs that these channels do not carry.
void ClientSession::retain(const Channels& channels) { store_.retain(carrying(channels).list()); }

// What was under way when a channel was left belongs to nobody, even where the channel is wanted again: its second
// telling begins after the answer, from the start, where what was removed in between is not told.
void ClientSession::retain_while_leaving() {
  if (asked_.empty()) return;
  Channels staying = wanted_;
  bool leaving = false;
  for (const AskedChannels& asked : asked_) {
    if (!asked.leaving) continue;
    leaving = true;
    for (const Channel& channel : asked.channels) staying.erase(channel);
  }
  if (leaving) retain(staying);
}

void ClientSession::ask_syncs() {
  std::uint32_t slot = 0;
  while (socket_phase_ == SocketPhase::live && store_.next_doubt(slot) != nullptr) {
    std::string text;
    JsonWriter json = json::begin_command(text, "sync", {});
    json.key("jobIds").begin_array();
    const JobId* job = nullptr;
    for (std::size_t count = 0; count < kMostSyncs && (job = store_.next_doubt(slot)) != nullptr; ++count) {
      json.string(job->value);
      store_.asked(job->value);
    }
    json.end_array();
    end_command(json, text);
  }
}

// ---- commands ----

void ClientSession::send_commands() {
  for (WaitingCommand& command : commands_) {
    if (command.sent) continue;
    command.sent = true;
    if (socket_phase_ == SocketPhase::live) {
      std::string text;
      JsonWriter json = json::begin_command(text, "cancel", command.id);
      json.field("jobId", command.job_id.value).field_if("reason", command.reason);
      end_command(json, text);
    } else {
      sink_.request(command.id, command.job_id, command.reason);
    }
  }
}

std::vector<ClientSession::WaitingCommand>::iterator ClientSession::waiting(std::int64_t id) {
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
  for (std::size_t at = 0; at < commands_.size();) {
    const WaitingCommand& command = commands_[at];
    if (all || command.deadline <= now_) {
      finish_command(command.id, &unanswered);
    } else {
      if (next == 0 || command.deadline < next) next = command.deadline;
      ++at;
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
      const Problem problem(body);
      finish_command(id, &problem.refusal);
    }
  }
  settle();
}

}  // namespace jobwire
