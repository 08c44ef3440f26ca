// SPDX-License-Identifier: MIT
#include "code_colors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <set>
#include <string>

namespace tachikoma::cli {
namespace {

using Words = std::set<std::string_view>;

struct Family {
  Words languages;
  std::string_view line_comment;
  std::string_view block_comment;  // its start; the end is the same, turned round
  std::string_view quotes;
  Words keywords;
};

const std::array<Family, 3>& families() {
  static const std::array<Family, 3> all{
      {{{"c",   "h",      "cpp",  "c++",        "cc",    "hpp",  "cs",    "csharp",     "css",    "dart",
         "go",  "golang", "java", "javascript", "js",    "json", "jsonc", "jsx",        "kotlin", "kt",
         "php", "rs",     "rust", "scala",      "swift", "ts",   "tsx",   "typescript", "zig"},
        "//",
        "/*",
        "\"'`",
        {"abstract", "as",        "async",    "auto",     "await",   "bool",      "boolean",  "break",
         "byte",     "case",      "catch",    "char",     "class",   "const",     "continue", "default",
         "defer",    "delete",    "do",       "double",   "else",    "enum",      "export",   "extends",
         "extern",   "false",     "final",    "finally",  "float",   "fn",        "for",      "from",
         "func",     "function",  "if",       "impl",     "import",  "in",        "int",      "interface",
         "let",      "long",      "match",    "mod",      "mut",     "namespace", "new",      "nil",
         "null",     "nullptr",   "override", "package",  "private", "protected", "pub",      "public",
         "return",   "self",      "short",    "signed",   "static",  "struct",    "super",    "switch",
         "template", "this",      "throw",    "trait",    "true",    "try",       "type",     "typedef",
         "typename", "undefined", "union",    "unsigned", "use",     "using",     "val",      "var",
         "virtual",  "void",      "while",    "yield"}},
       {{"bash", "console", "dockerfile", "ini", "make", "makefile", "perl", "py", "python", "r", "rb",
         "ruby", "sh", "shell", "toml", "yaml", "yml", "zsh"},
        "#",
        "",
        "\"'",
        {"False",    "None",     "True",     "and",    "as",     "assert", "async",   "await",   "break",
         "case",     "class",    "continue", "def",    "del",    "do",     "done",    "elif",    "else",
         "end",      "esac",     "except",   "export", "false",  "fi",     "finally", "for",     "from",
         "function", "global",   "if",       "import", "in",     "is",     "lambda",  "local",   "module",
         "nil",      "nonlocal", "not",      "null",   "or",     "pass",   "raise",   "require", "return",
         "self",     "then",     "true",     "try",    "unless", "until",  "while",   "with",    "yield"}},
       {{"haskell", "hs", "lua", "sql"},
        "--",
        "",
        "\"'",
        {"ALTER",  "AND",    "AS",     "BY",     "CASE",   "CREATE",  "DELETE", "DESC",     "DISTINCT",
         "DROP",   "ELSE",   "END",    "FROM",   "GROUP",  "HAVING",  "IN",     "INDEX",    "INNER",
         "INSERT", "INTO",   "IS",     "JOIN",   "KEY",    "LEFT",    "LIKE",   "LIMIT",    "NOT",
         "NULL",   "ON",     "OR",     "ORDER",  "OUTER",  "PRIMARY", "SELECT", "SET",      "TABLE",
         "THEN",   "UNION",  "UPDATE", "VALUES", "VIEW",   "WHEN",    "WHERE",  "WITH",     "and",
         "data",   "do",     "else",   "end",    "false",  "for",     "from",   "function", "if",
         "import", "in",     "let",    "local",  "module", "nil",     "not",    "or",       "repeat",
         "return", "select", "then",   "true",   "type",   "until",   "where",  "while"}}}};
  return all;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Reads code from its start to its end, a token at a time.
class Colorer {
 public:
  Colorer(std::string_view code, const Family& family, const Style& plain)
      : rest_(code), family_(family), plain_(plain) {}

  StyledText all() {
    while (!rest_.empty()) next();
    return std::move(out_);
  }

 private:
  void next() {
    const std::string_view block = family_.block_comment;
    if (!family_.line_comment.empty() && rest_.starts_with(family_.line_comment) &&
        !(in_word_ && family_.line_comment == "#"))
      return take(std::min(rest_.find('\n'), rest_.size()), comment());
    if (!block.empty() && rest_.starts_with(block)) {
      const std::string end(block.rbegin(), block.rend());
      const std::size_t at = rest_.find(end, block.size());
      return take(at == std::string_view::npos ? rest_.size() : at + end.size(), comment());
    }
    const char first = rest_.front();
    if (family_.quotes.find(first) != std::string_view::npos && !in_word_)
      return take(string_length(first), with(Color::green));
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_word);
    const auto word = static_cast<std::size_t>(end - rest_.begin());
    if (word == 0) return take(1, plain_);
    if (std::isdigit(static_cast<unsigned char>(first))) return take(word, with(Color::yellow));
    take(word, family_.keywords.contains(rest_.substr(0, word)) ? with(Color::magenta) : plain_);
  }

  // To the same quote, or the end of the line; of three quotes, or a back quote, over lines. An apostrophe
  // that nothing closes begins none: it is one of Rust's lifetimes.
  std::size_t string_length(char quote) const {
    const std::string three(3, quote);
    if (rest_.starts_with(three)) {
      const std::size_t end = rest_.find(three, 3);
      return end == std::string_view::npos ? rest_.size() : end + 3;
    }
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == quote) {
        return at + 1;
      } else if (rest_[at] == '\n' && quote != '`') {
        return quote == '\'' ? 1 : at;
      }
    }
    return rest_.size();
  }

  Style with(Color color) const {
    Style style = plain_;
    style.color = color;
    return style;
  }

  Style comment() const {
    Style style = plain_;
    style.faint = true;
    return style;
  }

  void take(std::size_t count, const Style& style) {
    out_.append(rest_.substr(0, count), style);
    in_word_ = is_word(rest_[count - 1]);
    rest_.remove_prefix(count);
  }

  std::string_view rest_;
  const Family& family_;
  const Style& plain_;
  StyledText out_;
  bool in_word_ = false;
};

StyledText colored_diff(std::string_view code, const Style& plain) {
  StyledText out;
  while (!code.empty()) {
    const std::size_t end = std::min(code.find('\n'), code.size() - 1) + 1;
    const std::string_view line = code.substr(0, end);
    Style style = plain;
    if (line.starts_with('+')) style.color = Color::green;
    if (line.starts_with('-')) style.color = Color::red;
    if (line.starts_with("@@")) style.color = Color::cyan;
    out.append(line, style);
    code.remove_prefix(end);
  }
  return out;
}

}  // namespace

StyledText colored_code(std::string_view code, std::string_view language, const Style& plain) {
  std::string name(language);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "diff" || name == "patch") return colored_diff(code, plain);
  for (const Family& family : families())
    if (family.languages.contains(name)) return Colorer(code, family, plain).all();
  StyledText out;
  out.append(code, plain);
  return out;
}

}  // namespace tachikoma::cli
