// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace tachikoma::bench {

/// Configurations for our own client, in a folder that goes with this object. Kinds:
///   plain       one provider, one model
///   aliases-N   N models
///   plugins-N   N plugins in a folder of their own, searched first
///   monitor-X   the monitor X of bench_monitors.cpp
class Configs {
 public:
  Configs();
  ~Configs();
  Configs(const Configs&) = delete;
  Configs& operator=(const Configs&) = delete;

  /// The path of one with a server's URL.
  std::string file(const std::string& kind, const std::string& base_url);

  /// A file of that name in the folder.
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::string plugin_folder(long plugins) const;

  std::filesystem::path folder_;
  std::map<std::string, std::string> files_;  ///< by kind and URL
};

}  // namespace tachikoma::bench
