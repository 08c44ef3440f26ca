// SPDX-License-Identifier: MIT
#include "found_servers.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/try.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;

// In the order in which they are asked: whoever knows its own kind of server first.
constexpr std::array kPlugins{"lmstudio", "llamacpp", "openai"};

// Where else servers of models listen: llama-server, Ollama, vLLM.
constexpr std::array kUsualPlaces{"http://127.0.0.1:8080", "http://127.0.0.1:11434", "http://127.0.0.1:8000"};

std::string description_of(const Health& health) {
  return health.server + (health.version.empty() ? "" : " " + health.version) + " at " + health.base_url;
}

Result<FoundServer> ask(const char* plugin, const std::string& url, const Options& options) {
  using std::chrono::milliseconds;
  TACHIKOMA_TRY(Runtime runtime,
                Runtime::with({.plugin = plugin,
                               .base_url = url,
                               .timeouts = {.connect = milliseconds(1000), .total = milliseconds(5000)},
                               .policy = {.retry = {.attempts = 1}},
                               .plugin_paths = options.plugin_paths},
                              [](Severity, std::string_view, std::string_view) {}));
  TACHIKOMA_TRY(const ProviderHandle provider, runtime.provider(plugin));
  TACHIKOMA_TRY(const Health health, provider.health());
  FoundServer found{.plugin = plugin, .base_url = url, .about = description_of(health)};
  if (Result<std::vector<ModelInfo>> models = provider.list_models()) found.models = *std::move(models);
  return found;
}

// By whichever plugin knows what answers there; the error is that of the last one.
Result<FoundServer> find_at(const std::string& url, const Options& options) {
  Result<FoundServer> found = Error(ErrorCode::unreachable, "nothing answers");
  for (const char* plugin : kPlugins) {
    found = ask(plugin, url, options);
    if (found || found.error().code == ErrorCode::unreachable) break;
  }
  return found;
}

bool is_there(const std::vector<FoundServer>& servers, const FoundServer& other) {
  for (const FoundServer& server : servers)
    if (server.about == other.about) return true;
  return false;
}

bool has_gguf(const fs::path& folder) {
  constexpr int kDeepest = 4, kMost = 20'000;
  std::error_code failure;
  int seen = 0;
  for (auto each =
           fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, failure);
       !failure && each != fs::recursive_directory_iterator(); each.increment(failure)) {
    if (each.depth() >= kDeepest) each.disable_recursion_pending();
    if (each->path().extension() == ".gguf") return true;
    if (++seen > kMost) return false;
  }
  return false;
}

}  // namespace

Result<std::vector<FoundServer>> find_servers(const Options& options) {
  std::vector<FoundServer> servers;
  if (Result<FoundServer> found = ask("lmstudio", "auto", options)) servers.push_back(*std::move(found));
  for (const std::string& url : options.servers) {
    TACHIKOMA_TRY(FoundServer found, find_at(url, options));
    if (!is_there(servers, found)) servers.push_back(std::move(found));
  }
  for (const char* url : kUsualPlaces)
    if (Result<FoundServer> found = find_at(url, options); found && !is_there(servers, *found))
      servers.push_back(*std::move(found));
  return servers;
}

std::string find_gguf_folder() {
  constexpr std::array kFolders{".lmstudio/models", ".cache/lm-studio/models", "models",
                                ".local/share/models", ".cache/llama.cpp"};
  const char* const home = std::getenv("HOME");
  if (!home || *home != '/') return {};
  for (const char* each : kFolders)
    if (const fs::path folder = fs::path(home) / each; has_gguf(folder)) return "~/" + std::string(each);
  return {};
}

std::string find_llama_server() {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path file = fs::path(folder) / "llama-server";
    std::error_code failure;
    const fs::perms may = fs::status(file, failure).permissions();
    if (!failure && fs::is_regular_file(file, failure) && (may & fs::perms::owner_exec) != fs::perms::none)
      return file.string();
  }
  return {};
}

}  // namespace tachikoma::cli
