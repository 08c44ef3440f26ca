// SPDX-License-Identifier: MIT
#include "bench/configs.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kPlugins[] = TACHIKOMA_BINARY_DIR "/plugins";

// N of "NAME-N"; 0: it is something else
long number_of(const std::string& kind, const std::string& name) {
  return kind.rfind(name, 0) == 0 ? std::atol(kind.c_str() + name.size()) : 0;
}

// A copy of the plugin `echo` whose note says another name of four letters.
void copy_echo(const fs::path& folder, const std::string& name) {
  std::ifstream in(fs::path(kPlugins) / "echo.so", std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  for (const std::string before : {"\"name\":\"", "provider:", "tool:", "monitor:"})
    for (std::size_t at = 0; (at = bytes.find(before + "echo\"", at)) != std::string::npos; ++at)
      bytes.replace(at + before.size(), name.size(), name);
  std::ofstream(folder / (name + ".so"), std::ios::binary) << bytes;
}

}  // namespace

Configs::Configs() {
  std::string name = (fs::temp_directory_path() / "tachikoma-bench-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("can't make a temporary folder");
  folder_ = name;
}

Configs::~Configs() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Configs::plugin_folder(long plugins) const {
  const fs::path folder = folder_ / ("plugins-" + std::to_string(plugins));
  if (!fs::create_directory(folder)) return folder.string();
  for (long i = 0; i < plugins; ++i) copy_echo(folder, "e" + std::to_string(100 + i));
  return folder.string();
}

std::string Configs::file(const std::string& kind, const std::string& base_url) {
  std::string& path = files_[kind + " " + base_url];
  if (!path.empty()) return path;
  path = (folder_ / (std::to_string(files_.size()) + ".yaml")).string();
  const long plugins = number_of(kind, "plugins-");
  std::string paths = kPlugins;
  if (plugins > 0) paths = plugin_folder(plugins) + ", " + paths;
  const std::string monitor = kind.rfind("monitor-", 0) == 0 ? kind.substr(8) : "";
  if (!monitor.empty()) paths += ", " BENCH_PLUGINS;
  std::ofstream out(path);
  out << "plugins: {paths: [" << paths << "]}\n"
      << "providers:\n  openai: {base_url: \"" << base_url << "\"}\n"
      << "models:\n  chat: {key: " << kModel << "}\n";
  for (long i = 1; i < number_of(kind, "aliases-"); ++i)
    out << "  alias-" << i << ": {key: vendor/model-" << i << ", temperature: 0.5}\n";
  out << "defaults: {model: chat}\n";
  if (!monitor.empty()) out << "monitors: {" << monitor << ": {}}\n";
  return path;
}

}  // namespace tachikoma::bench
