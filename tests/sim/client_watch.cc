// What no page may ever see.
#include <algorithm>

#include "client.h"

namespace jobwire::sim {

void Client::note_token(const std::string& token, const std::string& way) {
  if (token != token_) complain(way + " carries a token that is not the newest");
  if (token.empty()) return;
  const auth::Principal& holder = around_.tokens.holder(token);
  users_.insert(holder.role == auth::Role::admin ? "*" : holder.user);
}

const auth::Principal& Client::who() const { return token_.empty() ? who_ : around_.tokens.holder(token_); }

bool Client::told_as_who() const { return same_access(told_as_, who()); }

int Client::times_told_of_end(const JobState& job) const {
  const auto found = ends_.find(attempt_of(job));
  return found == ends_.end() ? 0 : found->second;
}

void Client::watch_view(bool reset) {
  reset_seen_ = reset_seen_ || reset;
  if (reset_seen_ && !store_.resetting()) {  // another epoch may be older
    reset_seen_ = false;
    shown_.clear();
    ends_.clear();
    running_.clear();
  }
  for (const StoreChange& change : store_.take()) {
    const JobState* job = store_.find(change.job_id);
    if (job == nullptr) {  // left, or removed: its end is nobody's business
      std::erase_if(running_, [&](const Attempt& attempt) { return std::get<JobId>(attempt) == change.job_id; });
      continue;
    }
    std::int64_t& highest = shown_[change.job_id];
    if (job->version < highest) {
      complain(change.job_id.value + " went back from version " + std::to_string(highest) + " to " +
               std::to_string(job->version));
    }
    highest = std::max(highest, job->version);
    if (!is_terminal(job->status)) running_.insert(attempt_of(*job));
    const std::string& owner = job->identity.user_id.value;
    if (users_.count("*") == 0 && users_.count(owner) == 0) complain("sees " + change.job_id.value + " of " + owner);
    // An end that was followed by a retry in the same breath is told with the next attempt's state.
    if ((change.fields & kChangedEnded) != 0 && is_terminal(job->status) && ++ends_[attempt_of(*job)] > 1) {
      complain("is told of the end of " + job->id.value + " twice");
    }
  }
  if (session_.status().synced && token_.size() > 0) told_as_ = around_.tokens.holder(token_);
  if (on_folded) on_folded(*this);
}

}  // namespace jobwire::sim
