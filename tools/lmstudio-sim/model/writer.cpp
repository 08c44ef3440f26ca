// SPDX-License-Identifier: MIT
#include "model/writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/arithmetic.hpp"
#include "model/word_tokens.hpp"
#include "world/units.hpp"

namespace lmstudio_sim {
namespace {

constexpr std::size_t kMaxQuoteSize = 60;

// Answers to the first examples of the documentation.
using Fact = std::pair<std::string_view, std::string_view>;
constexpr std::array<Fact, 3> kFacts{
    {{"capital of france", "The capital of France is Paris."},
     {"quantum computing",
      "Quantum computing stores information in qubits, which can be in several states at once. Gates let the "
      "wrong answers cancel out and the right ones add up, so some problems, such as factoring, need far "
      "fewer steps."},
     {"sky blue", "The sky is blue because air scatters short waves of light more than long ones."}}};

bool ends_sentence(char c) { return c == '?' || c == '.' || c == '!' || c == ' ' || c == '\n' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && ends_sentence(text.back())) text.remove_suffix(1);
  return text;
}

bool is_greeting(std::string_view lower) {
  static constexpr std::array<std::string_view, 3> kGreetings{"hello", "hi", "hey"};
  return std::ranges::any_of(kGreetings, [&](std::string_view greeting) {
    if (!lower.starts_with(greeting)) return false;
    return lower.size() == greeting.size() || lower[greeting.size()] < 'a' || lower[greeting.size()] > 'z';
  });
}

// The topic of a question: "black holes" for "Tell me about black holes." Empty when there is none.
std::string topic_of(std::string_view prompt) {
  static constexpr std::array<std::string_view, 8> kLeads{
      "explain ", "what is ", "who is ", "tell me about ", "describe ", "how does ", "why is ", "summarize "};
  const std::string lower = lower_case(prompt);
  for (const std::string_view lead : kLeads)
    if (lower.starts_with(lead)) return quote(prompt.substr(lead.size()));
  return {};
}

struct Turns {
  std::string_view last;      // the user's latest text
  std::string_view previous;  // the one before
  std::size_t earlier = 0;    // user turns before the latest
};

Turns turns_of(const std::vector<ChatMessage>& messages) {
  Turns turns;
  std::size_t count = 0;
  for (const ChatMessage& message : messages) {
    if (message.role != "user") continue;
    turns.previous = std::exchange(turns.last, trimmed(message.text));
    ++count;
  }
  turns.earlier = count > 0 ? count - 1 : 0;
  return turns;
}

// Describes the images of the last user turn.
std::string image_descriptions(const std::vector<ChatMessage>& messages) {
  std::string text;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    if (message->role != "user") continue;
    for (const SeenImage& image : message->images)
      text += "I see an image: " + image.mime_type + ", " + std::to_string(image.bytes) + " bytes. ";
    break;
  }
  return text;
}

std::string recollection(const Turns& turns) {
  if (turns.earlier == 0) return {};
  return "I remember " + std::to_string(turns.earlier) +
         (turns.earlier == 1 ? " earlier turn" : " earlier turns") + "; before this you said \"" +
         quote(turns.previous) + "\". ";
}

}  // namespace

std::string quote(std::string_view text) {
  text = trimmed(text.substr(0, text.find('\n')));
  if (text.size() <= kMaxQuoteSize) return std::string(text);
  std::size_t end = kMaxQuoteSize;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

std::string opening(const ModelSpec& model) {
  static constexpr std::array<std::string_view, 4> kVoices{
      "This is lmstudio-sim, standing in for ", "This is lmstudio-sim, speaking as ",
      "This is lmstudio-sim, in the role of ", "This is lmstudio-sim, pretending to be "};
  std::size_t voice = 0;
  for (const char c : model.key) voice = voice * 31 + static_cast<unsigned char>(c);
  return std::string(kVoices[voice % kVoices.size()]) + model.key + ". ";
}

std::string answer_text(std::string_view question) {
  const std::string_view prompt = trimmed(question);
  const std::string lower = lower_case(prompt);
  if (const auto result = work_out(lower)) return *result + ".";
  for (const auto& [subject, sentence] : kFacts)
    if (lower.find(subject) != std::string::npos) return std::string(sentence);
  if (is_greeting(lower)) return "Hello! I am well, thank you for asking. What would you like to know?";
  if (prompt.empty()) return "The last message has no text, so there is nothing to answer yet.";
  if (const std::string topic = topic_of(prompt); !topic.empty())
    return "You ask about \"" + topic +
           "\". A real model would explain it here; a simulator knows the shape of an answer, not its "
           "content.";
  if (lower.starts_with("write "))
    return "You want me to " + quote(lower) +
           ". Here is a first line: every long text begins with a short one.";
  return "I read your message, \"" + quote(prompt) + "\", of " + std::to_string(count_tokens(prompt)) +
         " tokens, and have nothing to add to it.";
}

std::string write_text(const ModelSpec& model, const std::vector<ChatMessage>& messages) {
  const Turns turns = turns_of(messages);
  return opening(model) + recollection(turns) + image_descriptions(messages) + answer_text(turns.last);
}

}  // namespace lmstudio_sim
