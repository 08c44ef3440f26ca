// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/value.hpp"

namespace re2 {
class RE2;
}

namespace tachikoma::sqlite_log {

/// Hides what regular expressions match, in time linear in the text.
class Redaction {
 public:
  /// `patterns`: a list of texts. Fails with `config_invalid`, naming the one that is no expression, or that
  /// matches an empty text, which is everywhere.
  static Result<Redaction> compile(const Value& patterns);
  ~Redaction();
  Redaction(Redaction&&) noexcept;

  /// The value with `•••` for each match in its texts, names of members included.
  Value hide(Value value) const;

 private:
  Redaction();
  std::string hide_in(std::string_view text) const;

  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace tachikoma::sqlite_log
