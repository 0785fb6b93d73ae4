// From the operator's configuration to the options of each part.
#pragma once

#include <string>

#include "api/parts.h"
#include "auth/token_authenticator.h"
#include "config.h"
#include "hub/dialects.h"
#include "hub/hub.h"
#include "keys.h"
#include "node/alerts.h"
#include "node/estimates.h"
#include "node/node.h"
#include "socketio/server.h"
#include "transport/options.h"

namespace jobwire {

auth::AccessOptions access_options(const Config& config, const Keys& keys, const std::string& dev_token);
auth::KeyCacheOptions key_cache_options(const Config& config);
auth::OriginRules origin_rules(const Config& config);
auth::CredentialRules credential_rules(const Config& config);
node::NodeOptions node_options(const Config& config);
node::AlertOptions alert_options(const Config& config);
node::EstimateOptions estimate_options(const Config& config);
hub::HubOptions hub_options(const Config& config);
api::ApiOptions api_options(const Config& config, const std::string& secret);
transport::TransportOptions transport_options(const Config& config);
hub::DialectsOptions dialects_options(const Config& config);
socketio::ServerOptions socketio_options(const Config& config);

}  // namespace jobwire
