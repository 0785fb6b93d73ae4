// One job of a path, for who may see or change it: the rules that every route about a job keeps.
#pragma once

#include <functional>

#include "api/parts.h"
#include "api/route.h"
#include "auth/principal.h"
#include "node/verdict.h"

namespace jobwire::api {

// The job of the path's `id`, if the caller may see it. An unknown one and somebody else's are answered with the same
// bytes; a removed one is `gone`, told to who saw it.
Result<const JobState*> visible_job(const Parts& parts, const Call& call);

// Appends this event to the job of the path. Who sees it but may not change it (a token that names it, a known id) is
// told so: there is nothing to hide.
void change_job(Parts& parts, const CallPtr& call, bool (*may)(const auth::Principal&, const JobState&), EventBody body,
                std::function<void(const CallPtr&, const node::Verdict&)> answer);

}  // namespace jobwire::api
