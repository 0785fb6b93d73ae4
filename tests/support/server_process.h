// The real jobwire-server as a process of this test's own, on a free port.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/temp_folder.h"

namespace jobwire::test {

using Environment = std::vector<std::pair<std::string, std::string>>;

// Runs jobwire-server with these arguments. JOBWIRE_* of the test's own environment do not reach it; `environment`
// does.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments, Environment environment = {});
  ~Process();  // kill -9, if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const;
  void signal(int number);
  // Exit code, or 128 + the signal that ended it; nullopt: it still runs after `seconds`.
  std::optional<int> wait(int seconds = 20);
  // Waits for a line of standard output that contains `text`, and returns it; nullopt: it ended, or 20 s passed.
  std::optional<std::string> wait_for_line(const std::string& text);
  std::string output() const;  // standard output so far
  std::string errors() const;  // standard error so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A server that serves: `--port 0` is added, and the constructor returns when it listens. Throws when it does not.
class ServerProcess {
 public:
  explicit ServerProcess(std::vector<std::string> arguments = {}, Environment environment = {});

  std::uint16_t port() const { return port_; }
  const std::string& url() const { return url_; }
  Process& process() { return *process_; }
  void kill() { process_->signal(9), process_->wait(); }
  std::optional<int> terminate() { return process_->signal(15), process_->wait(); }

 private:
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
  std::string url_;
};

// Runs to the end: exit code, standard output, standard error.
struct Finished {
  int code = -1;
  std::string output;
  std::string errors;
};
Finished run_server(std::vector<std::string> arguments, Environment environment = {});

}  // namespace jobwire::test
