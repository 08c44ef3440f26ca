// SPDX-License-Identifier: MIT
#include "config/references.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "config/scalars.hpp"

namespace tachikoma::config {
namespace {

constexpr std::string_view kSeparator = "::";

bool is_id(std::string_view text) {
  const auto lower_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && lower_or_digit(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return lower_or_digit(c) || c == '_' || c == '-';
  });
}

class References {
 public:
  References(const Node& root, Problems& problems) : root_(root), problems_(problems) {
    providers_ = base::texts_of(section("providers"), &Entry::key);
  }

  void check() {
    const Entry* providers = root_.find("providers");
    // a misspelled section is reported already
    if (!providers && problems_.empty())
      problems_.add(
          {root_.at, {}, "the key 'providers' is missing", "name one, such as 'providers: {lmstudio: {}}'"});
    if (providers && providers->node.kind == Node::Kind::map && providers_.empty())
      problems_.add({providers->at, "providers", "there is no provider", "name one, such as 'lmstudio: {}'"});
    for (const char* name : {"providers", "tools", "monitors"})
      for (const Entry& entry : section(name)) check_id(name, entry);
    for (const Entry& provider : section("providers")) {
      check_endpoints(provider);
      check_cassettes(provider);
    }
    for (const Entry& model : section("models")) {
      check_alias(model);
      check_provider_of(model);
      check_fallbacks(model);
      check_owner(model);
    }
    for (const char* key : {"model", "embedding_model"}) check_default(key);
  }

 private:
  const std::vector<Entry>& section(std::string_view name) const {
    static const std::vector<Entry> none;
    const Entry* found = root_.find(name);
    return found ? found->node.entries : none;
  }

  void check_id(const char* name, const Entry& entry) {
    if (!is_id(entry.key))
      problems_.add({entry.at, name, in_quotes(entry.key) + " can't be an id",
                     "use lower-case letters, digits, '-' and '_', and start with a letter or digit",
                     entry.key});
  }

  void check_alias(const Entry& model) {
    if (model.key == "current" || model.key == "default")
      problems_.add({model.at, "models", "the alias '" + model.key + "' is reserved", "choose another name",
                     model.key});
    else if (model.key.empty() || model.key.find(kSeparator) != std::string::npos)
      problems_.add({model.at, "models", in_quotes(model.key) + " can't be an alias",
                     "'::' stands between a provider and a model: choose another name", model.key});
  }

  void check_provider_of(const Entry& model) {
    if (model.node.kind != Node::Kind::map) return;
    if (const Entry* provider = model.node.find("provider")) {
      if (provider->node.is_scalar() && !provider->node.broken)
        check_provider(provider->node.text, provider->node.at,
                       dotted(dotted("models", model.key), "provider"));
    } else if (providers_.size() > 1) {
      problems_.add({model.at, dotted("models", model.key), "the key 'provider' is missing",
                     "name one of " + base::quoted_list(providers_), "provider"});
    }
  }

  void check_endpoints(const Entry& provider) {
    const std::string where = dotted("providers", provider.key);
    const Entry* endpoints = provider.node.find("endpoints");
    const Entry* eject = provider.node.find("eject_for");
    if (endpoints && endpoints->node.kind == Node::Kind::list && endpoints->node.items.empty())
      problems_.add({endpoints->at, where, "'endpoints' names no server", "name at least one", "endpoints"});
    if (eject && !endpoints)
      problems_.add(
          {eject->at, where, "'eject_for' has no effect without 'endpoints'", "remove it", "eject_for"});
  }

  void check_cassettes(const Entry& provider) {
    const std::string where = dotted("providers", provider.key);
    const Entry* record = provider.node.find("record");
    const Entry* replay = provider.node.find("replay");
    if (record && replay)
      problems_.add({replay->at, where, "'record' and 'replay' are both given",
                     "keep 'record' to ask the server, or 'replay' to ask the cassette", "replay"});
    if (!record) return;
    for (const Entry& other : section("providers")) {
      if (&other == &provider) return;
      const Entry* taken = other.node.find("record");
      if (taken && record->node.is_scalar() && taken->node.text == record->node.text)
        problems_.add({record->at, where, "'record' names the file of " + in_quotes(other.key),
                       "give each provider a cassette of its own", "record"});
    }
  }

  void check_fallbacks(const Entry& model) {
    const Entry* fallback = model.node.find("fallback");
    if (!fallback) return;
    const std::string where = dotted(dotted("models", model.key), "fallback");
    for (const Node& each : fallback->node.items) {
      if (!each.is_scalar() || each.broken) continue;
      const std::size_t separator = each.text.find(kSeparator);
      if (separator != std::string::npos) check_provider(each.text.substr(0, separator), each.at, where);
      if (each.text == model.key)
        problems_.add({each.at, where, in_quotes(each.text) + " is the model itself", "name another one"});
    }
  }

  void check_owner(const Entry& model) {
    const Entry* owner = model.node.find("owner");
    if (!owner || owner->node.text != "jit") return;
    for (const char* key : {"pin", "preload", "min_residence"}) {
      const Entry* setting = model.node.find(key);
      if (!setting || is_off(setting->node.text)) continue;
      problems_.add({setting->at, dotted("models", model.key),
                     in_quotes(key) + " has no effect with 'owner: jit', which is set at " +
                         problems_.place(owner->at) + ": the server loads and unloads this model",
                     "keep one of them", key});
    }
  }

  void check_provider(const std::string& id, Position at, const std::string& where) {
    if (std::find(providers_.begin(), providers_.end(), id) != providers_.end()) return;
    const std::vector<std::string> near = base::nearest(id, providers_);
    std::string hint = base::did_you_mean(near);
    if (hint.empty() && !providers_.empty()) hint = "there is " + base::quoted_list(providers_);
    problems_.add({at, where, "there is no provider " + in_quotes(id), std::move(hint)});
  }

  void check_default(const char* key) {
    const Entry* defaults = root_.find("defaults");
    const Entry* model = defaults ? defaults->node.find(key) : nullptr;
    if (!model || !model->node.is_scalar() || model->node.broken) return;
    const std::string& name = model->node.text;
    const std::string where = dotted("defaults", key);
    const std::size_t separator = name.find(kSeparator);
    if (separator != std::string::npos) {
      check_provider(name.substr(0, separator), model->node.at, where);
      if (separator + kSeparator.size() == name.size())
        problems_.add({model->node.at, where, in_quotes(name) + " names no model after '::'",
                       "name one, or 'current'"});
    } else if (name == "default") {
      problems_.add(
          {model->node.at, where, "'default' can't refer to itself", "name an alias, or provider::name"});
    } else if (name == "current" && providers_.size() > 1) {
      problems_.add({model->node.at, where, "'current' is ambiguous with several providers",
                     "write provider::current"});
    }
  }

  const Node& root_;
  Problems& problems_;
  std::vector<std::string> providers_;
};

}  // namespace

void check_references(const Node& root, Problems& problems) { References(root, problems).check(); }

}  // namespace tachikoma::config
