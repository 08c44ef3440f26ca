// SPDX-License-Identifier: MIT
// `args: [--port, 9000]` moved the server that was just started out of reach, and a load waited for it for
// ten minutes; so did variables of the environment. `extra: {x: false}` was dropped without a word.
#include "llamacpp/reserved_options.hpp"

#include "llamacpp/load_plan.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;

namespace {

std::string plan_of(const Value& extra) {
  const ServerBinary binary{
      .path = "llama-server",
      .build = "b1",
      .options =
          read_options("-fa,   --flash-attn [on|off|auto]  x\n--context-shift, --no-context-shift  x\n"
                       "--no-warmup  x\n--jinja  x\n--port PORT  x\n-t,  --threads N  x\n--swa-full  x\n")};
  const Result<LoadPlan> plan = plan_load({.extra = extra}, {.layers = 28}, binary);
  if (!plan) return plan.error().message;
  std::string line;
  for (const std::string& word : plan->arguments) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

TEST_CASE("what would move a launched server out of reach is refused, however it is written", "[llamacpp]") {
  for (const char* word :
       {"--port", "--host", "--api-prefix", "--api_prefix", "--ssl-key-file", "--ssl-cert-file",
        "--log-disable", "--port=9000", "-m", "--model", "--api-key", "-lv", "--alias", "-hf"}) {
    INFO(word);
    const Status allowed = check_argument("'args'", word);
    REQUIRE(!allowed);
    CHECK(allowed.error().code == ErrorCode::config_invalid);
    CHECK(allowed.error().message.starts_with("'args' has '" + std::string(word) +
                                              "', which can't be set here: "));
    CHECK_FALSE(allowed.error().hint.empty());
  }
  for (const char* word :
       {"--threads", "8", "-", "--", "--ports", "9000", "--no-mmap", "--log-file", "-mm", ""})
    CHECK(check_argument("'args'", word));
  CHECK_FALSE(check_variable("'environment'", "LLAMA_ARG_PORT"));
  CHECK_FALSE(check_variable("'environment'", "LLAMA_ARG_SSL_KEY_FILE"));
  CHECK(check_variable("'environment'", "CUDA_VISIBLE_DEVICES"));
  CHECK(check_variable("'environment'", ""));
}

TEST_CASE("an option in extra is delivered as the build writes it, or refused", "[llamacpp]") {
  CHECK(plan_of(Value::object({{"context-shift", false}})) == "--no-context-shift");
  CHECK(plan_of(Value::object({{"context-shift", true}})) == "--context-shift");
  CHECK(plan_of(Value::object({{"flash-attn", false}})) == "--flash-attn off");
  CHECK(plan_of(Value::object({{"flash-attn", true}})) == "--flash-attn on");
  CHECK(plan_of(Value::object({{"no-warmup", true}})) == "--no-warmup");
  CHECK(plan_of(Value::object({{"no-warmup", false}})) ==
        "this llama-server (b1) has no --warmup, so 'extra.no-warmup: false' can't be delivered");
  CHECK(plan_of(Value::object({{"swa-full", false}})) ==
        "this llama-server (b1) has no --no-swa-full, so 'extra.swa-full: false' can't be delivered");
  CHECK(plan_of(Value::object({{"threads", true}})) ==
        "'extra.threads' is true, but --threads takes a value: N");
  CHECK(plan_of(Value::object({{"port", 9000}}))
            .starts_with("'extra' has '--port', which can't be set here: "));
  CHECK(plan_of(Value::object({{"api_prefix", "/x"}})).starts_with("'extra' has '--api_prefix', "));
}
