#include "auth/principal.h"

#include <catch2/catch.hpp>

using namespace jobwire;
using namespace jobwire::auth;

namespace {

JobState job_of(std::string id, std::string owner) {
  JobState job;
  job.id.value = std::move(id);
  job.identity.user_id.value = std::move(owner);
  return job;
}

Principal user(std::string name) {
  Principal who;
  who.role = Role::user;
  who.user = std::move(name);
  return who;
}

Principal with_role(Role role) {
  Principal who;
  who.role = role;
  return who;
}

Principal token_for(std::string job, std::string name = {}) {
  Principal who = user(std::move(name));
  who.jobs = {std::move(job)};
  who.only_named_jobs = true;
  return who;
}

Channel channel(ChannelKind kind, std::string id = {}) { return {kind, std::move(id)}; }

}  // namespace

TEST_CASE("an owner sees, cancels and retries their own jobs and nobody else's") {
  const Principal alice = user("alice");
  CHECK(may_see(alice, job_of("1", "alice")));
  CHECK(may_cancel(alice, job_of("1", "alice")));
  CHECK(may_retry(alice, job_of("1", "alice")));
  CHECK_FALSE(may_see(alice, job_of("2", "bob")));
  CHECK_FALSE(may_cancel(alice, job_of("2", "bob")));
  CHECK_FALSE(may_retry(alice, job_of("2", "bob")));
}

TEST_CASE("a job without owner is for admins and services only") {
  const JobState ownerless = job_of("1", "");
  CHECK_FALSE(may_see(user("alice"), ownerless));
  CHECK_FALSE(may_see(user(""), ownerless));
  CHECK_FALSE(may_see(Principal{}, ownerless));
  CHECK(may_see(with_role(Role::admin), ownerless));
  CHECK(may_see(with_role(Role::service), ownerless));
}

TEST_CASE("the user `dev` owns jobs without owner, and no others") {
  Principal dev = user("dev");
  dev.owns_ownerless = true;
  CHECK(may_see(dev, job_of("1", "")));
  CHECK(may_cancel(dev, job_of("1", "")));
  CHECK(may_see(dev, job_of("1", "dev")));
  CHECK_FALSE(may_see(dev, job_of("1", "alice")));
}

TEST_CASE("a token that names a job sees that job whoever owns it, and nothing else") {
  const Principal holder = token_for("1", "alice");
  CHECK(may_see(holder, job_of("1", "bob")));
  CHECK_FALSE(may_see(holder, job_of("2", "alice")));
  CHECK(may_follow(holder, channel(ChannelKind::job, "1")));
  CHECK_FALSE(may_follow(holder, channel(ChannelKind::job, "2")));
  CHECK_FALSE(may_follow(holder, channel(ChannelKind::user, "alice")));
  CHECK_FALSE(may_follow(holder, channel(ChannelKind::queue, "normal")));
  CHECK_FALSE(may_publish(holder));
  CHECK_FALSE(may_administer(holder));
}

TEST_CASE("a token that names a job may cancel it only for its owner") {
  CHECK_FALSE(may_cancel(token_for("1"), job_of("1", "")));
  CHECK_FALSE(may_cancel(token_for("1", "alice"), job_of("1", "bob")));
  CHECK(may_cancel(token_for("1", "alice"), job_of("1", "alice")));
  CHECK_FALSE(may_cancel(token_for("1", "alice"), job_of("2", "alice")));
}

TEST_CASE("naming jobs takes every other right away, even from an admin's token") {
  Principal who = token_for("1");
  who.role = Role::admin;
  CHECK_FALSE(may_see(who, job_of("2", "")));
  CHECK_FALSE(may_follow(who, channel(ChannelKind::all_jobs)));
  CHECK_FALSE(may_publish(who));
  CHECK(visibility(who) == Visibility::viewer);
}

TEST_CASE("a user follows any job by id, for whether it is theirs is decided at delivery") {
  CHECK(may_follow(user("alice"), channel(ChannelKind::job, "of-whomever")));
}

TEST_CASE("a user follows their own channel and any queue, and no other wide channel") {
  const Principal alice = user("alice");
  CHECK(may_follow(alice, channel(ChannelKind::user, "alice")));
  CHECK_FALSE(may_follow(alice, channel(ChannelKind::user, "bob")));
  CHECK(may_follow(alice, channel(ChannelKind::queue, "normal")));
  CHECK_FALSE(may_follow(alice, channel(ChannelKind::all_jobs)));
  CHECK_FALSE(may_follow(alice, channel(ChannelKind::admin)));
  CHECK_FALSE(may_follow(user(""), channel(ChannelKind::user, "")));
}

TEST_CASE("admins and services follow everything, publish and administer") {
  for (const Role role : {Role::admin, Role::service}) {
    const Principal who = with_role(role);
    for (const ChannelKind kind :
         {ChannelKind::job, ChannelKind::user, ChannelKind::queue, ChannelKind::all_jobs, ChannelKind::admin}) {
      CHECK(may_follow(who, channel(kind, "x")));
    }
    CHECK(may_publish(who));
    CHECK(may_administer(who));
    CHECK(may_cancel(who, job_of("1", "alice")));
    CHECK(visibility(who) == Visibility::admin);
  }
}

TEST_CASE("users neither publish nor administer, and see what viewers see") {
  CHECK_FALSE(may_publish(user("alice")));
  CHECK_FALSE(may_administer(user("alice")));
  CHECK(visibility(user("alice")) == Visibility::viewer);
}

TEST_CASE("under --anonymous who knows an id may follow and see that job, and do nothing else") {
  Principal holder;
  holder.knows_by_id = true;
  CHECK(may_follow(holder, channel(ChannelKind::job, "unguessable")));
  CHECK(may_see(holder, job_of("unguessable", "alice")));
  CHECK_FALSE(may_cancel(holder, job_of("unguessable", "")));
  CHECK_FALSE(may_retry(holder, job_of("unguessable", "")));
  CHECK_FALSE(may_publish(holder));
  CHECK_FALSE(may_follow(holder, channel(ChannelKind::all_jobs)));
  CHECK_FALSE(may_follow(holder, channel(ChannelKind::user, "alice")));
  CHECK_FALSE(may_follow(holder, channel(ChannelKind::queue, "normal")));
}

TEST_CASE("nobody in particular may do nothing") {
  CHECK_FALSE(may_follow(Principal{}, channel(ChannelKind::job, "1")));
  CHECK_FALSE(may_see(Principal{}, job_of("1", "alice")));
  CHECK(role_name(Role::anonymous) == "anonymous");
  CHECK(role_name(Role::service) == "service");
}
