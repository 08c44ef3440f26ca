// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verbs.hpp"

#include <tachikoma/plugin/model.hpp>

namespace tachikoma::cli {

/// A server that answers, and the plugin that knows it.
struct FoundServer {
  std::string plugin;
  std::string base_url;  ///< "auto" for the LM Studio of this machine
  std::string about;     ///< "LM Studio 0.3.31 at http://127.0.0.1:1234"
  std::vector<ModelInfo> models = {};
};

/// The servers of this machine at their usual ports, and those of `--server`, each asked for a moment.
/// Fails with the error of the first of `--server` that does not answer.
Result<std::vector<FoundServer>> find_servers(const Options& options);

/// The first folder with GGUF files of those where programs keep them; empty if there is none.
std::string find_gguf_folder();

/// The path of llama.cpp's server in PATH; empty if it is not there.
std::string find_llama_server();

}  // namespace tachikoma::cli
