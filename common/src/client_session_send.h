// How a session sends a command.
#pragma once

#include "codec_internal.h"
#include "jobwire/client_session.h"

namespace jobwire {

template <class Command>
void ClientSession::send(std::string_view event, const Command& command, std::optional<std::int64_t> id) {
  sink_.send(socket_, json::encode(event, command, id));
}

}  // namespace jobwire
