// SPDX-License-Identifier: MIT
// What all components have in common: they are made, asked what they can do, and destroyed.
#include <array>
#include <string_view>

#include "conformance/check.hpp"
#include "conformance/resources.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::conformance {
namespace {

// Made without its guard, and left as it is: only the factory is judged.
Verdict are_made(const Subject& subject) {
  return each_of_all(subject, [](const auto& candidate) {
    auto made = candidate.make_raw(*candidate.make_host().release());
    if (!made && made.error().code == ErrorCode::plugin_fault) return fail(made.error().message);
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    if (!*made) return fail("the factory of " + candidate.name() + " gives nothing, and no error");
    made->release();
    return pass();
  });
}

Verdict are_destroyed(const Subject& subject) {
  return each_of_all(subject, [](const auto& candidate) {
    const auto host = candidate.make_host();
    auto made = candidate.make_raw(*host);
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    calling("the destructor of " + candidate.name());
    made->reset();
    return pass();
  });
}

constexpr std::array kCapabilities{ModelCatalog::kId, HealthCheck::kId,     Embedder::kId,
                                   Tokenizer::kId,    AsyncChat::kId,       ModelFiles::kId,
                                   ModelManager::kId, ModelDownloader::kId, HardwareSurvey::kId,
                                   ServerLog::kId,    SelfDiagnosis::kId,   PromptReturn::kId};

Verdict know_capabilities(const Subject& subject) {
  return each_of_all(subject, [](const auto& candidate) {
    const auto host = candidate.make_host();
    const auto made = candidate.make_raw(*host);
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    calling("capability() of " + candidate.name());
    const auto ask = [&](std::string_view id) {
      return plugins::guarded(candidate.callee(), "capability",
                              [&] { return Result<void*>((*made)->capability(id)); });
    };
    for (const std::string_view id : kCapabilities) {
      const Result<void*> first = ask(id), again = ask(id);
      if (!first || !again) return fail((first ? again : first).error().message);
      if (*first != *again)
        return fail(candidate.name() + " has another '" + std::string(id) + "' each time");
    }
    const Result<void*> unknown = ask("tachikoma.there-is-no-such/1");
    if (!unknown) return fail(unknown.error().message);
    return *unknown ? fail(candidate.name() + " claims to have a capability that does not exist") : pass();
  });
}

// Two at a time. One that can't be made while another is there, since a port or a file is taken, says so.
Verdict are_made_often(const Subject& subject) {
  return each_of_all(subject, [](const auto& candidate) {
    auto first = candidate.make(), second = candidate.make();
    if (!first) return skip(candidate.name() + " can't be made: " + in_words(first.error()));
    first->reset();
    auto third = candidate.make();
    for (const auto* later : {&second, &third})
      if (!*later && later->error().code == ErrorCode::plugin_fault) return fail(later->error().message);
    return second ? pass() : skip("there can be one " + candidate.name() + ": " + in_words(second.error()));
  });
}

template <class Judge>
Verdict made_and_destroyed(const Subject& subject, const Judge& judge) {
  return each_of_all(subject, [&](const auto& candidate) {
    if (const auto made = candidate.make(); !made)
      return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    const Verdict verdict = judge([&] { (void)candidate.make(); });
    return verdict.status == CheckStatus::fail ? fail(candidate.name() + ": " + verdict.reason) : verdict;
  });
}

Verdict end_their_threads(const Subject& subject) { return made_and_destroyed(subject, judge_threads); }
Verdict close_their_files(const Subject& subject) { return made_and_destroyed(subject, judge_files); }
Verdict free_their_memory(const Subject& subject) {
  return made_and_destroyed(
      subject, [](const std::function<void()>& use) { return judge_memory(use, "to make and destroy one"); });
}

}  // namespace

std::span<const Check> component_checks() {
  static constexpr std::array kChecks{
      Check{{"component.created", "each factory makes its component, or says why it can't",
             "return an Error; don't throw, and don't wait for a server: that is for the first call"},
            "load.registers",
            are_made},
      Check{{"component.destroyed", "each component can be destroyed",
             "end and join your threads in the destructor, and wait there for nobody else"},
            "component.created",
            are_destroyed},
      Check{{"component.capability", "each says at once which capabilities it has, and always the same",
             "return capability_of<…>(this, id), and null for an id that you don't know"},
            "component.destroyed",
            know_capabilities},
      Check{{"component.several", "several of each can be there at a time",
             "keep what belongs to one in its members, not in global variables"},
            "component.capability",
            are_made_often},
      Check{{"component.threads", "each ends its threads when it is destroyed",
             "join your threads in the destructor: code that is unloaded under a thread crashes"},
            "component.capability",
            end_their_threads},
      Check{{"component.files", "each closes what it opened when it is destroyed",
             "close files and sockets in the destructor"},
            "component.capability",
            close_their_files},
      Check{{"component.memory", "each frees its memory when it is destroyed",
             "hold memory by values, containers and unique_ptr"},
            "component.threads",
            free_their_memory},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
