// SPDX-License-Identifier: MIT
#include "roff.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include <tachikoma/version.hpp>

namespace tachikoma::cli {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  bool at_line_start = true;
  for (const char c : text) {
    // a line that begins with these is an order
    if (at_line_start && (c == '.' || c == '\'')) out += "\\&";
    at_line_start = c == '\n';
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

Roff::Roff(std::string_view name, std::string_view section, std::string_view brief) {
  text_ = ".\\\" Made by the build.\n.TH " + upper(name) + " " + std::string(section) + " \"\" \"Tachikoma " +
          std::string(kVersion) + "\"\n.SH NAME\n" + plain(name) + " \\- " + plain(brief) + "\n";
}

void Roff::section(std::string_view heading) { text_ += ".SH " + plain(upper(heading)) + "\n"; }

void Roff::subsection(std::string_view heading) { text_ += ".SS " + plain(heading) + "\n"; }

// A heading starts one by itself.
void Roff::start_paragraph() {
  const std::size_t line = text_.rfind('\n', text_.size() - 2) + 1;
  if (text_.compare(line, 2, ".S") != 0) text_ += ".PP\n";
}

void Roff::paragraph(std::string_view text) {
  if (text.empty()) return;
  start_paragraph();
  text_.append(text).append("\n");
}

void Roff::item(std::string_view term, std::string_view text) {
  text_.append(".TP\n").append(term).append("\n").append(text.empty() ? "\\&" : text).append("\n");
}

void Roff::example(std::string_view lines) {
  start_paragraph();
  text_ += ".nf\n";
  while (!lines.empty()) {
    constexpr std::string_view kIndent = "  ";
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.starts_with(kIndent)) line.remove_prefix(kIndent.size());
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    // "\ " keeps what a line that begins with a blank would lose
    for (std::size_t i = 0; i < indent; ++i) text_ += "\\ ";
    text_ += plain(line.substr(indent)) + "\n";
  }
  text_ += ".fi\n";
}

void Roff::see_also(const std::vector<std::pair<std::string, std::string>>& pages) {
  text_ += ".SH SEE ALSO\n";
  for (const auto& [name, section] : pages)
    text_ += ".BR " + plain(name) + " (" + section + ")" + (name == pages.back().first ? "\n" : ",\n");
}

}  // namespace tachikoma::cli
