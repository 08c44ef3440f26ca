// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::calls {

/// What a provider can be asked.
enum class Question : std::uint8_t { chat, embed, list_models, count_prompt_tokens, count_text_tokens };

constexpr std::string_view to_string(Question question) noexcept {
  switch (question) {
    case Question::chat: return "chat";
    case Question::embed: return "embed";
    case Question::list_models: return "list_models";
    case Question::count_prompt_tokens: return "count_prompt_tokens";
    case Question::count_text_tokens: return "count_text_tokens";
  }
  return "chat";
}

/// One event of an answer, and when it came.
struct RecordedEvent {
  std::int64_t at_us = 0;  ///< microseconds since the request
  ChatEvent::Kind kind = ChatEvent::Kind::delta;
  Channel channel = Channel::final;
  std::uint32_t index = 0;
  double fraction = 0;
  std::string text = {};
  std::string id = {};
  std::string name = {};

  static RecordedEvent of(const ChatEvent& event, std::chrono::microseconds at);
  /// Its views are of this one.
  ChatEvent event() const;
};

/// A request and its answer: one line of a cassette.
struct Interaction {
  std::int64_t request = 0;  ///< counted from 1, in the order in which they were asked
  Question question = Question::chat;
  Value asked = {};  ///< see the functions `asked`
  std::vector<RecordedEvent> events = {};
  Value answer = {};  ///< see `answer_form`; null if it failed or was cancelled
  std::optional<Error> error = {};
  bool cancelled = false;    ///< nobody waited for the end
  std::int64_t took_us = 0;  ///< microseconds
};

/// The first line of a cassette.
struct CassetteHead {
  std::int64_t cassette = kSchema;  ///< the version of the form
  std::string provider = {};        ///< its id in the configuration
  std::string plugin = {};
  bool lists_models = false;
  bool lists_every_model = false;
  bool embeds = false;
  bool counts_tokens = false;

  static constexpr std::int64_t kSchema = 1;
};

/// What was asked, to be compared: an image is its size and a hash. A setting that only the host applies is
/// left out.
Value asked(const ChatRequest& request);
Value asked(std::string_view model, std::span<const std::string> texts);
Value asked(std::string_view model, std::string_view text);

Value answer_form(const ChatOutcome& outcome);
Value answer_form(const Embeddings& embeddings);
Value answer_form(const std::vector<ModelInfo>& models);
Value answer_form(std::int64_t tokens);

/// The answer to a question: fails with a sentence on the first member that is not as `answer_form` writes
/// it.
template <class T>
Result<T> read_answer(const Value& form);
template <>
Result<ChatOutcome> read_answer(const Value& form);
template <>
Result<Embeddings> read_answer(const Value& form);
template <>
Result<std::vector<ModelInfo>> read_answer(const Value& form);
template <>
Result<std::int64_t> read_answer(const Value& form);

Value to_form(const CassetteHead& head);
Value to_form(const Interaction& interaction);
/// Fail with `invalid_argument`: a sentence on the first member that is not as `to_form` writes it.
Result<CassetteHead> read_head(const Value& form);
Result<Interaction> read_interaction(const Value& form);

}  // namespace tachikoma::calls
