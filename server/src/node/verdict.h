// What the node answers about one submitted event.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "jobwire/error.h"
#include "jobwire/ids.h"

namespace jobwire::node {

// `job` is the state after it (or as it stands).
struct Verdict {
  JobId job_id;
  bool appended = false;  // false with no error: repeated, or nothing to do
  bool repeated = false;
  std::int64_t offset = 0;        // of the stored event; with nothing to do, the job's newest; 0 with an error
  std::int64_t seq = 0;           // the same
  bool cancel_requested = false;  // in the job's newest state, whatever the verdict
  std::optional<Error> error;
};
using SubmitDone = std::function<void(std::vector<Verdict>)>;

}  // namespace jobwire::node
