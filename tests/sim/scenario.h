// Words of the scenarios: one misfortune at a time, each named by what must hold.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "invariants.h"
#include "support/events.h"

namespace jobwire::sim {

inline const Channel kAlice{ChannelKind::user, "alice"};
inline const Channel kAll{ChannelKind::all_jobs, ""};

inline Channel job_channel(const std::string& id) { return {ChannelKind::job, id}; }

// Publishes at once, and waits until it is committed and told.
inline void report(World& world, JobEvent event, const std::string& owner = "alice") {
  event.identity.user_id.value = owner;
  world.server().publish({std::move(event)}, {});
  world.run_for(300);
}

inline Client& page_of(World& world, auth::Principal who, const std::vector<Channel>& channels,
                       ClientOptions options = World::default_options()) {
  Client& client = world.add_client(std::move(who), std::move(options));
  client.follow(channels);
  client.start();
  return client;
}

inline ConnectionState state_of(const Client& client) { return client.session().status().state; }
inline JobStatus status_of(const Client& client, const std::string& job) {
  const JobState* seen = client.store().find({job});
  REQUIRE(seen != nullptr);
  return seen->status;
}

inline void everything_holds(World& world) {
  CHECK(world.violations == Findings{});
  CHECK(everybody_is_served(world) == Findings{});
  CHECK(views_equal_the_table(world) == Findings{});
  CHECK(ends_were_told(world) == Findings{});
  CHECK(acknowledged_events_are_there(world) == Findings{});
}

}  // namespace jobwire::sim
