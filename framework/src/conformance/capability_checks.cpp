// SPDX-License-Identifier: MIT
// What a provider can do besides to answer: each capability that it offers is asked once.
#include <array>
#include <set>
#include <string>
#include <vector>

#include "conformance/check.hpp"
#include "conformance/listener.hpp"

namespace tachikoma::conformance {
namespace {

template <class Capability>
Capability* capability_of_provider(const Asked& asked) {
  return static_cast<Capability*>(asked.provider.capability(Capability::kId));
}

/// Judges what each provider with that capability gives: `ask` is called with it and a context, `judge` with
/// what that gave. An error is right if its code is one for callers.
template <class Capability, class Ask, class Judge>
Verdict each_capable(const Subject& subject, const std::string& function, const Ask& ask,
                     const Judge& judge) {
  return each_provider(subject, [&](const Asked& asked) -> Verdict {
    auto* const capability = capability_of_provider<Capability>(asked);
    if (!capability) return skip(asked.name + " does not offer " + std::string(Capability::kId));
    CallCancellation never;
    calling(function + "() of " + asked.name);
    const auto given = ask(*capability, asked, CallContext{never, "check"});
    if (given) {
      const std::string wrong = judge(*given);
      return wrong.empty() ? pass() : fail(function + "() of " + asked.name + " " + wrong);
    }
    const Error& error = given.error();
    if (error.code == ErrorCode::plugin_fault || error.code == ErrorCode::internal)
      return fail(in_words(error));
    return skip(function + "() of " + asked.name + " fails: " + in_words(error));
  });
}

Verdict lists_models(const Subject& subject) {
  const auto ask = [](ModelCatalog& catalog, const Asked&, const CallContext& context) {
    return catalog.list_models(context);
  };
  return each_capable<ModelCatalog>(subject, "list_models", ask, [](const std::vector<ModelInfo>& models) {
    std::set<std::string> keys;
    for (const ModelInfo& model : models)
      if (!keys.insert(model.key).second) return "lists '" + model.key + "' twice";
    return std::string();
  });
}

Verdict checks_health(const Subject& subject) {
  const auto ask = [](HealthCheck& health, const Asked&, const CallContext& context) {
    return health.check_health(context);
  };
  return each_capable<HealthCheck>(subject, "check_health", ask, [](const Health& health) {
    return std::string(health.server.empty() ? "succeeds without saying which server it is" : "");
  });
}

Verdict embeds(const Subject& subject) {
  const auto ask = [](Embedder& embedder, const Asked& asked, const CallContext& context) {
    const std::vector<std::string> texts{"one", "", "two words"};
    return embedder.embed(asked.model, texts, context);
  };
  return each_capable<Embedder>(subject, "embed", ask, [](const Embeddings& embeddings) -> std::string {
    if (embeddings.vectors.size() != 3)
      return "gives " + std::to_string(embeddings.vectors.size()) + " vectors for 3 texts";
    for (const std::vector<float>& vector : embeddings.vectors)
      if (vector.empty() || vector.size() != embeddings.vectors.front().size())
        return "gives vectors of different lengths, or of none";
    return {};
  });
}

Verdict counts_tokens(const Subject& subject) {
  const auto ask = [](Tokenizer& tokenizer, const Asked& asked, const CallContext& context) {
    return tokenizer.count_prompt_tokens(new_call(asked.model, "some words to count").request, context);
  };
  return each_capable<Tokenizer>(subject, "count_prompt_tokens", ask, [](std::int64_t tokens) {
    return std::string(tokens > 0 ? "" : "counts no token in four words");
  });
}

Verdict lists_loaded(const Subject& subject) {
  const auto ask = [](ModelManager& manager, const Asked&, const CallContext& context) {
    return manager.loaded(context);
  };
  return each_capable<ModelManager>(subject, "loaded", ask, [](const std::vector<ModelStatus>& models) {
    for (const ModelStatus& model : models)
      if (model.instance.empty()) return "lists '" + model.key + "' without its instance";
    return std::string();
  });
}

Verdict refuses_unknown_instance(const Subject& subject) {
  return each_provider(subject, [&](const Asked& asked) -> Verdict {
    auto* const manager = capability_of_provider<ModelManager>(asked);
    if (!manager) return skip(asked.name + " does not offer " + std::string(ModelManager::kId));
    CallCancellation never;
    calling("unload() of " + asked.name);
    const Status unloaded = manager->unload("there-is-no-such-instance", {never, "check"});
    if (unloaded) return fail("unload() of " + asked.name + " succeeds for an instance that does not exist");
    return unloaded.error().code == ErrorCode::plugin_fault ? fail(unloaded.error().message) : pass();
  });
}

Verdict surveys(const Subject& subject) {
  const auto ask = [](HardwareSurvey& survey, const Asked&, const CallContext& context) {
    return survey.survey(context);
  };
  return each_capable<HardwareSurvey>(subject, "survey", ask, [](const Hardware& hardware) {
    const bool sourced = (!hardware.ram_bytes || !hardware.ram_bytes.basis.empty()) &&
                         (!hardware.vram_bytes || !hardware.vram_bytes.basis.empty());
    return std::string(sourced ? "" : "gives a number without saying where it is from");
  });
}

Verdict examines(const Subject& subject) {
  const auto ask = [](SelfDiagnosis& diagnosis, const Asked&, const CallContext& context) {
    return diagnosis.examine(context);
  };
  return each_capable<SelfDiagnosis>(subject, "examine", ask,
                                     [](const std::vector<Finding>& findings) -> std::string {
                                       for (const Finding& finding : findings)
                                         if (finding.id.empty() || finding.title.empty())
                                           return "finds something without an id or a title";
                                       return {};
                                     });
}

// The host calls it on its own thread: so much is at stake that each question is cancelled.
Verdict keeps_its_promise(const Subject& subject) {
  return each_provider(subject, [&](const Asked& asked) -> Verdict {
    if (!capability_of_provider<PromptReturn>(asked)) return skip(asked.name + " promises nothing");
    CallCancellation cancelled;
    cancelled.request(CancelReason::caller);
    const CallContext context{cancelled, "check"};
    const auto late = [&](const std::string& function, const auto& call) {
      calling(function + "() of " + asked.name + ", whose cancellation was requested");
      const auto start = std::chrono::steady_clock::now();
      call();
      return std::chrono::steady_clock::now() - start > kCancelBound / 2;
    };
    std::string slow;
    if (auto* catalog = capability_of_provider<ModelCatalog>(asked))
      if (late("list_models", [&] { (void)catalog->list_models(context); })) slow = "list_models";
    if (auto* health = capability_of_provider<HealthCheck>(asked))
      if (late("check_health", [&] { (void)health->check_health(context); })) slow = "check_health";
    if (auto* manager = capability_of_provider<ModelManager>(asked))
      if (late("loaded", [&] { (void)manager->loaded(context); })) slow = "loaded";
    if (auto* diagnosis = capability_of_provider<SelfDiagnosis>(asked))
      if (late("examine", [&] { (void)diagnosis->examine(context); })) slow = "examine";
    if (slow.empty()) return pass();
    return fail(slow + "() of " + asked.name + " needs more than 0.35 s to return once it is cancelled");
  });
}

}  // namespace

std::span<const Check> capability_checks() {
  static constexpr std::array kChecks{
      Check{{"capability.catalog", "it lists its models, each once", "give each model a key of its own"},
            "provider.answers",
            lists_models},
      Check{{"capability.health", "its health check says what the server is",
             "fill Health::server from what the server says, or return protocol"},
            "provider.answers",
            checks_health},
      Check{{"capability.embedder", "it gives a vector for each text, all of one length",
             "return protocol if the server gives others"},
            "provider.answers",
            embeds},
      Check{{"capability.tokenizer", "it counts tokens", "return unsupported if the server can't"},
            "provider.answers",
            counts_tokens},
      Check{{"capability.loaded", "what it lists as loaded has an instance",
             "list in loaded() only what is in memory"},
            "provider.answers",
            lists_loaded},
      Check{{"capability.unload", "it refuses to unload what is not there", "return model_not_found"},
            "provider.answers",
            refuses_unknown_instance},
      Check{
          {"capability.survey", "each figure of the machine has its source", "fill `basis` with each number"},
          "provider.answers",
          surveys},
      Check{{"capability.diagnosis", "each of its findings has an id and a title", "fill both"},
            "provider.answers",
            examines},
      Check{{"capability.promise", "if it promises to return promptly, it does",
             "don't offer PromptReturn if a call may not end within 0.35 s of its cancellation"},
            "provider.answers",
            keeps_its_promise},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
