// SPDX-License-Identifier: MIT
// What is found out about a llama.cpp server that somebody else runs, from replies that are rare.
#include <map>
#include <string>

#include "llamacpp/server_diagnosis.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::llamacpp;
using namespace tachikoma::testing;

namespace {

using Replies = std::map<std::string, JsonReply>;

const std::string kRouter =
    R"({"role":"router","models_autoload":true,"default_generation_settings":{"params":null,"n_ctx":0}})";
const std::string kAutoloadOff =
    R"({"role":"router","models_autoload":false,"default_generation_settings":{"params":null,"n_ctx":0}})";
const std::string kSingle = R"({"default_generation_settings":{"n_ctx":4096},"total_slots":4})";
const std::string kUnloaded =
    R"({"data":[{"id":"alpha","object":"model","owned_by":"llamacpp","status":{"value":"unloaded"}}]})";
const std::string kFailed =
    R"({"data":[{"id":"alpha","object":"model","owned_by":"llamacpp","status":{"value":"unloaded","failed":true,"exit_code":1}}]})";
const std::string kOne = R"({"data":[{"id":"alpha","object":"model","owned_by":"llamacpp"}]})";
const std::string kOff =
    R"({"error":{"code":501,"message":"This server does not support it","type":"not_supported_error"}})";
const std::string kLoading = R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})";

// "error no-models, info no-slots", or "nothing".
std::string found(const std::string& url) {
  TestHost host;
  TestCancellation cancellation;
  const kit::ServerAccess access;
  kit::HttpClient client(kit::parse_server_url(url).value(), access, host);
  std::string all;
  for (const Finding& each : examine_server(client, access, cancellation).value()) {
    INFO(each.id);
    CHECK_FALSE(each.title.empty());
    CHECK_FALSE(each.evidence.empty());
    CHECK_FALSE(each.fix.empty());
    all += (all.empty() ? "" : ", ") + std::string(to_string(each.severity)) + " " + each.id;
  }
  return all.empty() ? "nothing" : all;
}

std::string found_with(const Replies& replies) { return found(JsonServer(replies).url()); }

}  // namespace

TEST_CASE("Each state of somebody else's llama.cpp server is its own finding") {
  CHECK(found_with({{"/props", {kSingle}}, {"/v1/models", {kOne}}, {"/slots", {"[]"}}, {"/metrics", {""}}}) ==
        "nothing");
  CHECK(found_with({{"/props", {kSingle}},
                    {"/v1/models", {kOne}},
                    {"/slots", {kOff, "501 Not Implemented"}},
                    {"/metrics", {kOff, "501 Not Implemented"}}}) == "info no-slots, info no-metrics");
  CHECK(found_with({{"/props", {kRouter}}, {"/v1/models", {kUnloaded}}}) == "nothing");
  CHECK(found_with({{"/props", {kAutoloadOff}}, {"/v1/models", {kUnloaded}}}) == "error no-model-loaded");
  CHECK(found_with({{"/props", {kRouter}}, {"/v1/models", {kFailed}}}) == "warning model-failed");
  CHECK(found_with({{"/props", {kRouter}}, {"/v1/models", {R"({"data":[]})"}}}) == "error no-models");
  CHECK(found_with({{"/props", {kRouter}}, {"/v1/models", {"no list"}}}) == "error no-list");
  CHECK(found_with({{"/props", {kLoading, "503 Service Unavailable"}}}) == "error server-loading");
  CHECK(found_with({{"/props", {"<html>", "503 Service Unavailable"}}}) == "error not-llamacpp");
  CHECK(found_with({{"/props", {"{}"}}}) == "error not-llamacpp");
  CHECK(found_with({}) == "error not-llamacpp");
}

TEST_CASE("A llama.cpp server that can't be reached is found to be so") {
  CHECK(found("http://127.0.0.1:" + std::to_string(refused_port())) == "error server-not-started");
  CHECK(found("http://no-such-host.invalid:1") == "error host-unknown");
}

TEST_CASE("An examination that is cancelled says so, and nothing else") {
  TestHost host;
  TestCancellation cancellation;
  cancellation.request();
  kit::HttpClient client(kit::parse_server_url("http://127.0.0.1:1").value(), {}, host);
  CHECK(examine_server(client, {}, cancellation).error().code == ErrorCode::cancelled);
}
