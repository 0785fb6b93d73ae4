// The composition root: builds the parts from the configuration, hands them to each other, and runs them on one loop.
#pragma once

#include <memory>

#include "config.h"
#include "jobwire/result.h"
#include "keys.h"

namespace jobwire {

class Server {
 public:
  Server(Config config, Keys keys);
  ~Server();

  // Takes the store and the port; prints the ready line. The error is for the operator.
  Status start();
  // Until SIGTERM or SIGINT: then drains, within the configured bound. A second signal ends the process at once.
  // Returns the exit code: 0, or 1 where the log could not finish in time.
  int run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace jobwire
