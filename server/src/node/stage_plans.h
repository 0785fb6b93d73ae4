// What the stages of a type of job are called and how far along each begins: an event that names only its stage gets
// its percentage and text, one that tells only its percentage gets its stage. Filled in before the append, so that the
// log, and everybody who follows it, has the whole.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "jobwire/job_event.h"
#include "jobwire/result.h"

namespace jobwire::node {

struct PlannedStage {
  std::string name;
  Percent begins_at;
  std::string text;
  bool operator==(const PlannedStage&) const = default;
};

struct StagePlan {
  std::string type;                  // of the jobs that follow it
  std::vector<PlannedStage> stages;  // in rising order of begins_at
  bool operator==(const StagePlan&) const = default;
};

// "type: name=percent text; name=percent text; ..."; the text may be left out, and is then the name. The stage at 0 to
// 100 that comes first is that of `started`; what stands at 100 is said when the job completes. No stage: no plan.
Result<StagePlan> parse_stage_plan(std::string_view line);

// youtube-video, file-upload and transcript.
std::vector<StagePlan> built_in_stage_plans();

class StagePlans {
 public:
  StagePlans() = default;
  explicit StagePlans(std::vector<StagePlan> plans) {
    for (StagePlan& plan : plans) set(std::move(plan));
  }
  void set(StagePlan plan);  // replaces that of the same type
  // Is there a plan for the job that the event is of?
  bool concerns(const JobState* head, const JobEvent& event) const { return plan_for(head, event) != nullptr; }

  // `head`: the job before the event, or null. What the event says itself is never changed, but for a stage that is
  // told by its text, which becomes its name.
  void fill(const JobState* head, JobEvent& event) const;

 private:
  const StagePlan* plan_for(const JobState* head, const JobEvent& event) const;

  std::map<std::string, StagePlan, std::less<>> plans_;
};

}  // namespace jobwire::node
