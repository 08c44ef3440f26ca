// SPDX-License-Identifier: MIT
// What we read of a model file is what a real server reads of it.
#include "base/gguf.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/kv_cache.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr std::int64_t kContext = 1024;

// What the server's log says behind "print_info: NAME =".
std::string said(const std::string& log, const std::string& name) {
  const std::size_t at = log.find("print_info: " + name + " ");
  if (at == std::string::npos) return {};
  const std::size_t equals = log.find('=', at) + 1, end = log.find('\n', at);
  const std::size_t start = log.find_first_not_of(' ', equals);
  return log.substr(start, log.find_last_not_of(" \r", end - 1) + 1 - start);
}

// As the server writes it: "426.50 K".
std::string in_short(std::uint64_t count) {
  char text[32];
  const auto number = static_cast<double>(count);
  std::snprintf(text, sizeof text, number < 1e6 ? "%.2f K" : "%.2f M", number / (number < 1e6 ? 1e3 : 1e6));
  return text;
}

constexpr std::string_view kCache = "llama_kv_cache: size =";

// Of the line "llama_kv_cache: size =    0.50 MiB (…".
double cache_mib(const std::string& log) {
  const std::size_t at = log.find(kCache);
  REQUIRE(at != std::string::npos);
  return std::stod(log.substr(at + kCache.size(), 20));
}

// A thread of the server's own writes it: it may lag behind what the server answers.
bool has_whole_log(const LlamaServer& server) {
  const std::string log = server.log();
  return log.find('\n', std::min(log.size(), log.find(kCache))) != std::string::npos;
}

}  // namespace

TEST_CASE("a model file is read as a real server reads it", "[real]") {
  const LlamaServer server =
      LlamaServer::with_model({"alpha", {"--layers", "3", "--width", "256", "--context", "2048"}},
                              {"--ctx-size", std::to_string(kContext), "--parallel", "1", "--verbose"});
  REQUIRE(comes_true(std::chrono::seconds(20), [&] { return has_whole_log(server); }));
  const std::string log = server.log();
  INFO(log.substr(0, 20000));
  const auto read = base::read_gguf_file(server.model_file("alpha"));
  REQUIRE(read);
  const base::GgufModel& model = *read;
  CHECK(said(log, "arch") == model.architecture);
  CHECK(said(log, "general.name") == model.name);
  CHECK(said(log, "n_layer") == std::to_string(model.layers.value()));
  CHECK(said(log, "n_ctx_train") == std::to_string(model.context_length.value()));
  CHECK(said(log, "n_embd") == std::to_string(model.embedding_length.value()));
  CHECK(said(log, "n_head") == std::to_string(model.heads.at(0)));
  CHECK(said(log, "n_head_kv") == std::to_string(model.kv_heads.at(0)));
  CHECK(said(log, "model params") == in_short(model.tensors.parameters));
  CHECK(model.template_tools);
  CHECK_FALSE(model.template_reasoning);
  CHECK_THAT(said(log, "file type"), ContainsSubstring(model.quantization));
  const auto cache = base::kv_cache_bytes(model, {.context = kContext});
  CHECK(static_cast<double>(cache.value) / (1 << 20) == Approx(cache_mib(log)).margin(0.01));
}
