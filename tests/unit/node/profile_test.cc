#include "node/profile.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::node;

namespace {

struct At {
  std::string stage;
  UnixMs at;
};

// A job of type `pdf`, started at 1000, that entered these stages.
JobState job_of(std::vector<At> stages, UnixMs finished_at = 0) {
  JobState job;
  job.id.value = "a";
  job.identity.type = "pdf";
  job.started_at = 1'000;
  job.finished_at = finished_at;
  job.status = finished_at ? JobStatus::completed : JobStatus::active;
  for (const At& at : stages) {
    job.stages.push_back({at.stage, at.at});
    job.stage = at.stage;
  }
  return job;
}

using Left = std::optional<DurationMs>;

}  // namespace

TEST_CASE("an average is the mean of few samples, and follows newer ones later") {
  MovingAverage average;
  CHECK(average.empty());
  average.add(100);
  CHECK(average.value() == 100);
  average.add(200);
  CHECK(average.value() == 150);
  average.add(-50);  // a clock that went backwards is no negative duration
  CHECK(average.value() == 100);
  for (int i = 0; i < 200; ++i) average.add(5'000);
  CHECK(average.value() >= 4'990);
  CHECK(average.value() <= 5'000);
  average.add(INT64_MAX);
  CHECK(average.value() > 0);
}

TEST_CASE("the time left is the rest of this stage and all of the later ones") {
  Profile profile;
  profile.learn(job_of({{"extract", 1'000}, {"ocr", 3'000}, {"index", 9'000}}, 10'000));
  CHECK(profile.whole() == 9'000);
  CHECK(profile.remaining(job_of({{"extract", 1'000}}), 1'500) == Left(1'500 + 6'000 + 1'000));
  CHECK(profile.remaining(job_of({{"extract", 1'000}, {"ocr", 1'500}}), 2'500) == Left(5'000 + 1'000));
  CHECK(profile.remaining(job_of({{"extract", 1'000}, {"ocr", 1'500}}), 60'000) == Left(1'000));  // at least
  CHECK(profile.remaining(job_of({{"index", 2'000}}), 2'400) == Left(600));
}

TEST_CASE("no number for a job that takes longer than what was learnt") {
  Profile profile;
  profile.learn(job_of({}, 3'000));
  CHECK(profile.remaining(job_of({}), 2'000) == Left(1'000));
  CHECK(profile.remaining(job_of({}), 3'000) == Left());
  CHECK(profile.remaining(job_of({{"index", 1'000}}), 2'000) == Left(1'000));  // an unknown stage: by the whole
  CHECK(profile.remaining(job_of({{"index", 1'000}}), 4'000) == Left());
}

TEST_CASE("time before the first stage is a stage as well, and time queued in a stage is none") {
  Profile profile;
  profile.learn(job_of({{"load", 2'000}}, 4'000));
  CHECK(profile.remaining(job_of({}), 1'400) == Left(600 + 2'000));
  Profile waited;
  waited.learn(job_of({{"waiting", 200}, {"load", 1'500}}, 2'000));
  CHECK(waited.whole() == 1'000);
  CHECK(waited.remaining(job_of({{"waiting", 100}}), 1'100) == Left(400 + 500));
}

TEST_CASE("a stage that only some jobs go through counts by how often they do") {
  Profile profile;
  profile.learn(job_of({{"a", 1'000}, {"ocr", 2'000}, {"z", 6'000}}, 7'000));
  profile.learn(job_of({{"a", 1'000}, {"z", 2'000}}, 3'000));
  CHECK(profile.remaining(job_of({{"a", 1'000}}), 1'000) == Left(1'000 + 2'000 + 1'000));
}

TEST_CASE("types are told apart by queue, and only so many are remembered") {
  Profiles profiles(2);
  JobState pdf = job_of({}, 2'000);
  profiles.learn(pdf);
  JobState large = pdf;
  large.identity.queue = "large";
  CHECK(profiles.find(pdf));
  CHECK_FALSE(profiles.find(large));
  profiles.learn(large);
  profiles.learn(pdf);
  JobState video = pdf;
  video.identity.type = "video";
  profiles.learn(video);
  CHECK(profiles.size() == 2);
  CHECK(profiles.find(pdf));
  CHECK_FALSE(profiles.find(large));  // had not learnt for longest
  CHECK(profiles.find(video));
}

TEST_CASE("a profile's stages are bounded") {
  Profile profile;
  for (int i = 0; i < 1'000; ++i) profile.learn(job_of({{"s" + std::to_string(i), 1'000}}, 2'000));
  CHECK(profile.remaining(job_of({{"s1", 1'000}}), 1'000).value_or(1) >= 0);
}
