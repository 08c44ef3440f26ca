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
/// Refers to the runtime that it was made from. For one thread at a time.
class Conversation {
 public:
  /// `model`: as in TextRequest; empty follows the registry's selection.
  explicit Conversation(Runtime& runtime, std::string model = {}, std::string system = {});

  /// Adds the user's turn and what the model made of it.
  Result<Reply> send(std::string text, std::stop_token stop = {});
  /// As `send`, with the deltas as they come. When `on_delta` ends it, the partial answer is kept.
  Result<Reply> stream(std::string text, const DeltaCallback& on_delta, std::stop_token stop = {});

  /// Lets another model go on with the same history, after resolving the name.
  Status use_model(std::string_view name);
  /// Forgets all turns; the system prompt stays.
  void reset();

  const std::string& model() const { return model_; }
  const std::vector<Message>& messages() const { return messages_; }
  // of every turn from now on
  GenerationSettings settings;
  ToolKit tools;  ///< run as in TextRequest; their calls and results become part of the history
  ToolRules tool_rules;

 private:
  Runtime* runtime_;
  std::string model_;
  std::vector<Message> messages_;
};

}  // namespace tachikoma
