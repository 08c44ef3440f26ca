// SPDX-License-Identifier: MIT
#include "worlds/world.hpp"

#include <cstdlib>

namespace tachikoma::testing {

Machine::Machine(bool has_lmstudio, const std::string& ports, const std::string& sdk_ports)
    : home_(std::getenv("HOME") ? std::getenv("HOME") : "/") {
  if (has_lmstudio) folder_.write(".lmstudio/settings.json", "{}");
  ::setenv("HOME", folder_.path().c_str(), 1);
  ::setenv("TACHIKOMA_LMSTUDIO_PORTS", ports.c_str(), 1);
  ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", sdk_ports.c_str(), 1);
}

Machine::~Machine() {
  ::setenv("HOME", home_.c_str(), 1);
  ::unsetenv("TACHIKOMA_LMSTUDIO_PORTS");
  ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", "", 1);
}

Runtime open_world(const TempDir& folder, const std::string& base_url, const std::string& more,
                   const std::string& rest) {
  std::string text = "providers:\n  lmstudio:\n    plugin: lmstudio\n    base_url: '" + base_url +
                     "'\n    timeouts: {connect: 1500ms, load: 5s, first_token: 1500ms, between_tokens: "
                     "1500ms}\n" +
                     more + "policy: {retry: {attempts: 1}}\n" + rest;
  const std::string file = folder.write("tachikoma.yaml", text);
  return Runtime::open(file, [](Severity, std::string_view, std::string_view) {}).value();
}

std::string outcome(const Error& error) {
  const std::string code(to_string(error.code));
  return error.code == ErrorCode::timeout ? code + " " + std::string(error.detail["clock"].as_string())
                                          : code;
}

std::string ids_of(const Diagnosis& diagnosis) {
  std::string ids;
  for (const Finding& finding : diagnosis.findings)
    ids += (ids.empty() ? "" : ", ") + std::string(to_string(finding.severity)) + " " + finding.id;
  return ids.empty() ? "nothing" : ids;
}

std::string first_id(const Diagnosis& diagnosis) {
  return diagnosis.findings.empty() ? "nothing" : diagnosis.findings.front().id;
}

}  // namespace tachikoma::testing
