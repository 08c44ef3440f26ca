// SPDX-License-Identifier: MIT
#include "lmstudio/provider.hpp"

#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "lmstudio/discovery.hpp"
#include "plugins/common/chat_client.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/json_server.hpp"
#include "support/loopback_server.hpp"
#include "support/recording_sink.hpp"
#include "support/temp_dir.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string reply(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

const std::string kGreeting = R"({"lmstudio":true})";
const std::string kNativeModels =
    R"({"models":[{"type":"llm","publisher":"openai","key":"openai/gpt-oss-20b","display_name":"GPT-OSS 20B","architecture":"gpt-oss",)"
    R"("quantization":{"name":"MXFP4","bits_per_weight":4},"size_bytes":12109566560,"params_string":"20B","loaded_instances":[)"
    R"({"id":"openai/gpt-oss-20b","config":{"context_length":16384,"parallel":4}}],"max_context_length":131072,"format":"gguf",)"
    R"("capabilities":{"vision":false,"trained_for_tool_use":true,"reasoning":{"allowed_options":["low","high"],"default":"low"}},"description":null},)"
    R"({"type":"embedding","publisher":"nomic","key":"nomic-embed","quantization":null,"loaded_instances":[],"max_context_length":2048}]})";
const std::string kOlder =
    R"({"object":"list","data":[{"id":"llama","object":"model","type":"llm","publisher":"p","arch":"llama","compatibility_type":"gguf",)"
    R"("quantization":"Q4_K_M","state":"not-loaded","max_context_length":131072},{"id":"llama","type":"llm","state":"loaded",)"
    R"("max_context_length":131072,"loaded_context_length":4096,"capabilities":["tool_use"]},{"id":"v","type":"vlm","state":"loading"}]})";
const std::string kOpenAi =
    R"({"data":[{"id":"a","object":"model","owned_by":"organization_owner"}],"object":"list"})";

// A server with these JSON documents by path; LM Studio's catch-all for every other path.
class FakeStudio {
 public:
  explicit FakeStudio(std::map<std::string, std::string> documents)
      : documents_(std::move(documents)), server_([this](Peer& peer, int) {
          for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            const std::string path = request.substr(4, request.find(' ', 4) - 4);
            const auto found = documents_.find(path);
            const std::string trap = R"({"error":"Unexpected endpoint or method. (GET )" + path + ")\"}";
            peer.send(reply("200 OK", found == documents_.end() ? trap : found->second));
          }
        }) {}
  std::string url() const { return server_.url(); }
  std::uint16_t port() const { return server_.port(); }

 private:
  std::map<std::string, std::string> documents_;
  LoopbackServer server_;
};

// A provider, and what it says, with ports taken out.
class ListedStudio {
 public:
  explicit ListedStudio(const std::string& base_url)
      : provider_(lmstudio::LmStudio::make(Value::object({{"base_url", base_url}}), host_).value()) {}

  Result<std::vector<ModelInfo>> list() {
    return static_cast<ModelCatalog*>(provider_->capability(ModelCatalog::kId))->list_models(context_);
  }
  Result<Health> health() {
    return static_cast<HealthCheck*>(provider_->capability(HealthCheck::kId))->check_health(context_);
  }

 private:
  TestHost host_;
  TestCancellation cancellation_;
  CallContext context_{cancellation_, "1"};
  std::unique_ptr<Provider> provider_;
};

std::string with_source(const Sourced<std::int64_t>& number) {
  const std::string value = number ? std::to_string(number.value) : "-";
  return value + " (" + std::string(to_string(number.source)) + ": " + number.basis + ")";
}

std::string describe_models(const Result<std::vector<ModelInfo>>& models) {
  if (!models) return describe(models.error());
  std::string out;
  for (const ModelInfo& model : *models) {
    out += model.key + " | " + model.display_name + " | " + model.publisher + " | " + model.architecture +
           " | " + model.quantization + " | " + model.format + " | " + std::string(to_string(model.kind)) +
           " | " + std::string(to_string(model.state)) + "\n";
    out += "  size " + with_source(model.size_bytes) + "\n  max context " +
           with_source(model.max_context_length) + "\n";
    for (const ModelInstance& instance : model.instances)
      out += "  instance " + instance.id + ", context " + with_source(instance.context_length) + "\n";
    const auto flag = [](const std::optional<bool>& value) { return !value ? "-" : *value ? "yes" : "no"; };
    out += std::string("  vision ") + flag(model.vision) + ", tools " + flag(model.tool_use) + "\n";
    for (const std::string& option : model.reasoning_options) out += "  reasoning " + option + "\n";
    if (!model.extra.is_null()) out += "  extra " + base::to_json(model.extra) + "\n";
  }
  return out;
}

// Sets variables of the environment for one test.
class Environment {
 public:
  Environment(const std::string& home, const std::string& ports)
      : home_(std::getenv("HOME") ? std::getenv("HOME") : "") {
    ::setenv("HOME", home.c_str(), 1);
    ::setenv("TACHIKOMA_LMSTUDIO_PORTS", ports.c_str(), 1);
  }
  ~Environment() {
    ::setenv("HOME", home_.c_str(), 1);
    ::unsetenv("TACHIKOMA_LMSTUDIO_PORTS");
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::string home_;
};

}  // namespace

TEST_CASE("models are listed through the best surface that the server has", "[lmstudio]") {
  const std::pair<const std::string, std::string> greeting = {"/lmstudio-greeting", kGreeting};
  const FakeStudio native(
      {greeting, {"/api/v1/models", kNativeModels}, {"/api/v0/models", kOlder}, {"/v1/models", kOpenAi}});
  const FakeStudio older({greeting, {"/api/v0/models", kOlder}, {"/v1/models", kOpenAi}});
  const FakeStudio oldest({greeting, {"/v1/models", kOpenAi}});
  const FakeStudio none({greeting});
  std::string all;
  for (const FakeStudio* each : {&native, &older, &oldest, &none})
    all += replace_all(describe_models(ListedStudio(each->url()).list()), each->url(), "http://host") + "\n";
  check_golden("lmstudio/models.txt", all);
}

TEST_CASE("variants are names of a model's other files, and the selected one is the model itself",
          "[lmstudio]") {
  const FakeStudio studio(
      {{"/lmstudio-greeting", kGreeting},
       {"/api/v1/models",
        R"({"models":[{"type":"llm","key":"g/m","quantization":{"name":"Q4_K_M"},"loaded_instances":[],)"
        R"("variants":["g/m@q4_k_m","g/m@q8_0"],"selected_variant":"g/m@q4_k_m"}]})"}});
  const auto models = ListedStudio(studio.url()).list().value();
  REQUIRE(models.size() == 1);
  CHECK(models[0].variants == std::vector<std::string>{"g/m@q8_0"});
}

TEST_CASE("health proves that LM Studio answers", "[lmstudio]") {
  const FakeStudio studio({{"/lmstudio-greeting", kGreeting},
                           {"/api/v1/models", kNativeModels},
                           {"/lms-status", R"({"package":"lmstudio","version":"0.4.21"})"}});
  const auto health = ListedStudio(studio.url()).health();
  REQUIRE(health);
  CHECK(health->server == "LM Studio");
  CHECK(health->version == "0.4.21");
  CHECK(health->api == "/api/v1");
  CHECK(health->base_url == studio.url());
  CHECK_FALSE(health->auth_required);
}

TEST_CASE("another server is not taken for LM Studio", "[lmstudio]") {
  const FakeStudio other({{"/lmstudio-greeting", R"({"ok":true})"}, {"/v1/models", kOpenAi}});
  const auto health = ListedStudio(other.url()).health();
  REQUIRE_FALSE(health);
  CHECK(health.error().code == ErrorCode::protocol);
  CHECK(health.error().message == other.url() +
                                      " is not LM Studio: another server answers there, with HTTP "
                                      "status 200 and '{\"ok\":true}'");
  CHECK_THAT(health.error().hint, ContainsSubstring("plugin 'openai'"));
}

TEST_CASE("a server that wants a key says so in health", "[lmstudio]") {
  LoopbackServer server([](Peer& peer, int) {
    const std::string request = peer.read_request();
    const bool greeting = request.find("/lmstudio-greeting") != std::string::npos;
    peer.send(
        greeting
            ? reply("200 OK", kGreeting)
            : reply(
                  "401 Unauthorized",
                  R"({"error":{"code":"invalid_api_key","message":"An LM Studio API token is required"}})"));
  });
  const auto health = ListedStudio(server.url()).health();
  REQUIRE_FALSE(health);
  CHECK(health.error().code == ErrorCode::unauthenticated);
}

TEST_CASE("auto finds LM Studio on the port that its own folder names", "[lmstudio]") {
  const FakeStudio studio({{"/lmstudio-greeting", kGreeting}, {"/api/v1/models", kNativeModels}});
  const TempDir home;
  home.write(".lmstudio/.internal/http-server-config.json",
             R"({"port":)" + std::to_string(studio.port()) + R"(,"networkInterface":"127.0.0.1"})");
  const Environment environment(home.path(), std::to_string(refused_port()));
  const auto health = ListedStudio("auto").health();
  REQUIRE(health);
  CHECK(health->base_url == studio.url());
}

TEST_CASE("calls that nobody waits for find LM Studio too, and end when they are cancelled meanwhile",
          "[lmstudio][async]") {
  const JsonServer studio(
      {{"/lmstudio-greeting", {kGreeting}},
       {"/v1/chat/completions", {R"({"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]})"}}});
  std::promise<void> greeted;
  LoopbackServer silent([&](Peer& peer, int) {
    if (peer.read_request().empty()) return;
    greeted.set_value();
    peer.wait_for_close();
  });
  const TempDir home;
  TestHost host;
  RecordingSink sink;
  {
    const Environment environment(home.path(), std::to_string(silent.port()));
    const auto provider = lmstudio::LmStudio::make(Value::object(), host).value();
    TestCancellation cancellation;
    auto call = std::async(std::launch::async, [&] {
      return chat(*provider, Driver::async, {.model = "m"}, sink, {cancellation, "1"});
    });
    greeted.get_future().wait();
    cancellation.request();
    CHECK(call.get().error().code == ErrorCode::cancelled);
  }
  const Environment environment(home.path(), studio.url().substr(studio.url().rfind(':') + 1));
  const auto provider = lmstudio::LmStudio::make(Value::object(), host).value();
  TestCancellation cancellation;
  for (int i = 0; i < 2; ++i)
    REQUIRE(chat(*provider, Driver::async, {.model = "m"}, sink, {cancellation, "1"}));
  CHECK(sink.text == "HiHi");
}

TEST_CASE("LM Studio's folder is where its pointer says, else the old place, else the new one",
          "[lmstudio]") {
  const TempDir home;
  const Environment environment(home.path(), "");
  CHECK(lmstudio::http_ports().empty());
  home.write(".lmstudio/.internal/http-server-config.json", R"({"port":1001})");
  CHECK(lmstudio::http_ports() == std::vector<std::uint16_t>{1001});
  home.write(".cache/lm-studio/.internal/http-server-config.json", R"({"port":1002})");
  CHECK(lmstudio::http_ports() == std::vector<std::uint16_t>{1002});
  home.write("elsewhere/.internal/http-server-config.json", R"({"port":1003})");
  home.write(".lmstudio-home-pointer", (home.path() / "elsewhere").string() + "\n");
  CHECK(lmstudio::http_ports() == std::vector<std::uint16_t>{1003});
  ::setenv("TACHIKOMA_LMSTUDIO_PORTS", "1003,x,99999,1004", 1);
  CHECK(lmstudio::http_ports() == std::vector<std::uint16_t>{1003, 1004});
  CHECK(lmstudio::http_ports(1005) == std::vector<std::uint16_t>{1005, 1003, 1004});
}

TEST_CASE("auto without an LM Studio names what it tried, and what to check", "[lmstudio]") {
  const FakeStudio other({});
  const std::string refused = std::to_string(refused_port());
  const TempDir home;
  const Environment environment(home.path(), std::to_string(other.port()) + "," + refused);
  const auto models = ListedStudio("auto").list();
  std::string text = replace_all(describe_models(models), other.url(), "http://host:1");
  check_golden("lmstudio/not_found.txt", replace_all(text, refused, "2"));
}
