// How each value reads as a packed record. ts/core/status.ts and ts/core/job_view.ts read them back, field by field.
#pragma once

#include "jobwire/client_action.h"
#include "jobwire/job_store.h"
#include "packed.h"

namespace jobwire::wasm {

// Actions as they come: each its kind, then its fields.
class PackedActions final : public ActionSink {
 public:
  void open_socket(std::uint32_t socket) override;
  void send(std::uint32_t socket, std::string_view text) override;
  void close_socket(std::uint32_t socket, std::uint16_t code) override;
  void poll(std::uint32_t poll, std::string_view body) override;
  void abort_poll(std::uint32_t poll) override;
  void request(std::int64_t id, std::string_view job, std::string_view reason) override;
  void need_token(std::string_view reason) override;
  void status_changed(const ConnectionStatus& status) override;
  void command_done(std::int64_t id, const Refusal* refusal) override;
  void pushed(std::string_view event, std::string_view json) override;
  void channel_refused(std::string_view channel, const Refusal& refusal) override;

  Packed& packed() { return out_; }

 private:
  Packed out_;
};

// One changed job: its slot, what changed, and only the groups of fields that this names.
void pack_change(Packed& out, const ChangedJob& change);

}  // namespace jobwire::wasm
