// SPDX-License-Identifier: MIT
#include "common/chat/call_forms.hpp"

#include <array>
#include <cstddef>

namespace tachikoma::kit {
namespace {

// From the chat templates on the models' pages, and from reports of what reached the text of an answer.
constexpr CallForm kForms[] = {
    {"[TOOL_REQUEST]", "[END_TOOL_REQUEST]"},  // LM Studio, for models without a form of their own
    {"<tool_call>", "</tool_call>"},           // Hermes, Qwen, GLM, MiMo
    {"```json\n<tool_call>", "```"},           // the same as a block of code
    {"```xml\n<tool_call>", "```"},
    {"```\n<tool_call>", "```"},
    {"```tool_call", "```"},
    {"```tool_code", "```"},                    // Gemma 3
    {"<tool_calls>", "</tool_calls>"},          // Jamba, Hunyuan
    {"<TOOLCALL>", "</TOOLCALL>"},              // Nemotron
    {"[TOOL_CALLS]", ""},                       // Mistral
    {"<|python_tag|>", "<|eom_id|>"},           // Llama 3
    {"<|python_start|>", "<|python_end|>"},     // Llama 4
    {"<function=", "</function>", true},        // Llama 3, Functionary, Qwen3-Coder without its outer mark
    {"<function_calls>", "</function_calls>"},  // Olmo 3
    {"<minimax:tool_call>", "</minimax:tool_call>"},
    {"<seed:tool_call>", "</seed:tool_call>"},
    {"<start_function_call>", "<end_function_call>"},                // FunctionGemma
    {"<|tool_call>", "<tool_call|>"},                                // Gemma 4
    {"<|tool_call|>", "<|/tool_call|>"},                             // Phi-4, Granite
    {"<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"},  // Kimi K2
    {"<|tool_call_begin|>", "<|tool_call_end|>"},                    // the same without its section
    {"<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"},              // DeepSeek V3 to V3.1
    {"<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>"},
    {"<｜DSML｜function_calls>", "</｜DSML｜function_calls>"},  // DeepSeek V3.2
    {"<|tool_call_start|>", "<|tool_call_end|>"},               // LFM2
    {"<|START_ACTION|>", "<|END_ACTION|>"},                     // Command R7B and later
    {"<|action_start|>", "<|action_end|>"},                     // InternLM
    {"<|tools_prefix|>", "<|tools_suffix|>"},                   // Apertus
};
constexpr std::size_t kCount = std::size(kForms);

constexpr std::array<std::string_view, kCount> kOpenings = [] {
  std::array<std::string_view, kCount> openings;
  for (std::size_t i = 0; i < kCount; ++i) openings[i] = kForms[i].opening;
  return openings;
}();
constexpr Markers kOpeningMarkers = {"<[`", kOpenings};

constexpr std::string_view kSeparators[] = {
    "<tool_call>", "</tool_call>", "[TOOL_CALLS]", "<|plugin|>", "<|tool_call_begin|>", "<|tool_call_end|>",
    "<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>",
    // the end of a text
    "<|eom_id|>", "<|eot_id|>", "<|im_end|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>", "</s>"};
constexpr std::size_t kTextEnds = 6;

constexpr std::string_view kArgumentMarks[] = {"[ARGS]",         "[CALL_ID]", "<|tool_call_argument_begin|>",
                                               "<｜tool▁sep｜>", "```json",   "```"};

}  // namespace

std::span<const CallForm> call_forms() { return kForms; }
const Markers& call_openings() { return kOpeningMarkers; }
std::span<const std::string_view> call_separators() { return kSeparators; }
std::span<const std::string_view> text_ends() { return std::span(kSeparators).last<kTextEnds>(); }
std::span<const std::string_view> argument_marks() { return kArgumentMarks; }

}  // namespace tachikoma::kit
