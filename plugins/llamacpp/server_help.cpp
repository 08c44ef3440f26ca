// SPDX-License-Identifier: MIT
#include "llamacpp/server_help.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tachikoma::llamacpp {
namespace {

/// Options stand within this many blanks, in every layout: the widest is ik_llama.cpp's, with 9. What goes on
/// with a description is indented by 22 to 40.
constexpr std::size_t kDeepestOption = 12;
/// More words than this, each one blank after the other, are a description.
constexpr std::size_t kLongestForm = 3;

/// What every build has that has the first, although the help of some names only that (ik_llama.cpp's).
struct Synonym {
  std::string_view named, meant;
};
constexpr Synonym kSynonyms[] = {{"--gpu-layers", "--n-gpu-layers"}, {"-ngl", "--n-gpu-layers"}};

/// Options whose value some builds call by a word alone, without saying what it may be.
struct KnownForm {
  std::string_view option, form;
};
constexpr KnownForm kKnownForms[] = {{"--flash-attn", "[on|off|auto]"}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_of_name(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; }

// "-t", "--threads", "--[no-]mmap"; not "- none: one GPU only", and not "-1 for all".
bool starts_option(std::string_view text) {
  if (text.starts_with("--")) return text.size() > 2 && (is_letter(text[2]) || text[2] == '[');
  return text.size() > 1 && text[0] == '-' && is_letter(text[1]);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::size_t take_blanks(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(count);
  return count;
}

bool opens(char c) { return std::string_view("[{(<").find(c) != std::string_view::npos; }
bool closes(char c) { return std::string_view("]})>").find(c) != std::string_view::npos; }

// A word may have blanks within brackets: "<tensor name pattern>=<buffer type>,...".
std::string_view take_word(std::string_view& text) {
  std::size_t length = 0;
  for (int depth = 0; length < text.size() && (depth > 0 || text[length] != ' '); ++length)
    depth += opens(text[length]) ? 1 : closes(text[length]) && depth > 0 ? -1 : 0;
  std::string_view word = text.substr(0, length);
  // "-t N, --threads N"
  if (word.ends_with(',') && starts_option(text.substr(std::min(length + 1, text.size()))))
    word.remove_suffix(1);
  text.remove_prefix(word.size());
  return word;
}

bool looks_like_form(std::string_view word) {
  return !word.empty() && (opens(word.front()) || std::none_of(word.begin(), word.end(),
                                                               [](char c) { return c >= 'a' && c <= 'z'; }));
}

// What stands one blank after an option; the description is further away, or all that there is.
std::string take_form(std::string_view& text) {
  std::string_view rest = text;
  std::string form;
  std::string_view first, behind_first;
  // ik_llama.cpp: "-ctv-last,  --cache-type-k-last  TYPE,N", and the description below
  if (rest.starts_with("  ") && rest.find(' ', 2) == std::string_view::npos &&
      looks_like_form(rest.substr(2)))
    rest.remove_prefix(1);
  for (std::size_t words = 0;; ++words) {
    if (!rest.starts_with(' ') || rest.size() < 2 || rest[1] == ' ' || starts_option(rest.substr(1))) break;
    if (words == kLongestForm) {
      if (!looks_like_form(first)) return {};
      text = behind_first;
      return std::string(first);
    }
    rest.remove_prefix(1);
    const std::string_view word = take_word(rest);
    if (words == 0) first = word, behind_first = rest;
    form.append(words == 0 ? "" : " ").append(word);
  }
  text = rest;
  return form;
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; at += word.size()) {
    const bool begins = at == 0 || !is_of_name(text[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == text.size() || !is_of_name(text[end]) || text[end] == '.')) return true;
  }
  return false;
}

// "[on|off|auto]", if that is what the description of a value says.
std::string form_of_description(std::string_view text) {
  for (const auto& [on, off] : {std::pair{"on", "off"}, std::pair{"true", "false"}})
    if (has_word(text, on) && has_word(text, off))
      return std::string("[") + on + "|" + off + (has_word(text, "auto") ? "|auto]" : "]");
  return {};
}

class HelpReader {
 public:
  void read_line(std::string_view line) {
    std::string_view rest = line;
    const std::size_t indent = take_blanks(rest);
    if (indent > kDeepestOption || !starts_option(rest)) {
      description_.append(" ").append(rest);
      return;
    }
    end_option();
    read_names(rest);
    description_ = rest;
  }

  HelpOptions options() && {
    end_option();
    for (const Synonym& each : kSynonyms)
      if (const auto named = options_.find(each.named); named != options_.end())
        options_.emplace(each.meant, named->second);
    return std::move(options_);
  }

 private:
  // "-kvo,  --kv-offload, -nkvo, --no-kv-offload", "-t N, --threads N", "-fmoe or --fused-moe", "-h | --help"
  void read_names(std::string_view& text) {
    names_.clear();
    form_.clear();
    for (;;) {
      read_name(text);
      if (std::string form = take_form(text); !form.empty()) form_ = std::move(form);
      std::string_view next = text;
      const bool comma = take(next, ",");
      const std::size_t blanks = take_blanks(next);
      const bool joined = comma || take(next, "|") || take(next, "/") || take(next, "or ") || blanks == 1;
      take_blanks(next);
      if (!joined || !starts_option(next)) return;
      text = next;
    }
  }

  void read_name(std::string_view& text) {
    const std::size_t length =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_of_name) - text.begin());
    std::string name(text.substr(0, length));
    text.remove_prefix(length);
    if (name == "--" && take(text, "[no-]")) {
      const std::size_t end =
          static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_of_name) - text.begin());
      names_.push_back("--no-" + std::string(text.substr(0, end)));
      name += text.substr(0, end);
      text.remove_prefix(end);
    }
    if (take(text, "(s)")) names_.push_back(name + 's');
    names_.push_back(std::move(name));
    if (text.starts_with('=') || text.starts_with("[=")) {  // "--threads=N"
      text.remove_prefix(text.front() == '[' ? 2 : 1);
      form_ = take_word(text);
      if (form_.ends_with(']') && form_.find('[') == std::string::npos) form_.pop_back();
    }
  }

  // A number is a number, whatever its description says of on and off.
  void end_option() {
    if (looks_like_form(form_) && !opens(form_.front()) && form_ != "N")
      if (std::string said = form_of_description(description_); !said.empty()) form_ = std::move(said);
    for (const KnownForm& known : kKnownForms)
      if (!form_.empty() && form_.find_first_of("|,/") == std::string::npos &&
          std::find(names_.begin(), names_.end(), known.option) != names_.end())
        form_ = known.form;
    for (std::string& name : names_) options_.insert_or_assign(std::move(name), form_);
    names_.clear();
    description_.clear();
  }

  HelpOptions options_;
  std::vector<std::string> names_;  // of the option that is being read
  std::string form_, description_;
};

template <class Each>
void each_line(std::string_view text, Each each) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    each(line);
  }
}

}  // namespace

std::string without_colours(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const std::size_t escape = std::min(text.find('\x1b'), text.size());
    plain.append(text.substr(0, escape));
    text.remove_prefix(escape);
    if (!take(text, "\x1b") || !take(text, "[")) continue;
    const std::size_t parameters = std::min(text.find_first_not_of("0123456789;:?"), text.size());
    text.remove_prefix(std::min(parameters + 1, text.size()));
  }
  return plain;
}

HelpOptions read_options(std::string_view help) {
  HelpReader reader;
  each_line(without_colours(help), [&](std::string_view raw) {
    std::string line;
    for (const char c : raw) line.append(c == '\t' ? 8 : 1, c == '\t' ? ' ' : c);
    reader.read_line(line);
  });
  return std::move(reader).options();
}

bool has_serve_command(std::string_view help) {
  bool found = false;
  each_line(without_colours(help), [&](std::string_view line) {
    take_blanks(line);
    found = found || line.starts_with("serve ") || line.find("unknown command") != std::string_view::npos;
  });
  return found;
}

}  // namespace tachikoma::llamacpp
