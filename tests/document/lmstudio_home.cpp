// SPDX-License-Identifier: MIT
#include "document/lmstudio_home.hpp"

#include <cstdlib>

#include "support/gguf_writer.hpp"

namespace tachikoma::testing {

LmStudioHome::LmStudioHome() : before_(std::getenv("HOME") ? std::getenv("HOME") : "/") {
  ::setenv("HOME", folder_.path().c_str(), 1);
}

LmStudioHome::~LmStudioHome() { ::setenv("HOME", before_.c_str(), 1); }

void LmStudioHome::serve_at(int port) const {
  folder_.write(".lmstudio/.internal/http-server-config.json",
                R"({"port": )" + std::to_string(port) + R"(, "networkInterface": "127.0.0.1"})");
}

void LmStudioHome::add_model(const std::string& path, std::uint32_t layers) const {
  GgufWriter file;
  file.add("general.architecture", "gpt-oss");
  file.add("gpt-oss.block_count", layers);
  folder_.write(".lmstudio/models/" + path, file.head());
}

}  // namespace tachikoma::testing
