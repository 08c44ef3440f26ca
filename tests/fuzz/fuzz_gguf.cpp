// SPDX-License-Identifier: MIT
// The bytes of a file that calls itself a model.
#include <cstdint>

#include "base/gguf.hpp"
#include "base/gguf_memory.hpp"
#include "base/utf8.hpp"
#include "fuzz/expect.hpp"
#include "support/memory_bytes.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

void check_refusal(const Error& error) {
  expect(error.code == ErrorCode::protocol || error.code == ErrorCode::unsupported,
         "a model file is refused as damaged, or as of a format that is not read");
  expect(!error.hint.empty(), "a refusal says what to do");
  for (char c : error.message)
    expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal holds no control character");
  expect(base::is_utf8(error.message), "a refusal can be shown");
}

void check_number(const Sourced<std::int64_t>& bytes) {
  expect(bytes.value >= 0 && !bytes.basis.empty(), "an estimate is no negative number, and says its source");
}

void check_estimate(const base::GgufModel& model, std::int64_t context, std::int64_t gpu_layers) {
  const base::GgufMemory memory = base::estimate_memory(model, {.context = context,
                                                                .cache_type_k = "q8_0",
                                                                .cache_type_v = "f32",
                                                                .flash_attention = gpu_layers == 0,
                                                                .gpu_layers = gpu_layers});
  for (const base::SplitBytes& part : {memory.weights, memory.cache, memory.state, memory.output,
                                       memory.compute_min, memory.compute_max, memory.total()}) {
    check_number(part.ram);
    check_number(part.gpu);
  }
  expect(memory.compute_min.ram.value <= memory.compute_max.ram.value, "a range has its ends in order");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<base::GgufModel> model = base::read_gguf(MemoryBytes(bytes));
  if (!model) {
    check_refusal(model.error());
    return 0;
  }
  expect(!model->architecture.empty(), "a model has an architecture");
  for (const std::string* text : {&model->architecture, &model->name, &model->basename, &model->size_label})
    expect(base::is_utf8(*text), "what a model file says can be shown");
  for (const auto* number : {&model->layers, &model->context_length, &model->experts, &model->file_type})
    expect(number->value_or(0) >= 0, "no count is negative");
  for (const std::int64_t context : {std::int64_t{0}, std::int64_t{4096}, INT64_MAX})
    for (const std::int64_t gpu_layers : {0, 3, 1000}) check_estimate(*model, context, gpu_layers);
  return 0;
}
