// SPDX-License-Identifier: MIT
// Servers that the llamacpp plugin starts, whose layers lie with llama.cpp's RPC servers.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "real/launched_world.hpp"
#include "real/rpc_server.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

// What the engine's log says of its buffers: the bytes of the model on the RPC server.
std::int64_t model_bytes(const ModelStatus& status, const RpcServer& server) {
  std::int64_t bytes = 0;
  for (const Value& buffer : status.extra["buffers"].elements())
    if (buffer["purpose"].as_string() == "model" &&
        buffer["device"].as_string().find(server.address()) != std::string_view::npos)
      bytes += buffer["bytes"].as_integer();
  return bytes;
}

}  // namespace

TEST_CASE("The layers of a model are split over RPC servers as the settings say", "[real][llamacpp]") {
  if (!RpcServer::is_installed()) return;
  const RpcServer one;
  const RpcServer two;
  const LaunchedWorld world({{"alpha", {"--layers", "8"}}});
  Runtime runtime = open_with_rpc(world, "'" + one.address() + "', '" + two.address() + "'");
  const auto layers = [&](LoadSettings settings) {
    const LoadedModel model = runtime.load_model("alpha", std::move(settings)).value();
    for (const UnappliedSetting& each : model.unapplied) FAIL_CHECK(each.name << ": " << each.reason);
    const ModelStatus status = runtime.model_status("alpha").value();
    CHECK(runtime.generate_text({.model = "alpha", .messages = {user("Hello")}}));
    CHECK(runtime.unload_model("alpha"));
    return status;
  };
  const ModelStatus even = layers({.gpu_layers = GpuLayers::all(), .tensor_split = {1, 1}});
  CHECK(even.gpu_layers.value == even.total_layers.value);
  CHECK(model_bytes(even, one) > 0);
  CHECK(model_bytes(even, two) > 0);
  CHECK(even.vram_bytes.value == 0);  // what lies elsewhere is no memory of this machine
  CHECK(even.extra["rpc_bytes"].as_integer() > model_bytes(even, one) + model_bytes(even, two));

  const ModelStatus uneven = layers({.gpu_layers = GpuLayers::all(), .tensor_split = {1, 0}});
  CHECK(model_bytes(uneven, one) > 0);
  CHECK(model_bytes(uneven, two) == 0);

  const ModelStatus main =
      layers({.gpu_layers = GpuLayers::all(), .gpu_split_mode = SplitMode::none, .main_gpu = 1});
  CHECK(model_bytes(main, one) == 0);
  CHECK(model_bytes(main, two) > 0);

  const ModelStatus here = layers({.gpu_layers = GpuLayers::none()});
  CHECK(here.gpu_layers.value == 0);
  CHECK(model_bytes(here, one) + model_bytes(here, two) == 0);
}

TEST_CASE("An RPC server that goes away takes the model with it, and one that is not there is named",
          "[real][llamacpp]") {
  if (!RpcServer::is_installed()) return;
  RpcServer server;
  const LaunchedWorld world({tireless("alpha")});
  Runtime runtime = open_with_rpc(world, "'" + server.address() + "'");
  const Result<Reply> lost = runtime.stream_text(
      {.messages = {user("Hello")}, .settings = {.max_tokens = 30000}}, [&](const Delta& delta) {
        if (!delta.text().empty()) server.kill();
        return Flow::proceed;
      });
  CHECK(lost.error().code == ErrorCode::model_lost);
  const Error absent = runtime.load_model("alpha").error();
  CHECK(absent.code == ErrorCode::unreachable);
  CHECK_THAT(absent.message, ContainsSubstring("RPC server") && ContainsSubstring(server.address()));
}

TEST_CASE("A llama-server without --rpc is told from one with it", "[real][llamacpp]") {
  const TempDir folder;
  const std::string server = folder.write(
      "llama-server", "#!/bin/sh\ncase \"$*\" in *--help*) '" + std::string(std::getenv("LLAMA_SERVER")) +
                          "' \"$@\" | grep -v -e --rpc;; *) exec '" + std::getenv("LLAMA_SERVER") +
                          "' \"$@\";; esac\n");
  std::filesystem::permissions(server, std::filesystem::perms::owner_all);
  const LaunchedWorld world({{"alpha"}}, server);
  const Error error = open_with_rpc(world, "'127.0.0.1:50052'").load_model("alpha").error();
  CHECK(error.code == ErrorCode::unsupported);
  CHECK_THAT(error.message, ContainsSubstring("has no --rpc"));
  CHECK(world.servers().empty());
}
