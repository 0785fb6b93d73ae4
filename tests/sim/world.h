// Everything of one run: the store and the server on it, the clients, the back ends, and the faults that befall them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access.h"
#include "client.h"
#include "log/memory_log.h"
#include "publisher.h"
#include "reader.h"
#include "server.h"
#include "timeline.h"

namespace jobwire::sim {

class World {
 public:
  explicit World(std::uint64_t seed, ServerOptions options = {});

  // ---- the server's life ----
  void start_server();
  void kill_server();
  bool is_up() const { return server_ != nullptr; }
  Server& server() { return *server_; }
  void back_up() { backup_ = store_; }
  void restore_backup();  // with the server down; what happened since never did

  // ---- those around it ----
  Client& add_client(auth::Principal who, ClientOptions options = default_options());
  Publisher& add_publisher(int first_job, int jobs);
  Reader& add_reader(auth::Principal who, std::vector<Channel> channels, std::vector<Channel> later = {});
  static ClientOptions default_options();

  void run_for(DurationMs duration) { timeline.run_for(duration); }
  // Everything works again, and time passes until every page and back end had its chance.
  void heal(DurationMs patience = 150'000);

  bool truncates() const { return options_.node.wide_channel_start < 100; }  // wide channels
  std::size_t wide_channel_start() const { return options_.node.wide_channel_start; }
  bool forgets() const { return options_.node.tombstone_for < 3'600'000; }  // jobs, with their event ids
  std::vector<std::unique_ptr<Client>>& clients() { return clients_; }
  std::vector<std::unique_ptr<Reader>>& readers() { return readers_; }
  std::vector<std::unique_ptr<Publisher>>& publishers() { return publishers_; }

  Timeline timeline;
  Random random;
  Tokens tokens{timeline};
  std::vector<std::string> violations;
  std::function<void(Client&)> on_folded;  // for clients added from now on
  std::function<void(Reader&)> on_read;    // for readers likewise

 private:
  Surroundings surroundings();

  ServerOptions options_;
  log::MemoryStore store_;
  std::optional<log::MemoryStore> backup_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::unique_ptr<Server> server_;  // goes before those whose connections it ends
};

}  // namespace jobwire::sim
