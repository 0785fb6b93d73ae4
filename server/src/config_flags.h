// Every setting by its one name: the flag --max-jobs, the environment's JOBWIRE_MAX_JOBS, the file's key max-jobs.
#pragma once

#include "config.h"

namespace CLI {
class App;
}

namespace jobwire {

// Declares them, to be read into `config`, which outlives the app.
void declare_flags(CLI::App& app, Config& config);

}  // namespace jobwire
