#include "world.h"

#include <utility>

namespace jobwire::sim {

World::World(std::uint64_t seed, ServerOptions options) : random(seed), options_(std::move(options)) { start_server(); }

void World::start_server() {
  if (!server_) server_ = std::make_unique<Server>(options_, store_, tokens, timeline, random, violations);
}

void World::kill_server() { server_.reset(); }

void World::restore_backup() {
  if (!backup_) return;
  store_ = *backup_;
  for (auto& publisher : publishers_) publisher->forget_acknowledged();
}

ClientOptions World::default_options() {
  ClientOptions options;
  options.needs_token = true;
  return options;
}

Surroundings World::surroundings() {
  return {timeline, random, tokens, [this] { return server_.get(); }, violations};
}

Client& World::add_client(auth::Principal who, ClientOptions options) {
  const std::string name = "client " + std::to_string(clients_.size()) + " (" + who.user + ")";
  clients_.push_back(std::make_unique<Client>(name, std::move(who), std::move(options), surroundings(), random.next()));
  clients_.back()->on_folded = on_folded;
  return *clients_.back();
}

Reader& World::add_reader(auth::Principal who, std::vector<Channel> channels, std::vector<Channel> later) {
  const std::string name = "reader " + std::to_string(readers_.size()) + " (" + who.user + ")";
  readers_.push_back(
      std::make_unique<Reader>(name, std::move(who), std::move(channels), std::move(later), surroundings()));
  readers_.back()->on_folded = on_read;
  return *readers_.back();
}

Publisher& World::add_publisher(int first_job, int jobs) {
  std::vector<JobId> ids;
  for (int i = 0; i < jobs; ++i) ids.push_back({"j" + std::to_string(first_job + i)});
  const std::string name = "p" + std::to_string(publishers_.size()) + "-";
  publishers_.push_back(std::make_unique<Publisher>(
      name, std::move(ids), timeline, random, [this] { return server_.get(); }, violations));
  return *publishers_.back();
}

void World::heal(DurationMs patience) {
  if (is_up() && server_->draining()) kill_server();
  start_server();
  server_->fail_store("");
  for (auto& client : clients_) client->heal();
  for (auto& reader : readers_) reader->heal();
  run_for(patience / 2);
  for (auto& publisher : publishers_) publisher->finish();
  run_for(patience / 2);
}

}  // namespace jobwire::sim
