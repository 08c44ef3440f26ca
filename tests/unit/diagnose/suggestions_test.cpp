// SPDX-License-Identifier: MIT
#include "diagnose/suggestions.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace tachikoma;
using namespace tachikoma::diagnose;
using namespace tachikoma::testing;

namespace {

template <class T>
Sourced<T> known(T value) {
  return {value, Source::reported, "a test"};
}

// A slow model with nothing else that is known to be wrong.
SpeedFacts slow() {
  SpeedFacts facts;
  facts.tokens_per_second = known(4.0);
  facts.prompt_tokens_per_second = known(900.0);
  facts.model.key = "m";
  facts.model.quantization = "Q4_K_M";
  facts.model.size_bytes = known<std::int64_t>(8'000'000'000);
  facts.status.context_length = known<std::int64_t>(16384);
  facts.status.gpu_layers = facts.status.total_layers = known<std::int64_t>(32);
  facts.memory.total_bytes = known<std::int64_t>(10'000'000'000);
  facts.memory.context_bytes = known<std::int64_t>(1'000'000'000);
  facts.hardware.gpus = {{.name = "GPU One"}};
  facts.hardware.vram_bytes = known<std::int64_t>(16'000'000'000);
  facts.hardware.ram_bytes = known<std::int64_t>(32'000'000'000);
  facts.hardware.available_ram_bytes = known<std::int64_t>(20'000'000'000);
  return facts;
}

std::string ids(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += (text.empty() ? "" : ", ") + finding.id;
  return text;
}

}  // namespace

TEST_CASE("a slow model without evidence of a cause gets no suggestion", "[suggestions]") {
  CHECK(ids(suggest(slow())).empty());
}

TEST_CASE("a model that is not slow gets no suggestion, whatever else is known of it", "[suggestions]") {
  SpeedFacts facts = slow();
  facts.status.gpu_layers = known<std::int64_t>(0);
  facts.tokens_per_second = known(10.0);
  CHECK(ids(suggest(facts)).empty());
  facts.tokens_per_second = {};
  CHECK(ids(suggest(facts)).empty());
}

TEST_CASE("layers that are not on the GPU, where there is one, are a reason to enable it", "[suggestions]") {
  SpeedFacts facts = slow();
  facts.status.gpu_layers = known<std::int64_t>(12);
  CHECK(ids(suggest(facts)) == "enable-gpu");
  facts.status.gpu_layers = known<std::int64_t>(0);
  facts.status.total_layers = {};
  CHECK(ids(suggest(facts)) == "enable-gpu");
  facts.hardware.gpus.clear();
  facts.hardware.vram_bytes = known<std::int64_t>(0);
  CHECK(ids(suggest(facts)).empty());
}

TEST_CASE("a large context is a reason to reduce it only when memory is short", "[suggestions]") {
  SpeedFacts facts = slow();
  facts.memory.context_bytes = known<std::int64_t>(4'000'000'000);
  CHECK(ids(suggest(facts)).empty());
  facts.status.gpu_layers = known<std::int64_t>(20);
  CHECK(ids(suggest(facts)) == "reduce-context, enable-gpu");
}

TEST_CASE("a context that takes minutes to read is a reason to reduce it", "[suggestions]") {
  SpeedFacts facts = slow();
  facts.prompt_tokens_per_second = known(40.0);
  CHECK(ids(suggest(facts)) == "reduce-context");
}

TEST_CASE("a model that fills the memory is a reason for fewer bits, as long as it has more than four",
          "[suggestions]") {
  SpeedFacts facts = slow();
  facts.model.size_bytes = known<std::int64_t>(15'000'000'000);
  CHECK(ids(suggest(facts)).empty());
  facts.model.quantization = "Q8_0";
  CHECK(ids(suggest(facts)) == "smaller-quantization");
  facts.model.quantization = "";
  CHECK(ids(suggest(facts)).empty());
}

TEST_CASE("little free memory is a reason to close other applications", "[suggestions]") {
  SpeedFacts facts = slow();
  facts.hardware.available_ram_bytes = known<std::int64_t>(3'000'000'000);
  CHECK(ids(suggest(facts)) == "close-applications");
  facts.hardware.ram_bytes = {};
  CHECK(ids(suggest(facts)).empty());
}

TEST_CASE("each suggestion says what was seen, and what to do", "[suggestions]") {
  SpeedFacts facts = slow();
  facts.status.gpu_layers = known<std::int64_t>(12);
  facts.memory.context_bytes = known<std::int64_t>(4'000'000'000);
  facts.model.size_bytes = known<std::int64_t>(15'000'000'000);
  facts.model.quantization = "Q8_0";
  facts.hardware.available_ram_bytes = known<std::int64_t>(3'000'000'000);
  std::string text;
  for (const Finding& finding : suggest(facts))
    text += finding.id + ": " + finding.title + "\n  seen: " + finding.evidence + "\n  next: " + finding.fix +
            "\n";
  check_golden("cli/suggestions.txt", text);
}

TEST_CASE("a quantization's name tells its bits", "[suggestions]") {
  CHECK(bits_of("Q4_K_M") == 4);
  CHECK(bits_of("MXFP4") == 4);
  CHECK(bits_of("IQ2_XS") == 2);
  CHECK(bits_of("BF16") == 16);
  CHECK_FALSE(bits_of(""));
  CHECK_FALSE(bits_of("none"));
}
