// SPDX-License-Identifier: MIT
#include "real/real_provider.hpp"
#include "support/catch.hpp"
#include "tachikoma/image.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a text model's server refuses an image, and the error says what to do", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"});
  RealProvider provider(server);
  const Image pixel =
      image_data_url(
          "data:image/png;base64,"
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
          "rkJggg==")
          .value();
  const ChatRequest request{.model = "alpha", .messages = {user("What is this?", {pixel})}};
  for (const Error& error : {provider.chat(request).error(), provider.count(request).error()}) {
    CHECK(error.code == ErrorCode::unsupported);
    CHECK_THAT(error.message, ContainsSubstring("can't do this with 'alpha'") &&
                                  ContainsSubstring("image input is not supported"));
    CHECK_THAT(error.hint, ContainsSubstring("a model with vision"));
  }
  CHECK(provider.sink.lines.empty());
  CHECK(provider.models().value().at(0).vision == false);
  CHECK(provider.chat({.model = "alpha", .messages = {{Role::user, "Hi"}}, .settings = {.max_tokens = 5}}));
}
