#include "api/static_files.h"

#include <filesystem>
#include <fstream>

#include "api_fixture.h"
#include "support/temp_folder.h"

using namespace jobwire;
using namespace jobwire::test;
using api::StaticFiles;

namespace {

namespace fs = std::filesystem;

struct Site {
  Site() {
    write("www/index.html", "<!doctype html>");
    write("www/assets/index-Bx3d9_aQ.js", "export {}");
    write("www/core.wasm", std::string("\0asm", 4));
    write("www/docs/index.html", "docs");
    write("www/a b.txt", "spaced");
    write("www/.env", "SECRET=1");
    write("secret.txt", "outside");
    fs::create_symlink(root / "secret.txt", root / "www/link.txt");
    fs::create_directory_symlink(root, root / "www/up");
    fs::create_directory(root / "www/empty");
  }
  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << content;
  }
  transport::Response get(std::string_view target, Headers headers = {}) const {
    return StaticFiles(root / "www").answer(ApiFixture::request("GET", target, {}, {}, std::move(headers)));
  }

  TempFolder folder;
  fs::path root = fs::path(folder.path());
};

}  // namespace

TEST_CASE("files are served with their types") {
  const Site site;
  CHECK(site.get("/").body == "<!doctype html>");
  CHECK(header(site.get("/"), "content-type") == "text/html; charset=utf-8");
  CHECK(header(site.get("/core.wasm"), "content-type") == "application/wasm");
  CHECK(site.get("/core.wasm").body == std::string("\0asm", 4));
  CHECK(site.get("/docs/").body == "docs");
  CHECK(site.get("/a%20b.txt").body == "spaced");
  CHECK(site.get("/nothing.html").status == 404);
  CHECK(site.get("/empty/").status == 404);
}

TEST_CASE("nothing outside the folder is served, whatever the path looks like") {
  const Site site;
  for (const char* target :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/docs/../../secret.txt", "/docs/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt", "/..%5csecret.txt", "/link.txt", "/up/secret.txt", "/.env", "/docs/../.env", "//secret.txt",
        "/./.env", "/etc/passwd", "//etc/passwd"}) {
    INFO(target);
    const auto response = site.get(target);
    CHECK(response.status == 404);
    CHECK_FALSE(contains(response.body, "outside"));
    CHECK_FALSE(contains(response.body, "SECRET"));
  }
}

TEST_CASE("a NUL in a path cuts nothing off") {
  const Site site;
  transport::Request request = ApiFixture::request("GET", "/");
  request.path = std::string("/index.html\0.txt", 16);
  CHECK(StaticFiles(site.root / "www").answer(request).status == 404);
}

TEST_CASE("a file that has not changed is not sent again") {
  const Site site;
  const auto first = site.get("/");
  const std::string tag = header(first, "etag");
  const auto second = site.get("/", {{"if-none-match", tag}});
  CHECK(second.status == 304);
  CHECK(second.body.empty());
  CHECK(header(second, "etag") == tag);
  CHECK(site.get("/", {{"if-none-match", "W/\"x\", " + tag}}).status == 304);
  CHECK(site.get("/", {{"if-none-match", "\"other\""}}).status == 200);
  CHECK(site.get("/", {{"if-modified-since", header(first, "last-modified")}}).status == 304);
  CHECK(site.get("/", {{"if-modified-since", header(first, "last-modified")}, {"if-none-match", "\"other\""}}).status ==
        200);
  site.write("www/index.html", "<!doctype html><p>new");
  CHECK(site.get("/", {{"if-none-match", tag}}).status == 200);
}

TEST_CASE("only a file whose name carries its hash is kept for ever") {
  const Site site;
  CHECK(header(site.get("/assets/index-Bx3d9_aQ.js"), "cache-control") == "public, max-age=31536000, immutable");
  CHECK(header(site.get("/"), "cache-control") == "no-cache");
  CHECK(api::is_hashed_asset("/assets/core-DkL2_x-9.wasm"));
  CHECK(api::is_hashed_asset("/assets/index-Bx3d9_aQ.js.map"));
  CHECK_FALSE(api::is_hashed_asset("/assets/my-component.js"));
  CHECK_FALSE(api::is_hashed_asset("/index-Bx3d9_aQ.js"));
  CHECK_FALSE(api::is_hashed_asset("/assets/index.js"));
  CHECK_FALSE(api::is_hashed_asset("/assets/Bx3d9_aQ.js"));
  CHECK_FALSE(api::is_hashed_asset("/assets/"));
}

TEST_CASE("pages run WebAssembly, and no script of others") {
  const Site site;
  const std::string policy = header(site.get("/"), "content-security-policy");
  CHECK(contains(policy, "script-src 'self' 'wasm-unsafe-eval';"));
  CHECK_FALSE(contains(policy, "'unsafe-eval'"));
  CHECK(contains(policy, "object-src 'none'"));
  const auto own = StaticFiles(site.root / "www", "default-src 'none'").answer(ApiFixture::request("GET", "/"));
  CHECK(header(own, "content-security-policy") == "default-src 'none'");
}

TEST_CASE("the api serves the folder beside its routes, for reading only") {
  const Site site;
  api::ApiOptions options;
  options.static_dir = (site.root / "www").string();
  ApiFixture server(options);
  const auto page = server.get("/");
  CHECK(page.status == 200);
  CHECK(header(page, "x-content-type-options") == "nosniff");
  CHECK(server.ask(server.request("HEAD", "/")).status == 200);
  CHECK(server.ask(server.request("POST", "/", {}, "{}")).status == 404);
  CHECK(server.get("/api/nothing").status == 404);
  CHECK(server.get("/healthz").body == "ok\n");
}
