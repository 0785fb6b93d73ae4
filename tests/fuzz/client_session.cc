// A sequence of calls from the owner, the platform and the network, in any order: a letter each, with its parameters.
// Corpus files are such letters; `call` is their table. The promises hold after every call.
#include <string>

#include "fuzz.h"
#include "support/recorded_session.h"

namespace jobwire::fuzz {
namespace {

constexpr UnixMs kStart = 1'764'000'000'000;

// What a driver knows: the socket and the poll that were asked for and have not ended.
struct Wire {
  std::uint32_t socket = 0;
  bool opened = false;
  std::uint32_t poll = 0;
  std::int64_t request = 0;
  bool token_asked = false;
};

class Driver {
 public:
  explicit Driver(Bytes bytes) : bytes_(bytes), session_(options(bytes_), store_, bytes_.byte()) {}

  void run() {
    while (!bytes_.empty()) {
      call(static_cast<char>(bytes_.byte()));
      perform();
      check();
    }
    session_.close(now_);
    perform();
    promise(wire_.socket == 0 && wire_.poll == 0, "a closed session leaves nothing open");
  }

 private:
  static ClientOptions options(Bytes& bytes) {
    ClientOptions options;
    const std::uint8_t choices = bytes.byte();
    options.needs_token = (choices & 1) != 0;
    options.websocket = (choices & 2) == 0;
    options.polling = (choices & 4) == 0;
    options.hidden_grace = (choices & 8) != 0 ? 5'000 : 0;
    return options;
  }

  Channel channel() {
    switch (bytes_.byte() % 4) {
      case 0:
        return {ChannelKind::job, "1"};
      case 1:
        return {ChannelKind::job, "2"};
      case 2:
        return {ChannelKind::user, "alice"};
      default:
        return {ChannelKind::all_jobs, ""};
    }
  }

  void call(char letter) {
    if (owner(letter) || platform(letter) || network(letter)) return;
    if (letter == '.') {
      if (session_.wake_at() > now_) now_ = session_.wake_at();
      session_.tick(now_);
    } else if (letter == ',') {
      now_ += bytes_.byte() * 100;
    }
  }

  bool owner(char letter) {
    switch (letter) {
      case 's':
        session_.start(now_);
        return true;
      case 'c':
        session_.close(now_);
        return true;
      case 'f':
        session_.follow(now_, {channel()});
        return true;
      case 'u':
        session_.unfollow(now_, {channel()});
        return true;
      case 'x':
        session_.cancel(now_, JobId{"1"}, "enough");
        return true;
      case 't':
        wire_.token_asked = false, session_.set_token(now_, "token-" + std::to_string(bytes_.byte() % 3));
        return true;
      case 'T':
        wire_.token_asked = false, session_.token_failed(now_, "no");
        return true;
      case 'r':
        session_.retry_now(now_);
        return true;
      default:
        return false;
    }
  }

  bool platform(char letter) {
    switch (letter) {
      case 'n':
        session_.set_online(now_, false);
        return true;
      case 'N':
        session_.set_online(now_, true);
        return true;
      case 'v':
        session_.set_visible(now_, false);
        return true;
      case 'V':
        session_.set_visible(now_, true);
        return true;
      default:
        return false;
    }
  }

  bool network(char letter) {
    switch (letter) {
      case 'o':
        if (wire_.socket != 0 && !wire_.opened) wire_.opened = true, session_.socket_opened(now_, wire_.socket);
        return true;
      case 'O':
        session_.socket_opened(now_, wire_.socket + 1);
        return true;  // one that was given up
      case 'k':
        socket_closed();
        return true;
      case 'm':
        received(bytes_.line());
        return true;
      case 'M':
        session_.socket_received(now_, wire_.socket + 1, bytes_.line());
        return true;  // from one given up
      case 'j':
        answer_poll(200, changes(""));
        return true;
      case 'J':
        answer_poll();
        return true;
      case 'q':
        if (wire_.request != 0) session_.requested(now_, wire_.request, 100 + bytes_.byte() * 2, "{}");
        return true;
      default:
        return message(letter);
    }
  }

  bool message(char letter) {
    switch (letter) {
      case 'w':
        return received(
            R"({"event":"welcome","data":{"sessionId":"s","cursor":"00000000000000aa:1","heartbeat":20000,"role":"user","serverTime":1764000000000}})");
      case 'g':
        return received(R"({"event":"changes","data":)" + changes(R"("synced":true,)") + "}");
      case 'G':
        return received(R"({"event":"changes","data":)" + changes(R"("reset":true,)") + "}");
      case 'e':
        return received(
            R"({"event":"changes","data":{"cursor":"00000000000000aa:9","events":[{"type":"log","jobId":"1","offset":9,"at":1,"seq":)" +
            digits(4) + "}]}}");
      case 'b':
        return received(R"({"event":"goodbye","data":{"reason":"draining","reconnectAfter":)" + digits(9) + "000}}");
      case 'a':
        return received(R"({"event":"auth-error","data":{"code":"unauthenticated","message":"expired"}})");
      case 'h':
        return received(R"({"event":"heartbeat","data":{"serverTime":1764000000000}})");
      case 'p':
        return received(R"({"event":"reply","data":{"id":)" + digits(9) + R"(,"ok":true}})");
      case 'P':
        return received(R"({"event":"reply","data":{"id":)" + digits(9) +
                        R"(,"error":{"code":"forbidden","message":"no","field":"job:1"}}})");
      default:
        return false;
    }
  }
  bool received(std::string_view text) {
    if (wire_.opened) session_.socket_received(now_, wire_.socket, text);
    return true;
  }
  std::string digits(int most) { return std::to_string(bytes_.byte() % (most + 1)); }

  std::string changes(const std::string& flags) {
    return R"({"cursor":"00000000000000aa:)" + digits(9) + "\"," + flags +
           R"("jobs":[{"id":"1","status":"active","progress":5,"attempt":1,"createdAt":1,"updatedAt":2,"version":5,"seq":2}],"followed":["job:1"]})";
  }

  void socket_closed() {
    static constexpr std::uint16_t kCodes[] = {1006, 1000, 1001, 4400, 4401, 4403, 4408, 4413, 4429, 4503};
    const std::uint32_t socket = wire_.socket + bytes_.byte() % 2;  // or one that was given up
    const std::uint16_t code = kCodes[bytes_.byte() % 10];
    if (socket == wire_.socket) wire_.socket = 0, wire_.opened = false;
    session_.socket_closed(now_, socket, code, "");
  }

  void answer_poll() {
    static constexpr int kStatuses[] = {0, 200, 204, 400, 401, 403, 404, 429, 500, 503};
    const int status = kStatuses[bytes_.byte() % 10];
    answer_poll(status, status == 200 ? std::string(bytes_.line()) : R"({"code":"unavailable","message":"later"})");
  }
  void answer_poll(int status, const std::string& body) {
    const std::uint32_t poll = wire_.poll;
    wire_.poll = 0;
    if (poll != 0) session_.polled(now_, poll, status, body, status == 503 ? 2'000 : 0);
  }

  void perform() {
    for (Action& each : session_.take_actions()) {
      std::visit([this](auto& action) { on(action); }, each);
    }
  }
  void on(const action::OpenSocket& action) {
    promise(wire_.socket == 0, "there are never two sockets");
    wire_.socket = action.socket;
    wire_.opened = false;
  }
  void on(const action::Send& action) {
    promise(wire_.opened && action.socket == wire_.socket, "only an open socket is sent to");
    promise(static_cast<bool>(decode_command(action.text)), "what is sent is a command");
  }
  void on(const action::CloseSocket& action) {
    promise(action.socket == wire_.socket, "only the socket that is there is closed");
    wire_.socket = 0;
    wire_.opened = false;
  }
  void on(const action::Poll& action) {
    promise(wire_.poll == 0, "there are never two polls");
    promise(static_cast<bool>(decode_changes_request(action.body)), "a poll asks what the server understands");
    wire_.poll = action.poll;
  }
  void on(const action::AbortPoll& action) {
    promise(action.poll == wire_.poll, "only the poll that is there is aborted");
    wire_.poll = 0;
  }
  void on(const action::NeedToken&) { wire_.token_asked = true; }
  void on(const action::Request& action) { wire_.request = action.id; }
  template <class Other>
  void on(const Other&) {}

  void check() {
    promise(session_.wake_at() == 0 || session_.wake_at() < now_ + 24 * 60 * 60 * 1000,
            "the next wake-up is within a day");
    if (session_.wake_at() != 0 && session_.wake_at() <= now_) {
      session_.tick(now_);
      perform();
      promise(session_.wake_at() == 0 || session_.wake_at() > now_, "a tick does what is due");
    }
    const ConnectionState state = session_.status().state;
    if (state == ConnectionState::idle)
      promise(wire_.socket == 0 && wire_.poll == 0, "an idle session has nothing open");
    const bool trying =
        state == ConnectionState::connecting || state == ConnectionState::online || state == ConnectionState::polling;
    promise(!trying || wire_.token_asked || session_.wake_at() != 0, "who tries has a time at which to give up");
    if (state == ConnectionState::online) promise(wire_.opened, "online means an open socket");
  }

  Bytes bytes_;
  UnixMs now_ = kStart;
  JobStore store_;
  test::RecordedSession session_;
  Wire wire_;
};

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  jobwire::fuzz::Driver({data, size}).run();
  return 0;
}
