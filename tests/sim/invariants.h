// What must hold, whatever happened. Each returns what is wrong, nothing where all is well.
#pragma once

#include <string>
#include <vector>

#include "world.h"

namespace jobwire::sim {

using Findings = std::vector<std::string>;

// Every client's folded view equals the server's table for its channels, and holds nothing else.
Findings views_equal_the_table(World& world);
// Every client is connected, synced and without doubts or open commands.
Findings everybody_is_served(World& world);
// Everything in the client's followed channels up to its cursor has been told.
Findings cursor_is_truthful(World& world, const Client& client);
// What was acknowledged is in the log, once.
Findings acknowledged_events_are_there(World& world);
// A job that a client saw running and that has ended: it was told of the end, once.
Findings ends_were_told(World& world);

// Is this job in the client's channels, and may its present principal see it?
bool belongs_to(const Client& client, const JobState& job);

}  // namespace jobwire::sim
