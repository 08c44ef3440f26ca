// SPDX-License-Identifier: MIT
// A model that does not fit told the one buffer that failed as what it needs, and the memory of the machine
// as what is free.
#include "base/gguf.hpp"
#include "llamacpp/hardware.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Error too_large(const std::string& line, std::int64_t failed) {
  return Error(ErrorCode::insufficient_memory, "'m' can't be loaded: \"" + line + '"', {},
               Value::object({{"required_bytes", failed}}));
}

base::GgufModel eight_gigabytes() {
  base::GgufModel model;
  model.size_bytes = 8'000'000'000;
  model.context_length = 4096;
  model.layers = 32;
  model.embedding_length = 4096;
  model.heads = {32};
  return model;
}

}  // namespace

TEST_CASE("what a load needs is all of it, and what is free is that", "[llamacpp][load]") {
  const Error error = llamacpp::with_memory(too_large("failed to allocate buffer for kv cache", 500'000'000),
                                            eight_gigabytes(), {.context_length = 4096});
  CHECK(error.detail["required_bytes"].as_integer() > 8'000'000'000);
  CHECK_THAT(std::string(error.detail["required_basis"].as_string()), StartsWith("estimated: "));
  CHECK(error.detail["available_bytes"].as_integer() > 0);
  CHECK_THAT(std::string(error.detail["available_basis"].as_string()), StartsWith("measured: "));
}

TEST_CASE("the RAM that is free is not told where a GPU's memory was short", "[llamacpp][load]") {
  for (const char* const line : {"allocating 500.00 MiB on device 0: cudaMalloc failed: out of memory",
                                 "ggml_vulkan: Device memory allocation of size 500 failed"}) {
    const Error error = llamacpp::with_memory(too_large(line, 500'000'000), eight_gigabytes(), {});
    CHECK(error.detail["available_bytes"].is_null());
    CHECK(error.detail["required_bytes"].as_integer() > 8'000'000'000);
  }
}

TEST_CASE("without an estimate the failed buffer is told as that", "[llamacpp][load]") {
  const Error error = llamacpp::with_memory(too_large("failed to allocate", 500'000'000), {}, {});
  CHECK(error.detail["required_bytes"].as_integer() == 500'000'000);
  CHECK(error.detail["required_basis"].as_string() ==
        "reported: llama.cpp's log: at least the buffer that failed");
  const Error other(ErrorCode::protocol, "no");
  CHECK(llamacpp::with_memory(other, {}, {}).detail.is_null());
}
