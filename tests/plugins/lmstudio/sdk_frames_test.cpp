// SPDX-License-Identifier: MIT
// What LM Studio's SDK protocol says, without a socket: identities, frames, errors.
#include "lmstudio/sdk_frames.hpp"

#include <string>

#include "base/json.hpp"
#include "lmstudio/sdk_error.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace tachikoma::lmstudio;

namespace {

Value parsed(const std::string& text) { return base::parse_json(text).value(); }

Error sdk_error(const std::string& text) {
  return error_from_sdk(parsed(text), {"http://h:1", "llm.loadModel", "m"});
}

}  // namespace

TEST_CASE("an API token is its two halves, and everything else a guest of its own", "[sdk]") {
  const SdkIdentity known = make_identity("sk-lm-abcdEFGH:0123456789abcdefghij");
  CHECK(known.identifier == "abcdEFGH");
  CHECK(known.passkey == "0123456789abcdefghij");
  for (const std::string key :
       {"", "lm-studio", "sk-lm-abcdEFGH:0123456789abcdefghi", "sk-lm-abcdEFGH-0123456789abcdefghij",
        "sk-lm-abcd/FGH:0123456789abcdefghij"}) {
    const SdkIdentity guest = make_identity(key);
    CHECK_THAT(guest.identifier, StartsWith("guest:"));
    CHECK(guest.identifier != make_identity(key).identifier);
    CHECK(guest.passkey != make_identity(key).passkey);
  }
}

TEST_CASE("a frame is read by its type, and unknown ones are nothing", "[sdk]") {
  using Kind = SdkFrame::Kind;
  const auto kind = [](const std::string& text) { return decode_frame(text).value().kind; };
  CHECK(kind(R"({"type":"keepAliveAck"})") == Kind::other);
  CHECK(kind(R"({"type":"signalUpdate","subscribeId":"odd"})") == Kind::other);
  const SdkFrame result = decode_frame(R"({"callId":3,"type":"rpcResult","more":1,"result":[1]})").value();
  CHECK(result.kind == Kind::rpc_result);
  CHECK(result.id == 3);
  CHECK(result.content == Value::array({1}));
  CHECK(decode_frame(R"({"type":"rpcResult","callId":3})").value().content.is_null());
  CHECK(decode_frame(R"({"type":"channelSend","channelId":1,"message":{},"ackId":7})").value().ack_id == 7);
  CHECK(kind(R"({"type":"channelClose","channelId":1})") == Kind::channel_close);
  const SdkFrame warning =
      decode_frame(R"({"type":"communicationWarning","warning":"w","kind":"rpcEndpointUnknown"})").value();
  CHECK(warning.warning == "w");
  CHECK(warning.warning_kind == "rpcEndpointUnknown");
  for (const std::string bad : {"", "nonsense", "3", "{}", R"({"type":3})", R"({"type":"channelClose"})",
                                R"({"type":"rpcError","callId":"0"})"}) {
    const auto refused = decode_frame(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::protocol);
  }
}

TEST_CASE("errors with a code are told by it", "[sdk]") {
  const Error path = sdk_error(R"({"title":"Cannot find","displayData":{"code":"generic.pathNotFound",
      "path":"openai/gpt-oss-2b","availablePathsSample":["openai/gpt-oss-20b","zzz"],"totalModels":2}})");
  CHECK(path.code == ErrorCode::model_not_found);
  CHECK(path.message == "LM Studio at http://h:1 has no model 'openai/gpt-oss-2b': \"Cannot find\"");
  CHECK(path.hint == "did you mean 'openai/gpt-oss-20b'?");
  CHECK(path.detail == parsed(R"({"name":"openai/gpt-oss-2b","near":["openai/gpt-oss-20b"]})"));

  const Error identifier = sdk_error(R"({"title":"t","displayData":{"code":"generic.identifierNotFound",
      "identifier":"chat","loadedModelsSample":[],"totalLoadedModels":0}})");
  CHECK(identifier.code == ErrorCode::model_not_found);
  CHECK(identifier.message == "LM Studio at http://h:1 has no model 'chat' in memory: \"t\"");

  const Error query = sdk_error(R"({"title":"t","displayData":{"code":"generic.noModelMatchingQuery",
      "query":{},"loadedModelsSample":["m2"]}})");
  CHECK(query.detail == parsed(R"({"name":"m","near":["m2"]})"));

  const auto code = [](const std::string& name) {
    return sdk_error(R"({"title":"t","displayData":{"code":"generic.)" + name + R"("}})").code;
  };
  CHECK(code("specificModelUnloaded") == ErrorCode::model_lost);
  CHECK(code("domainMismatch") == ErrorCode::invalid_argument);
  CHECK(code("engineDoesNotSupportFeature") == ErrorCode::unsupported);
  CHECK(code("missingRuntimeExtension") == ErrorCode::unsupported);
  CHECK(code("presetNotFound") == ErrorCode::invalid_argument);
  CHECK(code("somethingNew") == ErrorCode::protocol);
}

TEST_CASE("errors without a code are told by their words", "[sdk]") {
  const Error memory = sdk_error(
      R"({"title":"Model loading was stopped due to insufficient system resources.",)"
      R"("cause":"Under the current settings, this model requires approximately 63.2 GB of memory"})");
  CHECK(memory.code == ErrorCode::insufficient_memory);
  CHECK(memory.detail["required_bytes"] == Value(std::int64_t{63'200'000'000}));
  CHECK_THAT(memory.message, StartsWith("LM Studio at http://h:1 has too little memory for 'm': "));

  CHECK(sdk_error(R"({"title":"Model unloaded by user or API request."})").code == ErrorCode::model_lost);
  const Error plain = sdk_error(R"({"title":"Odd","suggestion":"Try again later."})");
  CHECK(plain.code == ErrorCode::protocol);
  CHECK(plain.message == "LM Studio at http://h:1 reports a failure: \"Odd\"");
  CHECK(plain.hint == "Try again later.");
  for (const std::string odd : {"{}", "null", "3", R"({"title":5,"displayData":[]})"})
    CHECK_THAT(sdk_error(odd).message, ContainsSubstring("Unknown error"));
  CHECK_THAT(sdk_error(R"("in words alone")").message, ContainsSubstring("in words alone"));
}

TEST_CASE("the model that a parameter names is found in each of its places", "[sdk]") {
  CHECK(model_of(parsed(R"({"modelKey":"a","identifier":"b"})")) == "a");
  CHECK(model_of(parsed(R"({"identifier":"b"})")) == "b");
  CHECK(model_of(parsed(R"({"specifier":{"type":"query","query":{"identifier":"c"}}})")) == "c");
  CHECK(model_of(parsed(R"({"modelSpecifier":{"type":"query","query":{"path":"d"}}})")) == "d");
  CHECK(model_of(Value()).empty());
}
