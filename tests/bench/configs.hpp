// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace tachikoma::bench {

/// Configurations for our own client, in a folder that goes with this object. Kinds:
///   plain       one provider, one model
///   aliases-N   N models
///   plugins-N   plain, and N files in the folder of plugins
class Configs {
 public:
  Configs();
  ~Configs();
  Configs(const Configs&) = delete;
  Configs& operator=(const Configs&) = delete;

  /// The path of one with a server's URL.
  std::string file(const std::string& kind, const std::string& base_url);

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> files_;  ///< by kind and URL
};

}  // namespace tachikoma::bench
