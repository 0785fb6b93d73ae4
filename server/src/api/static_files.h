// Static files of one folder: the demo, or an application's own page.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "transport/exchange.h"

namespace jobwire::api {

class StaticFiles {
 public:
  // `policy`: the Content-Security-Policy; empty: same origin, WebAssembly, connections to anywhere.
  explicit StaticFiles(const std::filesystem::path& folder, std::string policy = {});

  // For GET and HEAD. Nothing outside the folder is ever served, whatever links or dots a path has.
  transport::Response answer(const transport::Request& request) const;

 private:
  std::optional<std::filesystem::path> find(std::string_view path) const;

  std::filesystem::path root_;  // canonical; empty: there is no such folder
  std::string policy_;
};

std::string_view content_type(std::string_view file_name);
// Does the name carry a hash of the content ("assets/index-Bx3d9_aQ.js", as Vite writes it)? Such a file never changes.
bool is_hashed_asset(std::string_view path);

}  // namespace jobwire::api
