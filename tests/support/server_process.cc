#include "support/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "support/places.h"

extern char** environ;

namespace jobwire::test {
namespace {

// What would change the server's configuration.
bool configures(std::string_view entry) {
  for (const char* name : {"CORS_ORIGIN=", "ALLOWED_ORIGINS=", "WEBSOCKET_CORS_ORIGIN=", "ACCESS_TOKEN_SECRET="}) {
    if (entry.starts_with(name)) return true;
  }
  return entry.starts_with("JOBWIRE_");
}

std::vector<std::string> child_environment(const Environment& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const auto replaced = [entry](const auto& one) { return std::string_view(*entry).starts_with(one.first + "="); };
    if (!configures(*entry) && std::none_of(added.begin(), added.end(), replaced)) all.emplace_back(*entry);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> raw;
  for (std::string& text : texts) raw.push_back(text.data());
  raw.push_back(nullptr);
  return raw;
}

}  // namespace

struct Process::State {
  pid_t pid = -1;
  int out = -1;
  int err = -1;
  std::thread reader;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::string output;
  std::string errors;
  bool closed = false;
  std::optional<int> exit_code;

  // Until both pipes are closed: a child that fills a pipe must not wait for the test.
  void read_all() {
    pollfd polls[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
    std::string* texts[2] = {&output, &errors};
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
      ::poll(polls, 2, -1);
      for (int i = 0; i < 2; ++i) {
        if (polls[i].fd < 0 || polls[i].revents == 0) continue;
        char part[4096];
        const ssize_t count = ::read(polls[i].fd, part, sizeof part);
        std::lock_guard lock(mutex);
        if (count > 0) texts[i]->append(part, static_cast<std::size_t>(count));
        if (count <= 0) polls[i].fd = -1;
        changed.notify_all();
      }
    }
    std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
  }
};

Process::Process(std::vector<std::string> arguments, Environment environment) : state_(std::make_unique<State>()) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
  const std::string binary = build_folder() + "/jobwire-server";
  arguments.insert(arguments.begin(), binary);
  std::vector<std::string> variables = child_environment(environment);
  const int failed = ::posix_spawn(&state_->pid, binary.c_str(), &actions, nullptr, pointers(arguments).data(),
                                   pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  ::close(err[1]);
  state_->out = out[0];
  state_->err = err[0];
  if (failed != 0) {
    ::close(out[0]);
    ::close(err[0]);
    throw std::runtime_error("cannot start " + binary + ": " + std::strerror(failed));
  }
  state_->reader = std::thread([state = state_.get()] { state->read_all(); });
}

Process::~Process() {
  if (!state_->exit_code) {
    signal(SIGKILL);
    wait();
  }
  state_->reader.join();
  ::close(state_->out);
  ::close(state_->err);
}

pid_t Process::pid() const { return state_->pid; }

void Process::signal(int number) {
  if (!state_->exit_code) ::kill(state_->pid, number);
}

std::optional<int> Process::wait(int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!state_->exit_code) {
    int status = 0;
    if (::waitpid(state_->pid, &status, WNOHANG) == state_->pid) {
      state_->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      break;
    }
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // waitpid has no timeout of its own
  }
  // What it wrote last is read before the caller looks at it.
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_until(lock, deadline, [this] { return state_->closed; });
  return state_->exit_code;
}

std::optional<std::string> Process::wait_for_line(const std::string& text) {
  std::unique_lock lock(state_->mutex);
  std::size_t from = 0;
  std::optional<std::string> found;
  const auto look = [&] {
    for (std::size_t end = state_->output.find('\n', from); end != std::string::npos;
         end = state_->output.find('\n', from)) {
      std::string line = state_->output.substr(from, end - from);
      from = end + 1;
      if (line.find(text) == std::string::npos) continue;
      found = std::move(line);
      return true;
    }
    return state_->closed;
  };
  state_->changed.wait_for(lock, std::chrono::seconds(20), look);
  return found;
}

std::string Process::output() const {
  std::lock_guard lock(state_->mutex);
  return state_->output;
}

std::string Process::errors() const {
  std::lock_guard lock(state_->mutex);
  return state_->errors;
}

ServerProcess::ServerProcess(std::vector<std::string> arguments, Environment environment) {
  arguments.insert(arguments.end(), {"--port", "0"});
  process_ = std::make_unique<Process>(std::move(arguments), std::move(environment));
  const auto line = process_->wait_for_line("listening on ");
  if (!line) throw std::runtime_error("the server does not listen: " + process_->errors());
  url_ = line->substr(line->find("listening on ") + 13);
  url_ = url_.substr(0, url_.find(' '));
  port_ = static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
}

Finished run_server(std::vector<std::string> arguments, Environment environment) {
  Process process(std::move(arguments), std::move(environment));
  const auto code = process.wait();
  return {code.value_or(-1), process.output(), process.errors()};
}

}  // namespace jobwire::test
