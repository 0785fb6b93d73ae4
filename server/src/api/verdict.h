// An event's verdict as HTTP tells it: {jobId, status, version?, seq?, cancelRequested, error?}.
#pragma once

#include "api/parts.h"
#include "api/route.h"
#include "jobwire/json_writer.h"
#include "node/verdict.h"

namespace jobwire::api {

void write_verdict(JsonWriter& writer, const node::Verdict& verdict);
// Alone, a rejected event is an HTTP error; it carries jobId and cancelRequested all the same.
transport::Response verdict_response(int status, const node::Verdict& verdict);

// Submits and measures; `done` gets one verdict an event, in order.
void submit(Parts& parts, const CallPtr& call, std::vector<JobEvent> events, node::SubmitDone done);

}  // namespace jobwire::api
