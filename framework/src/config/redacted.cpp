// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_pointer.hpp"
#include "base/secrets.hpp"
#include "config/secret_texts.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma {
namespace {

// `value` with the value at the pointer hidden. An empty text is not hidden: it shows that no secret is set.
Value hide(const Value& value, std::string_view pointer) {
  if (pointer.empty()) {
    const bool nothing =
        value.is_null() || (value.is_string() && value.as_string().empty()) ||
        ((value.is_object() || value.is_array()) && value.members().empty() && value.elements().empty());
    return nothing ? value : Value(base::kHidden);
  }
  const std::string step = base::take_step(pointer);
  Value copy = value;
  if (Value* member = copy.find(step)) {
    *member = hide(*member, pointer);
  } else if (value.is_array()) {
    Value::Array elements = value.elements();
    if (const Value* element = base::find_element(value, step)) {
      Value& hidden = elements[static_cast<std::size_t>(element - value.elements().data())];
      hidden = hide(*element, pointer);
    }
    copy = std::move(elements);
  }
  return copy;
}

/// Hides secrets in what no schema marks as one: the query of a URL, arguments of a command, settings of a
/// server by its own names, and a marked secret that is repeated anywhere.
class UnmarkedSecrets {
 public:
  // `key` alone is the name of a model, and first_token a time limit
  static bool is_secret(const Member& member) {
    return member.value.is_string() && !member.value.as_string().empty() && member.key != "key" &&
           member.key != "first_token" && base::names_secret(member.key);
  }

  explicit UnmarkedSecrets(std::vector<std::string> known) : known_(std::move(known)) {}

  Value hide(const Value& value) const {
    if (value.is_string()) return base::without_secrets(base::without_url_secrets(value.as_string()), known_);
    if (value.is_array()) {
      Value::Array out;
      for (const Value& each : base::without_argument_secrets(value.elements())) out.push_back(hide(each));
      return out;
    }
    if (!value.is_object()) return value;
    Value::Object out;
    for (const Member& member : value.members())
      out.push_back({member.key, is_secret(member) ? Value(base::kHidden) : hide(member.value)});
    return out;
  }

 private:
  const std::vector<std::string> known_;
};

std::vector<std::string> marked_secrets(const Config& config) {
  std::vector<std::string> marked;
  for (const Origin& origin : config.origins)
    if (const Value* secret = base::find_at(config.effective, origin.pointer);
        origin.secret && secret && secret->is_string())
      marked.emplace_back(secret->as_string());
  return marked;
}

void add_unmarked(const Value& value, std::vector<std::string>& secrets) {
  for (const Member& member : value.members())
    if (UnmarkedSecrets::is_secret(member))
      secrets.emplace_back(member.value.as_string());
    else
      add_unmarked(member.value, secrets);
  const Value::Array& words = value.elements();
  const Value::Array shown = base::without_argument_secrets(words);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i].as_string(), hidden = shown[i].as_string();
    if (word != hidden && hidden.ends_with(base::kHidden))
      secrets.emplace_back(word.substr(std::min(word.size(), hidden.size() - base::kHidden.size())));
    add_unmarked(words[i], secrets);
  }
}

}  // namespace

Value redacted(const Config& config) {
  Value out = config.effective;
  for (const Origin& origin : config.origins)
    if (origin.secret) out = hide(out, origin.pointer);
  return UnmarkedSecrets(marked_secrets(config)).hide(out);
}

std::vector<std::string> config::secret_texts(const Config& config) {
  std::vector<std::string> secrets = marked_secrets(config);
  add_unmarked(config.effective, secrets);
  for (std::size_t i = 0, count = secrets.size(); i < count; ++i)  // of "Bearer x" both may be repeated
    if (const std::size_t blank = secrets[i].rfind(' '); blank != std::string::npos)
      secrets.push_back(secrets[i].substr(blank + 1));
  return secrets;
}

}  // namespace tachikoma
