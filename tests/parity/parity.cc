// Runs the golden vectors through the core and prints what it made of each: one program, built natively and to
// WebAssembly, whose outputs must be the same bytes.
//
//   parity FILE    FILE has a line each: the name of a vector file, a space, one of its lines; stdout a line each
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "jobwire/codec.h"
#include "jobwire/job_store.h"

namespace {

using namespace jobwire;

std::string refused(const Error& error) { return "refused " + encode_error(error); }

std::string bad_vector(std::string_view line) {
  const auto fields = decode_text_fields(line);
  if (!fields) return refused(fields.error());
  std::string kind, text;
  for (const auto& [name, value] : *fields) {
    if (name == "kind") kind = value;
    if (name == "text") text = value;
  }
  const auto verdict = [](const auto& result) { return result ? std::string("accepted") : refused(result.error()); };
  if (kind == "event") return verdict(decode_event(text));
  if (kind == "new-job") return verdict(decode_new_job(text));
  if (kind == "command") return verdict(decode_command(text));
  if (kind == "changes-request") return verdict(decode_changes_request(text));
  return "unknown kind";
}

std::string reducer_vector(std::string_view line) {
  const auto parts = split_array(line, 10'000);
  if (!parts) return refused(parts.error());
  JobState job;
  for (std::size_t i = 0; i + 1 < parts->size(); ++i) {
    const auto event = decode_stored_event((*parts)[i]);
    if (!event) return refused(event.error());
    apply(job, *event);
  }
  return encode_job(job, Visibility::store);
}

// The message back, and, for changes, what a fresh view shows of it.
std::string message_vector(std::string_view line) {
  const auto decoded = decode_server_message(line);
  if (!decoded) return refused(decoded.error());
  std::string out = encode_server_message(*decoded, Visibility::admin);
  const auto* changes = std::get_if<push::Changes>(&*decoded);
  if (changes == nullptr) return out;
  JobStore store;
  store.fold(*changes);
  for (const StoreChange& change : store.take()) {
    out += ' ' + std::to_string(change.fields);
    if (const JobState* job = store.find(change.job_id)) out += encode_job(*job, Visibility::admin);
  }
  for (const JobId& stale : store.take_stale()) out += " stale " + stale.value;
  return out;
}

std::string command_vector(std::string_view line) {
  const auto decoded = decode_command(line);
  return decoded ? encode_command(*decoded) : refused(decoded.error());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::ifstream vectors(arguments[1]);
  std::string line;
  while (std::getline(vectors, line)) {
    const std::size_t space = line.find(' ');
    const std::string kind = line.substr(0, space);
    const std::string_view vector = std::string_view(line).substr(space + 1);
    std::cout << (kind == "bad"        ? bad_vector(vector)
                  : kind == "reducer"  ? reducer_vector(vector)
                  : kind == "messages" ? message_vector(vector)
                  : kind == "commands" ? command_vector(vector)
                                       : "unknown vectors")
              << '\n';
  }
}
