// SPDX-License-Identifier: MIT
// The members of several public structs had no initialisers: a program that names only those that it needs
// got a warning for each of the others. And the text of an exception had only half of what the error says.
#include "support/catch.hpp"
#include "tachikoma/tachikoma.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wmissing-field-initializers"

using namespace tachikoma;

namespace {

template <class T>
concept IsMessage = requires(T text) {
  system(text);
};

}  // namespace

TEST_CASE("a struct may be given in part, without a warning", "[api]") {
  using std::chrono::seconds;
  CHECK(Timeouts{.load = seconds(3)}.load == seconds(3));
  CHECK(CallLimits{.requests_per_minute = 6}.requests_per_minute == 6);
  CHECK(PolicyConfig{.limits = {.concurrency = 2}}.limits.concurrency == 2);
  CHECK(RetryPolicy{.backoff = seconds(1)}.backoff == seconds(1));
  CHECK(Usage{.completion_tokens = 5}.completion_tokens == 5);
  CHECK(ProviderConfig{.plugin = "echo"}.plugin == "echo");
  CHECK(ModelConfig{.key = "a"}.key == "a");
  CHECK(ComponentConfig{.plugin = "echo"}.plugin == "echo");
  CHECK(PluginsConfig{.allow = {"echo"}}.allow.size() == 1);
  CHECK(Config{.default_model = "a"}.default_model == "a");
  CHECK(Origin{.place = "default"}.place == "default");
  CHECK(Message{.text = "Hi"}.text == "Hi");
  CHECK(ToolCall{.name = "now"}.name == "now");
  CHECK(Image{.mime_type = "image/png"}.mime_type == "image/png");
  CHECK(ToolSpec{.name = "now"}.name == "now");
  CHECK(ChatRequest{.model = "a"}.model == "a");
  CHECK(TextRequest{.model = "a"}.model == "a");
  CHECK(Reply{.text = "Hi"}.text == "Hi");
  CHECK(EmbeddingReply{.model = "a"}.model == "a");
  CHECK(Health{.base_url = "http://a"}.base_url == "http://a");
  CHECK(ModelInfo{.key = "a"}.key == "a");
  CHECK(LoadRequest{.key = "a"}.key == "a");
  CHECK(DownloadRequest{.name = "a"}.name == "a");
  CHECK(Finding{.id = "a"}.id == "a");
  CHECK(ResolvedModel{.name = "a"}.name == "a");
  CHECK(PluginReport{.version = "1"}.version == "1");
}

TEST_CASE("an exception's text is all that the error says", "[api]") {
  const Result<int> failed = Error(ErrorCode::unreachable, "nothing listens at 'a'", "start the server");
  CHECK_THROWS_WITH(failed.value(), "nothing listens at 'a'; start the server");
  const Result<int> brief = Error(ErrorCode::internal, "no hint");
  CHECK_THROWS_WITH(brief.value(), "no hint");
}

TEST_CASE("system() is no message", "[api]") {
  CHECK_FALSE(IsMessage<const char*>);
  CHECK_FALSE(IsMessage<char*>);
  CHECK_FALSE(IsMessage<std::string>);
}

#pragma GCC diagnostic pop
