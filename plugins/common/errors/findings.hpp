// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::kit {

/// What an examination has found so far; the base of those who examine.
class Findings {
 protected:
  void report(std::string id, ErrorCode code, std::string title, std::string evidence, std::string fix,
              Severity severity = Severity::error) {
    findings_.push_back(
        {std::move(id), severity, code, std::move(title), std::move(evidence), std::move(fix)});
  }
  /// The server is there, and has no model that could be used.
  void report_models(std::string id, ErrorCode code, std::string title, std::string evidence,
                     std::string fix) {
    report(std::move(id), code, std::move(title), std::move(evidence), std::move(fix));
    findings_.back().scope = FindingScope::models;
  }

  std::vector<Finding> findings_;
};

}  // namespace tachikoma::kit
