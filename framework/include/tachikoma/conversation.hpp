// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/tool_kit.hpp"

namespace tachikoma {

class Runtime;

/// A chat with memory. Each turn sends the whole history; a turn that fails leaves it unchanged.
///
/// Holds a reference to the runtime, which must outlive it. Use it from one thread at a time.
class Conversation {
 public:
  /// `model`: as in TextRequest; empty: the registry's selected model, also when the selection changes.
  explicit Conversation(Runtime& runtime, std::string model = {}, std::string system = {});

  /// Sends a user turn and adds it, with the model's answer, to the history.
  Result<Reply> send(std::string text, std::stop_token stop = {});
  /// As `send`, passing each delta to `on_delta`. If `on_delta` stops it, the partial answer is kept.
  Result<Reply> stream(std::string text, const DeltaCallback& on_delta, std::stop_token stop = {});

  /// Resolves the name, and continues the conversation with that model.
  Status use_model(std::string_view name);
  /// Forgets all turns; the system prompt stays.
  void reset();

  const std::string& model() const { return model_; }
  const std::vector<Message>& messages() const { return messages_; }
  // applied to every following turn
  GenerationSettings settings;
  ToolKit tools;  ///< run as in TextRequest; calls and results become part of the history
  ToolRules tool_rules;

 private:
  Runtime* runtime_;
  std::string model_;
  std::vector<Message> messages_;
};

}  // namespace tachikoma
