// SPDX-License-Identifier: MIT
#include "bench/tachikoma_client.hpp"

#include "bench/replay_server.hpp"

#include <tachikoma/tachikoma.hpp>

namespace tachikoma::bench {
namespace {

class TachikomaClient final : public Client {
 public:
  explicit TachikomaClient(const std::string& base_url)
      : runtime_(Runtime::with({.plugin = "openai",
                                .base_url = base_url,
                                .model = kModel,
                                .plugin_paths = {TACHIKOMA_BINARY_DIR "/plugins"}})
                     .value()) {}

  Received stream(std::int64_t chunks) override {
    Received received;
    const auto count = [&](const Delta& delta) {
      if (delta.kind == Delta::Kind::text) {
        ++received.chunks;
        received.bytes += static_cast<std::int64_t>(delta.content.size());
      }
      return Flow::proceed;
    };
    runtime_.stream_text({.messages = {user("go")}, .settings = {.max_tokens = chunks}}, count).value();
    return received;
  }

 private:
  Runtime runtime_;
};

}  // namespace

std::unique_ptr<Client> make_tachikoma_client(const std::string& base_url) {
  return std::make_unique<TachikomaClient>(base_url);
}

}  // namespace tachikoma::bench
