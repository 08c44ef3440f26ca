// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/state_folder.hpp"
#include "base/trusted_file.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool exists(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

// A file that nobody named: whoever could put it there or change it would decide what this program runs.
Result<std::string> trusted(const std::string& file) {
  const Result<base::TrustedFile> opened = base::open_trusted(file, base::OwnFolder::sticky);
  if (opened) return file;
  const Error& why = opened.error();
  return Error(ErrorCode::config_invalid, "the configuration '" + file + "' is not used: " + why.message,
               (why.hint.empty() ? std::string() : why.hint + "\n") +
                   "or, if you trust it, name it: --config, or TACHIKOMA_CONFIG",
               Value::object({{"file", file}}));
}

}  // namespace

Result<std::string> find_config() {
  const std::string chosen = environment("TACHIKOMA_CONFIG");
  if (!chosen.empty()) {
    if (exists(chosen)) return chosen;
    return Error(ErrorCode::config_invalid, "TACHIKOMA_CONFIG names '" + chosen + "', which does not exist",
                 "correct it or unset it", Value::object({{"file", chosen}}));
  }
  std::string looked = "'tachikoma.yaml'";
  if (exists("tachikoma.yaml")) return trusted("tachikoma.yaml");
  const std::string folder = base::config_folder();
  if (!folder.empty()) {
    const std::string file = folder + "/tachikoma.yaml";
    if (exists(file)) return trusted(file);
    looked += " here and '" + file + "'";
  }
  return Error(ErrorCode::config_invalid, "there is no configuration: looked for " + looked,
               "`tachikoma config init` writes one; or name a file with TACHIKOMA_CONFIG");
}

}  // namespace tachikoma
