#include "api/job_list.h"

#include <charconv>
#include <set>

#include "api/problem.h"

namespace jobwire::api {
namespace {

constexpr std::int64_t kUsualLimit = 50;
constexpr std::int64_t kLargestVersion = (std::int64_t{1} << 53) - 1;

struct Filter {
  std::optional<std::string> user, queue, type, parent, ref;
  std::optional<JobStatus> status;
  std::int64_t limit = kUsualLimit;
  std::int64_t before = kLargestVersion;
  bool with_result = false;
};

Error bad(std::string_view field, std::string rule) {
  return {ErrorCode::bad_request, std::string(field) + " " + std::move(rule), std::string(field), 0};
}

Status read_number(std::string_view name, std::string_view value, std::int64_t most, std::int64_t& into) {
  const auto number = parse_count(value, 1, most);
  if (!number) return bad(name, "must be an integer from 1 to " + std::to_string(most));
  into = *number;
  return Done{};
}

Status read_field(Filter& filter, std::string_view name, std::string_view value, std::size_t most_listed) {
  if (name == "limit") return read_number(name, value, static_cast<std::int64_t>(most_listed), filter.limit);
  if (name == "before") return read_number(name, value, kLargestVersion, filter.before);
  if (name == "result") {
    if (value != "true" && value != "false") return bad(name, "must be true or false");
    filter.with_result = value == "true";
    return Done{};
  }
  if (name == "status") {
    filter.status = status_from_name(value);
    if (!filter.status) return bad(name, "must be queued, active, completed, failed or cancelled");
    return Done{};
  }
  if (Status valid = check_id(value, name); !valid) return valid;
  if (name == "user") filter.user = value;
  if (name == "queue") filter.queue = value;
  if (name == "type") filter.type = value;
  if (name == "parent") filter.parent = value;
  if (name == "ref") filter.ref = value;
  return Done{};
}

// A misspelt filter would list everything, and of one that stands twice either half: they are errors. `token` belongs
// to the way in.
Result<Filter> read_filter(const transport::Request& request, std::size_t most_listed) {
  Filter filter;
  std::set<std::string_view> read_names;
  for (const auto& [name, value] : request.query) {
    if (name == "token") continue;
    if (!read_names.insert(name).second) return bad(name, "stands there twice: one value at a time");
    const bool known = name == "user" || name == "queue" || name == "type" || name == "parent" || name == "ref" ||
                       name == "status" || name == "limit" || name == "before" || name == "result";
    if (!known) return bad(name, "is no filter: use user status queue type parent ref limit before result");
    if (Status read = read_field(filter, name, value, most_listed); !read) return read.error();
  }
  return filter;
}

bool fits(const Filter& filter, const JobState& job) {
  const auto same = [](const std::optional<std::string>& wanted, const std::string& is) {
    return !wanted || *wanted == is;
  };
  return same(filter.user, job.identity.user_id.value) && same(filter.queue, job.identity.queue) &&
         same(filter.type, job.identity.type) && same(filter.parent, job.identity.parent_id.value) &&
         same(filter.ref, job.identity.ref) && (!filter.status || *filter.status == job.status);
}

using ByVersion = node::JobTable::ByVersion;

ByVersion named_jobs(const node::JobTable& table, const auth::Principal& who) {
  ByVersion named;
  for (const std::string& id : who.jobs) {
    if (const node::JobRecord* record = table.find(JobId{id})) named.emplace(record->state.version, record);
  }
  return named;
}

// The narrowest list that holds every job which the caller may be shown. Null: there are none.
const ByVersion* candidates(const node::JobTable& table, const auth::Principal& who, const Filter& filter) {
  const bool own_only = !auth::may_administer(who) && !who.owns_ownerless;
  if (own_only) return table.channel({ChannelKind::user, who.user});
  if (filter.user) return table.channel({ChannelKind::user, *filter.user});
  if (filter.queue) return table.channel({ChannelKind::queue, *filter.queue});
  return &table.all();
}

struct Listed {
  std::vector<const JobState*> jobs;
  std::int64_t next = 0;  // `before` of the next page; 0: there is none
};

Listed list_jobs(const Parts& parts, const auth::Principal& caller, const Filter& filter) {
  Listed listed;
  auth::Principal who = caller;
  who.knows_by_id = false;  // to know ids is not to be told them
  const ByVersion named = named_jobs(parts.node.table(), who);
  const ByVersion* list = who.only_named_jobs ? &named : candidates(parts.node.table(), who, filter);
  if (list == nullptr) return listed;
  std::size_t scanned = 0;
  auto at = list->lower_bound(filter.before);
  while (at != list->begin()) {
    --at;
    const JobState& job = at->second->state;
    if (!job.removed && auth::may_see(who, job) && fits(filter, job)) listed.jobs.push_back(&job);
    const bool full = listed.jobs.size() >= static_cast<std::size_t>(filter.limit);
    if (full || ++scanned >= parts.options.most_scanned) {
      if (at != list->begin()) listed.next = at->first;
      break;
    }
  }
  return listed;
}

void answer(Parts& parts, const CallPtr& call) {
  const auto filter = read_filter(call->request(), parts.options.most_listed);
  if (!filter) return call->fail(filter.error());
  Listed listed = list_jobs(parts, call->who, *filter);
  const Visibility visibility = auth::visibility(call->who);
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("jobs").begin_array();
  for (const JobState* job : listed.jobs) {
    writer.raw(encode_job(*job, visibility, filter->with_result));
    if (body.size() < kMostListedBytes || job == listed.jobs.back()) continue;
    listed.next = job->version;
    break;
  }
  writer.end_array().field_if("next", listed.next).end_object();
  call->reply(json_response(200, std::move(body)));
}

}  // namespace

std::vector<const JobState*> jobs_of_user(const Parts& parts, const auth::Principal& who, const std::string& user) {
  Filter filter;
  const bool ownerless_too = who.owns_ownerless && who.user == user;  // may_see() picks those among all
  if (!ownerless_too) filter.user = user;
  filter.limit = static_cast<std::int64_t>(parts.options.most_listed);
  return list_jobs(parts, who, filter).jobs;
}

std::optional<std::int64_t> parse_count(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < least || number > most) return std::nullopt;
  return number;
}

Route list_route(Parts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/v1/jobs";
  route.summary = "The caller's jobs (all, for services and admins), newest change first";
  route.response_schema = "JobList";
  route.query = {{"user", "owner"},
                 {"status", "queued, active, completed, failed or cancelled"},
                 {"queue", "name"},
                 {"type", "of the jobs"},
                 {"parent", "id of the parent job"},
                 {"ref", "the application's own handle"},
                 {"limit", "1 to 500 (50)"},
                 {"before", "`next` of the page before; a page may be short and still have a next one"},
                 {"result", "true: with results"}};
  route.handle = [&parts](const CallPtr& call) { answer(parts, call); };
  return route;
}

}  // namespace jobwire::api
