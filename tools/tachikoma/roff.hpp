// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tachikoma::cli {

/// Text for a manual page, as `man` prints it: in plain, bold or italic letters.
std::string plain(std::string_view text);
std::string bold(std::string_view text);
std::string italic(std::string_view text);

/// A manual page in the language of man(7). What its functions take is made by `plain`, `bold` and
/// `italic`, unless it is an example or a heading.
class Roff {
 public:
  Roff(std::string_view name, std::string_view section, std::string_view brief);

  void section(std::string_view heading);
  void subsection(std::string_view heading);
  void paragraph(std::string_view text);
  /// A term, and what it is.
  void item(std::string_view term, std::string_view text);
  /// Lines as they are, each indented by two blanks.
  void example(std::string_view lines);
  void see_also(const std::vector<std::pair<std::string, std::string>>& pages);

  const std::string& text() const { return text_; }

 private:
  void start_paragraph();

  std::string text_;
};

}  // namespace tachikoma::cli
