// Where the secret of HS256 tokens comes from.
#pragma once

#include <string>

#include "config.h"
#include "jobwire/result.h"

namespace jobwire {

// --secret or JOBWIRE_SECRET, else the file's content without its line end. Under --dev without either, a random one
// that is kept in the data folder (readable by its owner only), so that tokens survive a restart; without a data folder
// it lives as long as the process. The error says what is wrong with which file.
Result<std::string> load_secret(const AccessConfig& access, const StoreConfig& store);

}  // namespace jobwire
