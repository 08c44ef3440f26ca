// SPDX-License-Identifier: MIT
// What a model file says in more than one way.
#include <cstdint>
#include <string>
#include <vector>

#include "base/gguf.hpp"
#include "support/catch.hpp"
#include "support/gguf_writer.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

namespace {

GgufModel hinting(const GgufWriter& file) {
  const std::string head = file.head();
  return read_gguf(MemoryBytes(head)).value();
}

}  // namespace

TEST_CASE("which layers slide is said by flags, or by a number", "[gguf]") {
  GgufWriter flags, number;
  for (GgufWriter* each : {&flags, &number}) each->add("general.architecture", "llama");
  flags.add("llama.attention.sliding_window_pattern", std::vector<bool>{true, false, true});
  number.add("llama.attention.sliding_window_pattern", 6u);
  CHECK(hinting(flags).sliding_pattern == std::vector<std::int64_t>{1, 0, 1});
  CHECK(hinting(number).sliding_pattern == std::vector<std::int64_t>{6});
}

TEST_CASE("a chat template hints at tools and at reasoning", "[gguf]") {
  struct Hints {
    bool tools, reasoning;
    bool operator==(const Hints&) const = default;
  };
  const auto hints = [](const std::string& key, const std::string& text) {
    GgufWriter file;
    file.add("general.architecture", "llama");
    file.add(key, text);
    file.add("llama.context_length", 7u);
    const GgufModel model = hinting(file);
    CHECK(model.context_length == 7);  // what stands behind it is read as well
    return Hints{model.template_tools, model.template_reasoning};
  };
  constexpr char kTemplate[] = "tokenizer.chat_template";
  CHECK(hints(kTemplate, "{{ messages }}") == Hints{false, false});
  CHECK(hints(kTemplate, "{%- if tools %}") == Hints{true, false});
  CHECK(hints(kTemplate, "{%- if enable_thinking is false %}<think>") == Hints{false, true});
  CHECK(hints(kTemplate, "{{ tools }} {{ message.reasoning_content }}") == Hints{true, true});
  CHECK(hints("tokenizer.chat_template.tool_use", "{{ tools }}") == Hints{true, false});
  CHECK(hints("tokenizer.other", "{{ tools }}") == Hints{false, false});
  CHECK(hints(kTemplate, std::string(1 << 20, ' ') + "tools") == Hints{false, false});  // too far behind
}
