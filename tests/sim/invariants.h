// What must hold, whatever happened. Each returns what is wrong, nothing where all is well.
#pragma once

#include <string>
#include <vector>

#include "world.h"

namespace jobwire::sim {

using Findings = std::vector<std::string>;

// Every client's and reader's folded view equals the server's table for its channels, and holds nothing else.
Findings views_equal_the_table(World& world);
// Every client is connected, synced and without doubts or open commands; every reader is synced.
Findings everybody_is_served(World& world);
// Everything in the followed channels up to the cursor has been told.
Findings cursor_is_truthful(World& world, const Client& client);
Findings cursor_is_truthful(World& world, const Reader& reader);
// What was acknowledged is in the log, once.
Findings acknowledged_events_are_there(World& world);
// A job that a client saw running and that has ended: it was told of the end, once.
Findings ends_were_told(World& world);

}  // namespace jobwire::sim
