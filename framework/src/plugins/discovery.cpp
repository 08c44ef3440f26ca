// SPDX-License-Identifier: MIT
#include "plugins/discovery.hpp"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <dlfcn.h>
#include <filesystem>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "plugins/plugin_file.hpp"

/// Defined in programs that the installed CMake package builds: the folder of the plugins that came with it.
extern "C" [[gnu::weak]] const char* tachikoma_installed_plugins();

namespace tachikoma::plugins {
namespace {

namespace fs = std::filesystem;

constexpr char kInstalled[] = "tachikoma/plugins/abi0";

void add(SearchPath& path, std::string_view origin, const std::string& folder) {
  if (!fs::path(folder).is_absolute()) {
    path.warnings.push_back(std::string(origin) + ": '" + folder +
                            "' is not an absolute folder and is not searched; write the whole path");
    return;
  }
  const std::string normal = fs::path(folder).lexically_normal().string();
  if (std::find(path.folders.begin(), path.folders.end(), normal) == path.folders.end())
    path.folders.push_back(normal);
}

/// An environment variable, which a set-uid program must not trust.
std::string environment(const char* name) {
  const char* value = ::secure_getenv(name);
  return value ? value : "";
}

void add_list(SearchPath& path, std::string_view origin, const std::string& list) {
  if (list.empty()) return;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(':', start), list.size());
    add(path, origin, list.substr(start, end - start));
    start = end + 1;
  }
}

void add_user_folder(SearchPath& path) {
  const std::string data = environment("XDG_DATA_HOME");
  const std::string home = environment("HOME");
  if (fs::path(data).is_absolute())  // the XDG specification says to ignore relative ones
    add(path, "XDG_DATA_HOME", data + "/" + kInstalled);
  else if (fs::path(home).is_absolute())
    add(path, "HOME", home + "/.local/share/" + kInstalled);
}

bool is_below(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

// The folder of the shared library that this code is part of; empty: it is part of the program.
fs::path library_folder(const fs::path& program) {
  static const char here = 0;
  Dl_info object{};
  if (::dladdr(&here, &object) == 0 || !object.dli_fname) return {};
  std::error_code failed;
  const fs::path file = fs::canonical(object.dli_fname, failed);
  return failed || file == program ? fs::path() : file.parent_path();
}

void add_program_folders(SearchPath& path) {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  const fs::path build = fs::canonical(TACHIKOMA_BUILD_FOLDER, failed);
  if (!failed && is_below(program, build)) {
    add(path, "build", TACHIKOMA_BUILD_PLUGINS);
    return;
  }
  if (program.has_parent_path())
    add(path, "program", (program.parent_path().parent_path() / TACHIKOMA_LIBDIR / kInstalled).string());
  if (const fs::path library = library_folder(program); !library.empty())
    add(path, "library", (library / kInstalled).string());
  if (tachikoma_installed_plugins) add(path, "installation", tachikoma_installed_plugins());
  add(path, "installation", std::string(TACHIKOMA_FULL_LIBDIR) + "/" + kInstalled);
}

std::vector<std::string> libraries_in(const std::string& folder) {
  std::vector<std::string> files;
  const auto close = [](DIR* opened) { ::closedir(opened); };
  const std::unique_ptr<DIR, decltype(close)> opened(::opendir(folder.c_str()));
  const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
  while (const dirent* entry = opened ? ::readdir(opened.get()) : nullptr)
    if (const std::string_view name = entry->d_name; name.size() > 3 && name.ends_with(".so"))
      files.push_back(prefix + entry->d_name);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

SearchPath make_search_path(const std::vector<std::string>& given) {
  SearchPath path;
  for (const std::string& folder : given) add(path, "plugin path", folder);
  add_list(path, "TACHIKOMA_PLUGIN_PATH", environment("TACHIKOMA_PLUGIN_PATH"));
  add_user_folder(path);
  add_program_folders(path);
  return path;
}

std::vector<PluginReport> scan_folders(const std::vector<std::string>& folders, Detail detail) {
  std::vector<PluginReport> reports;
  std::unordered_set<std::string> files;
  std::unordered_map<std::string, std::string> first_of;  // plugin name -> file
  for (const std::string& folder : folders) {
    const std::vector<std::string> libraries = libraries_in(folder);
    if (libraries.empty()) continue;
    const base::TrustedFolder trusted(folder);
    for (const std::string& file : libraries) {
      PluginReport report = examine_file_in(trusted, file, detail);
      if (!files.insert(report.file).second) continue;
      if (const auto [first, is_new] = first_of.emplace(report.name, report.file); !is_new)
        report.shadowed_by = first->second;
      reports.push_back(std::move(report));
    }
  }
  return reports;
}

}  // namespace tachikoma::plugins
