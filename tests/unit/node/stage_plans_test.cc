#include "node/stage_plans.h"

#include <catch2/catch.hpp>

#include "node_fixture.h"

using namespace jobwire;
using namespace jobwire::node;
using namespace jobwire::test;

namespace {

StagePlans built_in() { return StagePlans(built_in_stage_plans()); }

JobState job_of(std::string_view type, JobStatus status = JobStatus::active) {
  JobState job;
  job.identity.type = type;
  job.status = status;
  job.seq = 1;
  return job;
}

JobEvent filled(JobEvent event, std::string_view type = "youtube-video", JobStatus status = JobStatus::active) {
  const JobState head = job_of(type, status);
  built_in().fill(&head, event);
  return event;
}

NodeOptions with_plans() {
  NodeOptions options;
  options.stage_plans = built_in();
  return options;
}

std::string rule_of(std::string_view line) {
  const auto plan = parse_stage_plan(line);
  return plan ? "" : plan.error().message;
}

}  // namespace

TEST_CASE("an event that names only its stage gets its percentage and text") {
  const JobEvent expected = with_message(with_stage(progress("j", 80), "thumbnails"), "Generating thumbnails");
  CHECK(filled(with_stage(updated("j"), "thumbnails")) == expected);
  CHECK(filled(with_stage(updated("j"), "Generating thumbnails")) == expected);
  CHECK(filled(with_message(updated("j"), "Generating thumbnails")) == expected);
}

TEST_CASE("an event that tells only its percentage gets the stage that it has reached, once") {
  CHECK(filled(progress("j", 80)) ==
        with_message(with_stage(progress("j", 80), "thumbnails"), "Generating thumbnails"));
  CHECK(filled(progress("j", 85)).stage == "thumbnails");
  CHECK(filled(progress("j", 5)) == progress("j", 5));
  JobState there = job_of("youtube-video");
  there.stage = "thumbnails";
  JobEvent event = progress("j", 85);
  built_in().fill(&there, event);
  CHECK(event == progress("j", 85));
}

TEST_CASE("what an event says itself stays") {
  const JobEvent own = with_message(with_stage(progress("j", 33), "thumbnails"), "picture 3 of 9");
  CHECK(filled(own) == own);
  const JobEvent other = with_stage(progress("j", 33), "my own stage");
  CHECK(filled(other) == other);
  CHECK(filled(updated("j", "warming up")) == updated("j", "warming up"));
  CHECK(filled(log_line("j", "a line")) == log_line("j", "a line"));
  CHECK(filled(with_message(completed("j"), "nine pictures")).message == "nine pictures");
}

TEST_CASE("start and end have their words") {
  const JobEvent start = filled(started("j", "w"), "transcript", JobStatus::queued);
  CHECK(start.stage == "started");
  CHECK(start.message == "Job processing started");
  CHECK(std::get<event::Started>(start.body).progress == percent(10));
  CHECK(filled(started("j"), "transcript") == started("j"));  // it has begun already
  CHECK(filled(completed("j"), "transcript").message == "Job completed successfully");
  CHECK(filled(failed("j"), "transcript") == failed("j"));
}

TEST_CASE("jobs of other types have no plan") {
  CHECK(filled(progress("j", 80), "pdf") == progress("j", 80));
  CHECK(filled(with_stage(updated("j"), "thumbnails"), "pdf") == with_stage(updated("j"), "thumbnails"));
}

TEST_CASE("a plan is read from one line") {
  const auto plan = parse_stage_plan("pdf: open=5 Opening, and looking; pages=12.5; done=100 Done;");
  REQUIRE(plan);
  CHECK(plan->type == "pdf");
  CHECK(plan->stages == std::vector<PlannedStage>{{"open", percent(5), "Opening, and looking"},
                                                  {"pages", percent(12.5), "pages"},
                                                  {"done", kWhole, "Done"}});
  StagePlans plans = built_in();
  plans.set(*parse_stage_plan("transcript:"));
  JobEvent event = progress("j", 50);
  const JobState job = job_of("transcript");
  plans.fill(&job, event);
  CHECK(event == progress("j", 50));
}

TEST_CASE("a plan that breaks a rule says which") {
  CHECK(rule_of("pdf") == "stage-plan: 'pdf' must be type: name=percent text; ...");
  CHECK(rule_of("pdf: pages") == "stage-plan: 'pages' must be name=percent text");
  CHECK(rule_of("pdf: pages=many") == "stage-plan: 'pages=many' must have a percentage from 0 to 100 after the =");
  CHECK(rule_of("pdf: pages=101") == "stage-plan: 'pages=101' must have a percentage from 0 to 100 after the =");
  CHECK(rule_of("pdf: pages=nan") == "stage-plan: 'pages=nan' must have a percentage from 0 to 100 after the =");
  CHECK(rule_of("pdf: a=10; b=10") == "stage-plan: the percentages of pdf must rise");
  CHECK(rule_of("pdf: a=10; a=20") == "stage-plan: 'a' stands twice in the plan of pdf");
  CHECK(rule_of(": a=10") == "stage-plan: '' must be a type of 1 to 128 bytes");
  CHECK(rule_of("pdf: =10") == "stage-plan: '' must be a name of 1 to 128 bytes");
}

TEST_CASE("the log, and so everybody, has the filled event") {
  NodeFixture fixture(with_plans());
  fixture.submit({with_type(queued("j"), "youtube-video"), started("j")});
  CHECK(fixture.job("j")->progress == percent(10));
  CHECK(fixture.job("j")->message == "Job processing started");
  fixture.submit(with_stage(updated("j"), "Fetching video data"));
  CHECK(fixture.job("j")->progress == percent(20));
  CHECK(fixture.job("j")->stage == "fetching");
  fixture.start();
  CHECK(fixture.job("j")->stage == "fetching");
  fixture.submit(completed("j"));
  CHECK(fixture.job("j")->message == "Job completed successfully");
}

TEST_CASE("a repeat is known by what was reported, whatever was filled in meanwhile") {
  NodeFixture fixture(with_plans());
  fixture.submit(with_type(queued("j"), "youtube-video"));
  const JobEvent start = with_event_id(started("j"), "e1");
  CHECK(fixture.submit(start).appended);
  fixture.submit(progress("j", 85));
  CHECK(fixture.submit(start).repeated);
  const node::Verdict other = fixture.submit(with_event_id(started("j", "another worker"), "e1"));
  REQUIRE(other.error);
  CHECK(other.error->code == ErrorCode::event_id_reused);
  fixture.options.stage_plans = {};
  fixture.start();
  CHECK(fixture.submit(start).repeated);
}
