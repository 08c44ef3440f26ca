// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::kit {

/// The findings of an examination so far; the base class of examinations.
class Findings {
 protected:
  void report(std::string id, ErrorCode code, std::string title, std::string evidence, std::string fix,
              Severity severity = Severity::error) {
    findings_.push_back(
        {std::move(id), severity, code, std::move(title), std::move(evidence), std::move(fix)});
  }
  /// Reports that the server is usable, but has no model that could be used.
  void report_models(std::string id, ErrorCode code, std::string title, std::string evidence,
                     std::string fix) {
    report(std::move(id), code, std::move(title), std::move(evidence), std::move(fix));
    findings_.back().scope = FindingScope::models;
  }

  std::vector<Finding> findings_;
};

}  // namespace tachikoma::kit
