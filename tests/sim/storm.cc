#include "storm.h"

#include <utility>

namespace jobwire::sim {

namespace {

constexpr int kJobs = 24;

Channel job(std::uint64_t number) { return {ChannelKind::job, "j" + std::to_string(number)}; }

class Storm {
 public:
  Storm(std::uint64_t seed, const StormOptions& options)
      : options_(options), world_(seed, server_options(seed, options.restless)) {
    world_.on_folded = [this](Client& client) {
      if (world_.violations.size() > 20) return;
      for (std::string& finding : cursor_is_truthful(world_, client)) world_.violations.push_back(std::move(finding));
    };
    world_.on_read = [this](Reader& reader) {
      if (world_.violations.size() > 20) return;
      for (std::string& finding : cursor_is_truthful(world_, reader)) world_.violations.push_back(std::move(finding));
    };
    populate();
    if (options_.prepare) options_.prepare(world_);
  }

  Findings run() {
    const UnixMs end = world_.timeline.now() + options_.lasts;
    for (auto& publisher : world_.publishers()) publisher->run(end, 150 + static_cast<DurationMs>(draw(400)));
    while (world_.timeline.now() < end) {
      world_.run_for(options_.restless ? static_cast<DurationMs>(draw(200))
                                       : 200 + static_cast<DurationMs>(draw(2'500)));
      if (options_.restless && !chance(12)) {
        wander(any_client());
      } else {
        misfortune();
      }
    }
    is_over_ = true;
    world_.heal();
    Findings findings = std::move(world_.violations);
    world_.violations.clear();
    for (const auto& check :
         {everybody_is_served, views_equal_the_table, ends_were_told, acknowledged_events_are_there}) {
      for (std::string& finding : check(world_)) findings.push_back(std::move(finding));
    }
    return findings;
  }

 private:
  static ServerOptions server_options(std::uint64_t seed, bool restless) {
    Random random(seed * 77 + 5);
    ServerOptions options;
    options.hub.heartbeat = 4'000 + static_cast<DurationMs>(random.below(6'000));
    options.hub.high_water = std::size_t{1'000} << random.below(7);
    options.hub.page_bytes = std::size_t{500} << random.below(6);
    options.hub.page_jobs = 1 + random.below(12);
    options.hub.drain_spread = 3'000;
    options.node.snapshot_every = 10 + static_cast<std::int64_t>(random.below(60));
    if (random.below(2) == 0) {
      options.node.remove_after = 10'000 + static_cast<DurationMs>(random.below(30'000));
      options.node.tombstone_for = 5'000 + static_cast<DurationMs>(random.below(60'000));
    }
    if (random.below(3) == 0) options.node.stalled_after = 5'000;
    if (random.below(3) == 0 || restless) options.node.wide_channel_start = 1 + random.below(10);
    return options;
  }

  std::uint64_t draw(std::uint64_t bound) { return world_.random.below(bound); }
  bool chance(std::uint64_t one_in) { return draw(one_in) == 0; }
  Client& any_client() { return *world_.clients()[draw(world_.clients().size())]; }
  Reader& any_reader() { return *world_.readers()[draw(world_.readers().size())]; }
  DurationMs a_while() { return 500 + static_cast<DurationMs>(draw(12'000)); }
  void later(DurationMs delay, std::function<void()> task) {
    world_.timeline.after(delay, [this, task = std::move(task)] {
      if (!is_over_) task();
    });
  }

  void populate() {
    world_.add_publisher(0, 14);
    world_.add_publisher(10, kJobs - 10);  // some jobs have two writers
    const int clients = 5 + static_cast<int>(draw(5));
    for (int i = 0; i < clients; ++i) add_client(i);
    add_reader(user("alice"), {{ChannelKind::user, "alice"}, job(draw(kJobs))}, {job(draw(kJobs))});
    add_reader(chance(2) ? admin() : user("bob"), {job(draw(kJobs))}, {job(draw(kJobs)), job(draw(kJobs))});
    if (chance(2)) add_reader(admin(), {{ChannelKind::all_jobs, ""}}, {});
  }

  void add_reader(auth::Principal who, std::vector<Channel> channels, std::vector<Channel> joined) {
    Reader& reader = world_.add_reader(std::move(who), std::move(channels), std::move(joined));
    later(static_cast<DurationMs>(draw(8'000)), [&reader] { reader.start(); });
  }

  void add_client(int number) {
    ClientOptions options = World::default_options();
    if (chance(6)) options.reducer = kReducerVersion - 1;  // an old page
    if (const auto only = draw(8); only < 2) (only == 0 ? options.websocket : options.polling) = false;
    if (chance(10)) options.hidden_grace = 3'000;
    options.climb_interval = 5'000;
    const auth::Principal who = number % 4 == 3 ? admin() : user(number % 4 == 2 ? "bob" : "alice");
    Client& client = world_.add_client(who, options);
    if (chance(3)) client.token_lasts = 5'000 + static_cast<DurationMs>(draw(20'000));
    if (chance(8)) client.weather.strange_events = true;
    if (options.polling && chance(8)) client.weather.sockets = chance(2) ? Passage::refused : Passage::swallowed;
    if (chance(5)) client.set_clock(static_cast<DurationMs>(draw(7'200'000)) - 3'600'000);
    client.follow(first_channels(client));
    later(static_cast<DurationMs>(draw(8'000)), [&client] { client.start(); });
  }

  std::vector<Channel> first_channels(const Client& client) {
    const bool is_admin = client.who().role == auth::Role::admin;
    std::vector<Channel> channels;
    if (is_admin)
      channels.push_back(chance(2) ? Channel{ChannelKind::all_jobs, ""} : Channel{ChannelKind::queue, "normal"});
    if (is_admin && chance(2)) channels.push_back({ChannelKind::admin, ""});
    if (!is_admin && !chance(4)) channels.push_back({ChannelKind::user, client.who().user});
    if (!is_admin && chance(5)) channels.push_back({ChannelKind::user, "bob"});  // alice's is refused
    if (!is_admin && chance(4)) channels.push_back({ChannelKind::queue, "normal"});
    for (auto many = draw(4); many-- > 0;) channels.push_back(job(draw(kJobs)));
    return channels;
  }

  // ---- what happens ----

  void misfortune() {
    switch (draw(18)) {
      case 0:
      case 1:
        return any_client().break_wire();
      case 2:
        return any_client().lose_wire();
      case 3:
        return blackout(any_client());
      case 4:
        return block(any_client());
      case 5:
        return slow_down(any_client());
      case 6:
      case 7:
        return change_channels(any_client());
      case 8:
        return trouble_server();
      case 9:
        return rest(any_client());
      case 10:
        return any_client().cancel({"j" + std::to_string(draw(kJobs))});
      case 11:
        return narrow(any_client());
      case 12:
        return trouble_store();
      case 13:
        return trouble_tokens(any_client());
      case 14:
        return any_reader().break_wire();
      case 15:
        return any_reader().lose_wire();
      case 16:
        return trouble_reader(any_reader());
      default:
        return bad_line(any_client());
    }
  }

  void blackout(Client& client) {
    const bool told = chance(2);
    client.weather.down = true;
    if (told) client.tell_network(false);
    if (chance(2)) client.lose_wire();
    later(a_while(), [&client, told] {
      client.weather.down = false;
      if (told) client.tell_network(true);
    });
  }
  void block(Client& client) {
    client.weather.sockets = chance(2) ? Passage::refused : Passage::swallowed;
    if (chance(3)) client.weather.polls = chance(2) ? Passage::refused : Passage::swallowed;
    client.break_wire();
    later(a_while() * 2, [&client] {
      client.weather.sockets = Passage::open;
      client.weather.polls = Passage::open;
    });
  }
  void slow_down(Client& client) {
    client.weather.bytes_per_ms = draw(3);
    later(a_while(), [&client] { client.weather.bytes_per_ms = 1 << 20; });
  }
  void bad_line(Client& client) {
    client.weather.delay = static_cast<DurationMs>(draw(600));
    client.weather.jitter = static_cast<DurationMs>(draw(900));
  }
  void trouble_reader(Reader& reader) {
    Weather& weather = reader.weather;
    switch (draw(4)) {
      case 0:
        weather.down = true;
        break;
      case 1:
        weather.polls = chance(2) ? Passage::refused : Passage::swallowed;
        reader.break_wire();
        break;
      case 2:
        weather.bytes_per_ms = draw(3);
        break;
      default:
        weather.delay = static_cast<DurationMs>(draw(600));
        weather.jitter = static_cast<DurationMs>(draw(900));
    }
    later(a_while(), [&weather] { weather = Weather{}; });
  }
  void change_channels(Client& client) {
    for (auto many = 1 + draw(3); many-- > 0;) {
      const bool leaves = chance(2) && !client.wanted().empty();
      if (!leaves) client.follow({job(draw(kJobs))});
      if (leaves)
        client.unfollow(
            {*std::next(client.wanted().begin(), static_cast<std::ptrdiff_t>(draw(client.wanted().size())))});
      if (chance(4) && client.who().role == auth::Role::user) client.follow({{ChannelKind::user, client.who().user}});
    }
  }
  // From one view to another, as in an application of several pages: what was left may be back at once.
  void wander(Client& client) {
    for (auto many = 1 + draw(4); many-- > 0;) {
      const Channel channel = some_channel(client);
      if (client.wanted().count(channel) != 0) {
        client.unfollow({channel});
      } else {
        client.follow({channel});
      }
    }
  }
  Channel some_channel(const Client& client) {
    const bool is_admin = client.who().role == auth::Role::admin;
    switch (draw(4)) {
      case 0:
        return {ChannelKind::user, is_admin ? "alice" : client.who().user};
      case 1:
        return {ChannelKind::queue, chance(2) ? "normal" : "large"};
      case 2:
        return is_admin ? Channel{ChannelKind::all_jobs, ""} : Channel{ChannelKind::user, client.who().user};
      default:
        return job(draw(kJobs));
    }
  }
  void rest(Client& client) {
    const bool hidden = chance(2);
    if (hidden) client.hide(true);
    client.sleep(a_while());
    if (hidden) later(a_while(), [&client] { client.hide(false); });
  }
  // An admin becomes alice, alice may see one job only.
  void narrow(Client& client) {
    if (!chance(3)) return;
    const auth::Principal& who = client.who();
    if (who.only_named_jobs || who.user == "bob") return;
    client.become(who.role == auth::Role::admin ? user("alice") : only_job("alice", "j5"), chance(2));
  }
  void trouble_tokens(Client& client) {
    client.token_source_works = false;
    client.token_lasts = 3'000;
    later(a_while(), [&client] { client.token_source_works = true; });
  }
  void trouble_store() {
    if (!world_.is_up()) return;
    world_.server().fail_store("disk full");
    later(a_while() / 2, [this] {
      if (world_.is_up()) world_.server().fail_store("");
    });
  }
  void trouble_server() {
    if (!world_.is_up()) return;
    switch (draw(6)) {
      case 0:
        return world_.back_up();
      case 1:
        world_.kill_server();
        if (chance(2)) world_.restore_backup();
        return restart_after(draw(6'000));
      case 2:
        world_.server().drain();
        later(1'000, [this] { world_.kill_server(); });
        return restart_after(1'000 + draw(3'000));
      default:
        world_.kill_server();
        return restart_after(chance(2) ? draw(300) : draw(10'000));
    }
  }
  void restart_after(std::uint64_t delay) {
    later(static_cast<DurationMs>(delay), [this] { world_.start_server(); });
  }

  const StormOptions& options_;
  bool is_over_ = false;
  World world_;
};

}  // namespace

Findings run_storm(std::uint64_t seed, const StormOptions& options) { return Storm(seed, options).run(); }

}  // namespace jobwire::sim
