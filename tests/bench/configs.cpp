// SPDX-License-Identifier: MIT
#include "bench/configs.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {
namespace {

namespace fs = std::filesystem;

// N of "NAME-N"; 0: it is something else
long number_of(const std::string& kind, const std::string& name) {
  return kind.rfind(name, 0) == 0 ? std::atol(kind.c_str() + name.size()) : 0;
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

std::string Configs::file(const std::string& kind, const std::string& base_url) {
  std::string& path = files_[kind + " " + base_url];
  if (!path.empty()) return path;
  path = (folder_ / (std::to_string(files_.size()) + ".yaml")).string();
  std::ofstream out(path);
  out << "plugins: {paths: [" TACHIKOMA_BINARY_DIR "/plugins]}\n"
      << "providers:\n  openai: {base_url: \"" << base_url << "\"}\n"
      << "models:\n  chat: {key: " << kModel << "}\n";
  for (long i = 1; i < number_of(kind, "aliases-"); ++i)
    out << "  alias-" << i << ": {key: vendor/model-" << i << ", temperature: 0.5}\n";
  out << "defaults: {model: chat}\n";
  return path;
}

}  // namespace tachikoma::bench
