#include "api/static_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <fstream>
#include <utility>

#include "api/problem.h"

namespace jobwire::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPolicy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: http: https:; media-src 'self' blob: http: https:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss: http: https:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

constexpr std::array<std::pair<std::string_view, std::string_view>, 23> kTypes = {{
    {"html", "text/html; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"wasm", "application/wasm"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"ico", "image/x-icon"},
    {"txt", "text/plain; charset=utf-8"},
    {"md", "text/plain; charset=utf-8"},
    {"pdf", "application/pdf"},
    {"mp4", "video/mp4"},
    {"webm", "video/webm"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"webmanifest", "application/manifest+json"},
}};

// RFC 9110, "Date/Time Formats"
std::string http_date(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[40];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::string entity_tag(const struct stat& file) {
  const auto hex = [](unsigned long long number) {
    char text[20];
    return std::string(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "%llx", number)));
  };
  return '"' + hex(static_cast<unsigned long long>(file.st_mtim.tv_sec)) + '-' +
         hex(static_cast<unsigned long long>(file.st_mtim.tv_nsec)) + '-' +
         hex(static_cast<unsigned long long>(file.st_size)) + '"';
}

// If-None-Match wins over If-Modified-Since (RFC 9110, "Precedence of Preconditions"), which is compared as text: we
// accept exactly the date that we gave.
bool is_unchanged(const transport::Request& request, const std::string& tag, const std::string& modified) {
  const std::string_view tags = request.header("if-none-match");
  if (!tags.empty()) return tags == "*" || tags.find(tag) != std::string_view::npos;
  return request.header("if-modified-since") == modified;
}

// A path whose segments name files and nothing else: no dots ahead (".", "..", ".git"), no NUL, no backslash.
bool is_plain_path(std::string_view path) {
  if (!path.starts_with('/') || path.find('\0') != std::string_view::npos ||
      path.find('\\') != std::string_view::npos) {
    return false;
  }
  return path.find("/.") == std::string_view::npos;
}

bool is_below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

transport::Response not_found() { return problem({ErrorCode::not_found, "there is nothing at this path", "", 0}); }

}  // namespace

std::string_view content_type(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return "application/octet-stream";
  std::string extension(file_name.substr(dot + 1));
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& [known, type] : kTypes) {
    if (known == extension) return type;
  }
  return "application/octet-stream";
}

bool is_hashed_asset(std::string_view path) {
  if (path.find("/assets/") == std::string_view::npos) return false;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.find('.', name.rfind('-') == std::string_view::npos ? 0 : name.size() > 9 ? 9 : 0);
  if (dot == std::string_view::npos || dot < 9 || name[dot - 9] != '-') return false;
  const std::string_view hash = name.substr(dot - 8, 8);
  return std::all_of(hash.begin(), hash.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

StaticFiles::StaticFiles(const fs::path& folder, std::string policy)
    : policy_(policy.empty() ? std::string(kPolicy) : std::move(policy)) {
  std::error_code error;
  root_ = fs::canonical(folder, error);
}

std::optional<fs::path> StaticFiles::find(std::string_view path) const {
  if (root_.empty() || !is_plain_path(path)) return std::nullopt;
  std::error_code error;
  fs::path file = fs::canonical(root_ / path.substr(1), error);
  if (error) return std::nullopt;
  if (fs::is_directory(file, error)) file = fs::canonical(file / "index.html", error);
  if (error || !is_below(file, root_) || !fs::is_regular_file(file, error)) return std::nullopt;
  return file;
}

transport::Response StaticFiles::answer(const transport::Request& request) const {
  const auto path = find(request.path);
  struct stat status {};
  if (!path || ::stat(path->c_str(), &status) != 0) return not_found();
  const std::string tag = entity_tag(status);
  const std::string modified = http_date(status.st_mtim.tv_sec);
  transport::Response response;
  response.headers = {
      {"content-type", std::string(content_type(path->filename().string()))},
      {"etag", tag},
      {"last-modified", modified},
      {"cache-control", is_hashed_asset(request.path) ? "public, max-age=31536000, immutable" : "no-cache"},
      {"content-security-policy", policy_},
      {"referrer-policy", "no-referrer"}};
  if (is_unchanged(request, tag, modified)) {
    response.status = 304;
    return response;
  }
  std::ifstream file(*path, std::ios::binary);
  if (!file) return not_found();
  response.body.assign(std::istreambuf_iterator<char>(file), {});
  return response;
}

}  // namespace jobwire::api
