// SPDX-License-Identifier: MIT
// Lists of models made up from a seed, with keys as hubs, servers and people write them, and the names that
// users then type. What a name means is told here by the rules of docs/models.md, one after the other: every
// listed address can be asked, a name that several models have names all of them, and none ever means another
// model.
#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "support/seeds.hpp"
#include "tachikoma/model_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// A list of one provider, and how its user may spell what is in it.
class ListMaker {
 public:
  explicit ListMaker(std::uint32_t seed) : random_(seed) {}

  std::vector<ModelInfo> list() {
    std::vector<ModelInfo> models;
    for (std::size_t left = pick(5) + 1; left > 0; --left) models.push_back(model(models));
    return models;
  }

  /// Spellings of a text of the list: as it is, in another case, each of its ends, with a quantization.
  std::vector<std::string> spellings(const std::string& name, const ModelInfo& of) {
    std::vector<std::string> all{name, in_another_case(name)};
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
      all.push_back(name.substr(slash + 1));
    for (std::size_t i = 0, count = all.size(); i < count; ++i) {
      if (const std::size_t at = all[i].rfind('@'); at != std::string::npos && chance(2))
        all.push_back(all[i].substr(0, at));
      if (!of.quantization.empty() && chance(2))
        all.push_back(all[i] + any({"-", "@", "."}) + in_another_case(of.quantization));
    }
    return all;
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }
  bool chance(std::size_t of) { return pick(of) == 0; }
  std::string any(const std::vector<std::string>& list) { return list[pick(list.size())]; }

  std::string in_another_case(std::string text) {
    const std::size_t way = pick(3);
    for (char& c : text)
      if (c >= 'a' && c <= 'z' && (way == 0 || (way == 1 && chance(2)))) c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  std::string key(const std::vector<ModelInfo>& before) {
    if (!before.empty() && chance(6)) return in_another_case(before[pick(before.size())].key);
    std::string key;
    for (std::size_t left = pick(3); left > 0; --left)
      key += any({"openai", "hub", "lmstudio-community", "a b", "models", "Qwen"}) + "/";
    key += any({"gpt-oss-20b", "qwen3-4b", "Llama-3.1-8B", "m", "current", "default", "it's", "a::b", "\"q\"",
                "mod\xC3\xA8le", "hub", "p", "x.gguf", "GPT-OSS-20B"});
    if (chance(3)) key += any({"@q4_k_m", "@8bit", ":latest", ":2", "-GGUF", "-Q4_K_M", ".Q4_K_M"});
    return key;
  }

  ModelInfo model(const std::vector<ModelInfo>& before) {
    ModelInfo model{.key = key(before), .quantization = any({"", "Q4_K_M", "4bit", "F16"})};
    const auto other = [&] { return before.empty() ? model.key : before[pick(before.size())].key; };
    if (chance(3)) model.aliases.push_back(any({"chat", "best:latest", "hub/best", other()}));
    if (chance(4)) model.variants.push_back(model.key + any({"@q8_0", "@q4_k_m"}));
    if (chance(2)) return model;
    model.state = ModelState::loaded;
    for (std::size_t left = pick(3); left > 0; --left)
      model.instances.push_back({model.instances.empty() && chance(2)
                                     ? model.key
                                     : any({model.key + ":2", "mine", "hub/mine", other()})});
    return model;
  }

  std::mt19937 random_;
};

bool ends_with_segments(std::string_view name, std::string_view key) {
  const std::string small = base::to_lower(name), whole = base::to_lower(key);
  return !name.empty() && (small == whole || whole.ends_with("/" + small));
}

std::string without_variant(const std::string& key) {
  return key.substr(0, key.find('@', key.find_last_of('/') + 1));
}

/// What a name means: "provider::name on the wire" for each model that the first rule that fits finds.
class Meaning {
 public:
  Meaning(std::string_view name, const std::vector<ListedModel>& models) : name_(name) {
    const auto exact = [&](std::string_view each) { return each == name_; };
    const auto any_case = [&](std::string_view each) {
      return base::to_lower(each) == base::to_lower(name_);
    };
    for (const bool spelled : {true, false})
      for (int rule = 0; rule < 4 && found_.empty(); ++rule)
        for (const ListedModel& model : models)
          listed(model, rule, [&](std::string_view each) { return spelled ? exact(each) : any_case(each); });
    for (int rule = 0; rule < 2 && found_.empty(); ++rule)
      for (const ListedModel& model : models)
        if (rule == 0 ? is_end(model.info) : is_end_and_quantization(model.info))
          add(model, asked(model.info));
  }
  const std::set<std::string>& found() const { return found_; }

 private:
  static std::string asked(const ModelInfo& info) {
    for (const ModelInstance& each : info.instances)
      if (each.id == info.key) return info.key;
    return info.instances.empty() ? info.key : info.instances.front().id;
  }
  void add(const ListedModel& model, const std::string& wire) { found_.insert(model.provider + "::" + wire); }

  template <class Is>
  void listed(const ListedModel& model, int rule, Is is) {
    const ModelInfo& info = model.info;
    if (rule == 0)
      for (const ModelInstance& each : info.instances)
        if (is(each.id)) add(model, each.id);
    if (rule == 1 && is(info.key)) add(model, asked(info));
    for (const std::string& each : rule == 2   ? info.aliases
                                   : rule == 3 ? info.variants
                                               : std::vector<std::string>())
      if (is(each)) add(model, each);
  }
  bool is_end(const ModelInfo& info) const {
    return ends_with_segments(name_, info.key) || ends_with_segments(name_, without_variant(info.key));
  }
  bool is_end_and_quantization(const ModelInfo& info) const {
    if (info.quantization.empty() || name_.size() <= info.quantization.size() + 1) return false;
    const std::size_t joint = name_.size() - info.quantization.size() - 1;
    return std::string_view("-@.").find(name_[joint]) != std::string_view::npos &&
           base::to_lower(name_.substr(joint + 1)) == base::to_lower(info.quantization) &&
           ends_with_segments(name_.substr(0, joint), without_variant(info.key));
  }

  const std::string name_;
  std::set<std::string> found_;
};

class AnyList {
 public:
  explicit AnyList(std::uint32_t seed) : maker_(seed) {
    std::vector<calls::ProviderSetup> setups;
    for (const char* id : {"p", "q"}) {
      if (!setups.empty() && seed % 3 == 0) break;
      const auto provider = std::make_shared<FakeProvider>();
      provider->models = maker_.list();
      setups.push_back(setup(id, provider));
    }
    parts_ = make_parts(std::move(setups));
    models_ = parts_.runtime().models.list().models;
  }

  void check_addresses() const {
    for (const ListedModel& each : models_) {
      INFO(each.address);
      const Result<ResolvedModel> model = parts_.runtime().models.resolve(each.address);
      if (!model)
        FAIL_CHECK(model.error().message);
      else
        CHECK(meaning(each.info.key, each.provider).contains(model->provider + "::" + model->name));
    }
  }

  void check_names() {
    for (const ListedModel& each : models_) {
      std::vector<std::string> texts{each.info.key};
      texts.insert(texts.end(), each.info.aliases.begin(), each.info.aliases.end());
      texts.insert(texts.end(), each.info.variants.begin(), each.info.variants.end());
      for (const ModelInstance& instance : each.info.instances) texts.push_back(instance.id);
      for (const std::string& text : texts)
        for (const std::string& name : maker_.spellings(text, each.info)) {
          check(each.provider + "::" + name, meaning(name, each.provider));
          if (!is_address(name)) check(name, meaning(name, ""));
        }
    }
  }

 private:
  bool is_address(const std::string& name) const {
    return name.starts_with("p::") || name.starts_with("q::") || name == "current" || name == "default";
  }
  std::set<std::string> meaning(std::string_view name, const std::string& provider) const {
    std::vector<ListedModel> models = models_;
    std::erase_if(models,
                  [&](const ListedModel& each) { return !provider.empty() && each.provider != provider; });
    return Meaning(name, models).found();
  }

  void check(const std::string& name, const std::set<std::string>& meant) const {
    if (name.ends_with("::current"))
      return;  // unless it is a key, as it is spelled: then `check_addresses` asks
    INFO("'" << name << "'");
    const Result<ResolvedModel> model = parts_.runtime().models.resolve(name);
    if (meant.size() == 1) {
      if (!model)
        FAIL_CHECK(model.error().message);
      else
        CHECK(model->provider + "::" + model->name == *meant.begin());
      return;
    }
    REQUIRE(!model);
    std::set<std::string> named;
    for (const Value& each : model.error().detail["candidates"].elements()) {
      named.emplace(each.as_string());
      const Result<ResolvedModel> asked = parts_.runtime().models.resolve(each.as_string());
      if (!asked)
        FAIL_CHECK(asked.error().message);
      else
        CHECK(asked->provider + "::" + asked->name == each.as_string());
    }
    CHECK(named == meant);
  }

  ListMaker maker_;
  TestParts parts_;
  std::vector<ListedModel> models_;
};

}  // namespace

TEST_CASE("whatever a server lists, every address can be asked, and a name means what the rules say",
          "[regression][model names]") {
  for (const std::uint32_t seed : seeds(200)) {
    INFO("seed " << seed);
    AnyList list(seed);
    list.check_addresses();
    list.check_names();
  }
}
