// SPDX-License-Identifier: MIT
#include "config/variables.hpp"

#include <cstdlib>
#include <utility>

#include "base/utf8.hpp"

namespace tachikoma::config {
namespace {

bool is_name(std::string_view text) {
  constexpr std::string_view kFirst = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view kLater = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && kFirst.find(text[0]) != std::string_view::npos &&
         text.find_first_not_of(kLater) == std::string_view::npos;
}

class Expansion {
 public:
  Expansion(Node& node, const Trail* trail, Problems& problems)
      : node_(node), trail_(trail), problems_(problems) {}

  void run() {
    const std::string source = std::exchange(node_.text, {});
    node_.is_variable = source.starts_with("${") && source.find('}') == source.size() - 1;
    std::string_view rest = source;
    for (;;) {
      const std::size_t start = rest.find("${");
      if (start == std::string_view::npos) break;
      if (start > 0 && rest[start - 1] == '$') {
        node_.text.append(rest.substr(0, start - 1)).append("${");
        rest.remove_prefix(start + 2);
        continue;
      }
      node_.text.append(rest.substr(0, start));
      const std::size_t end = rest.find('}', start);
      if (end == std::string_view::npos) {
        fail("'${' has no closing '}'", "write '$${' for the two characters themselves");
        return;
      }
      replace(rest.substr(start + 2, end - start - 2));
      rest.remove_prefix(end + 1);
    }
    node_.text.append(rest);
  }

 private:
  void fail(std::string message, std::string hint) {
    node_.broken = true;
    problems_.add({node_.at, dotted(trail_), std::move(message), std::move(hint)});
  }

  void replace(std::string_view reference) {
    node_.expanded = true;
    const std::size_t colon = reference.find(":-");
    const std::string name(reference.substr(0, colon));
    if (!is_name(name)) {
      fail(in_quotes(name) + " is not a valid name of an environment variable",
           "write '$${' for the characters '${'");
      return;
    }
    const char* value = std::getenv(name.c_str());
    if (value && (*value || colon == std::string_view::npos)) {
      take(name, value);
    } else if (colon == std::string_view::npos) {
      fail("the environment variable '" + name + "' is not set",
           "set it, or give a default: ${" + name + ":-…}");
    } else if (reference.find("${", colon) != std::string_view::npos) {
      fail("the default of '" + name + "' contains another variable", "use a plain default");
    } else {
      node_.text += reference.substr(colon + 2);
    }
  }

  void take(const std::string& name, std::string_view value) {
    if (!base::is_utf8(value)) return fail("the environment variable '" + name + "' is not UTF-8", {});
    node_.text += value;
    node_.variables.push_back(name);
  }

  Node& node_;
  const Trail* trail_;
  Problems& problems_;
};

void expand(Node& node, const Trail* trail, Problems& problems) {
  if (node.is_scalar() && node.text.find("${") != std::string::npos) Expansion(node, trail, problems).run();
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Trail here{trail, nullptr, i};
    expand(node.items[i], &here, problems);
  }
  for (Entry& entry : node.entries) {
    const Trail here{trail, &entry};
    expand(entry.node, &here, problems);
  }
}

}  // namespace

void expand_variables(Node& root, Problems& problems) { expand(root, nullptr, problems); }

}  // namespace tachikoma::config
