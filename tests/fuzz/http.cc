// Bytes of an HTTP connection: however the network cuts them (first byte: the size of the pieces), the same requests
// come out, and nothing that could be read as another request by somebody else.
#include <algorithm>
#include <vector>

#include "fuzz.h"
#include "transport/request_reader.h"

namespace jobwire::fuzz {
namespace {

using transport::Request;
using transport::RequestReader;

struct Outcome {
  std::vector<Request> requests;
  bool refused = false;
};

bool same(const Request& a, const Request& b) {
  return a.method == b.method && a.path == b.path && a.raw_path == b.raw_path && a.query == b.query &&
         a.headers == b.headers && a.body == b.body;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

void check_request(const RequestReader::Parsed& parsed) {
  const Request& request = parsed.request;
  promise(!request.path.empty() && request.path[0] == '/', "a path begins with /");
  promise(!request.method.empty() && !has_control(request.method), "a method is a token");
  promise(!(parsed.framing.chunked && parsed.framing.content_length), "a body has one length");
  const bool has_host = std::count_if(request.headers.begin(), request.headers.end(),
                                      [](auto& field) { return field.first == "host"; }) == 1;
  promise(has_host || parsed.minor_version == 0, "there is one Host");
  for (const auto& [name, value] : request.headers) {
    promise(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
            "field names are in lower case");
    promise(!has_control(name) && !has_control(value), "fields hold no control characters");
  }
  if (parsed.framing.content_length)
    promise(request.body.size() == *parsed.framing.content_length, "a body is as long as it says");
}

Outcome read(std::string_view bytes, std::size_t piece) {
  RequestReader reader({{2048, 1024, 20}, 4096});
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (auto step = reader.next(); step != RequestReader::Step::need_more; step = reader.next()) {
      if (step == RequestReader::Step::refused) {
        promise(reader.refusal().status >= 400, "a refusal is an error");
        outcome.refused = true;
        return outcome;
      }
      if (step != RequestReader::Step::complete) continue;
      const auto parsed = reader.take();
      check_request(parsed);
      outcome.requests.push_back(parsed.request);
      if (!parsed.framing.keep_alive || parsed.framing.upgrades_to_websocket) return outcome;
    }
  }
  return outcome;
}

}  // namespace
}  // namespace jobwire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jobwire::fuzz;
  Bytes bytes(data, size);
  const std::size_t piece = 1 + bytes.byte() % 64;
  const std::string_view text = bytes.take(size);
  if (text.empty()) return 0;
  const Outcome whole = read(text, text.size());
  const Outcome cut = read(text, piece);
  promise(std::equal(whole.requests.begin(), whole.requests.end(), cut.requests.begin(), cut.requests.end(), same),
          "pieces make the same requests");
  // The other way round Beast may still wait for a line's end where, given all at once, it sees that none can come.
  promise(whole.refused || !cut.refused, "pieces are not refused where the whole is not");
  return 0;
}
