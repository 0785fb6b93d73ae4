// How each value reads as a packed record. ts/core/actions.ts and ts/core/job_records.ts read them back, field by
// field.
#pragma once

#include "jobwire/client_session.h"
#include "jobwire/job_store.h"
#include "packed.h"

namespace jobwire::wasm {

// Its index in the variant, then its fields; StatusChanged carries the status.
void pack_action(Packed& out, const Action& action, const ConnectionStatus& status);
// ChannelRefused, for a channel that is none.
void pack_refusal(Packed& out, std::string_view channel, const Error& error);
// One changed job: only the groups of fields that its mask names.
void pack_change(Packed& out, const StoreChange& change, const JobStore& store);

}  // namespace jobwire::wasm
