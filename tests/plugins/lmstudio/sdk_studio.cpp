// SPDX-License-Identifier: MIT
#include "plugins/lmstudio/sdk_studio.hpp"

#include <utility>

#include "base/json.hpp"
#include "lmstudio/provider.hpp"

namespace tachikoma::testing {
namespace {

constexpr char kGptOss[] =
    R"("type":"llm","modelKey":"openai/gpt-oss-20b","format":"gguf","displayName":"GPT-OSS 20B","publisher":"openai",)"
    R"("path":"openai/gpt-oss-20b/gpt-oss-20b-MXFP4.gguf","sizeBytes":12109566560,"maxContextLength":131072)";
constexpr char kNomic[] =
    R"({"type":"embedding","modelKey":"text-embedding-nomic-embed-text-v1.5","path":"nomic/nomic.gguf","maxContextLength":2048})";

Value parse(const std::string& text) { return base::parse_json(text).value(); }

Value message(const Value& channel, Value content) {
  return Value::object(
      {{"type", "channelSend"}, {"channelId", channel["channelId"]}, {"message", std::move(content)}});
}

}  // namespace

Value SdkStudio::instance(std::string_view identifier) {
  return parse(std::string("{") + kGptOss + R"(,"identifier":")" + std::string(identifier) +
               R"(","instanceReference":"Jp3rGQ9Qe1o0mY0c2b7nXwTz","ttlMs":300000,)" +
               R"("lastUsedTime":1760000000000,"contextLength":16384})");
}

SdkStudio::SdkStudio() {
  answer("version", parse(R"({"version":"0.4.21","build":2})"));
  answer("listDownloadedModels", parse(std::string("[{") + kGptOss + "}," + kNomic + "]"));
  answer("listLoaded", Value::array({instance()}));
  answer("embedding.listLoaded", Value::array());
  answer("getModelInfo", instance());
  answer("embedding.getModelInfo", {});
  answer("getLoadConfig", parse(R"({"fields":[]})"));
  answer("getInstanceProcessingState", parse(R"({"status":"idle","queued":0})"));
  answer("estimateModelUsage",
         parse(R"({"memory":{"confidence":"high","modelVramBytes":12000000000,"contextVramBytes":800000000,)"
               R"("totalVramBytes":12800000000,"modelBytes":12000000000,"contextBytes":800000000,)"
               R"("totalBytes":12900000000},"passesGuardrails":true})"));
  answer(
      "surveyHardware",
      parse(
          R"({"status":"ok","engines":[{"name":"llama.cpp-cuda","version":"2.45.0","compatibility":)"
          R"({"status":"compatible"},"hardwareSurvey":{"gpuSurveyResult":{"gpuInfo":[)"
          R"({"name":"A","totalMemoryCapacityBytes":24000000000},{"name":"B"}]}},)"
          R"("memoryInfo":{"ramCapacity":64000000000,"vramCapacity":48000000000,"totalMemory":112000000000}}]})"));
  answer("unloadModel", {});
  answer("countTokens", parse(R"({"tokenCount":3})"));
  answer("applyPromptTemplate", parse(R"({"formatted":"<|user|>hi"})"));
  tell("loadModel",
       {parse(std::string(R"({"type":"resolved","info":{)") + kGptOss + "}}"),
        parse(R"({"type":"progress","progress":0})"), parse(R"({"type":"progress","progress":0.5})"),
        parse(R"({"type":"progress","progress":1})"),
        Value::object({{"type", "success"}, {"info", instance()}})});
  server_ = std::make_unique<SdkPeerServer>([this](SdkPeer& peer, int) { serve(peer); });
}

void SdkStudio::answer(const std::string& endpoint, Value result) {
  const std::lock_guard lock(mutex_);
  replies_[endpoint].result = std::move(result);
}

void SdkStudio::fail(const std::string& endpoint, Value error) {
  const std::lock_guard lock(mutex_);
  replies_[endpoint].error = std::move(error);
}

void SdkStudio::tell(const std::string& endpoint, std::vector<Value> messages, bool open) {
  const std::lock_guard lock(mutex_);
  replies_[endpoint].messages = std::move(messages);
  replies_[endpoint].open = open;
}

void SdkStudio::serve(SdkPeer& peer) {
  const std::string& request = peer.request();
  const std::string socket = request.substr(4, request.find(' ', 4) - 4);
  if (request.find("Sec-WebSocket-Key") == std::string::npos) {
    const std::string reply = socket == "/lmstudio-greeting"
                                  ? R"({"lmstudio":true})"
                                  : R"({"error":"Unexpected endpoint or method."})";
    peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(reply.size()) +
              "\r\n\r\n" + reply);
    peer.wait_for_close();
    return;
  }
  peer.upgrade();
  const auto keep = [&](const Value& frame) {
    const std::lock_guard lock(mutex_);
    frames_.push_back({socket, frame});
  };
  const Value identity = peer.read_json();
  if (identity.is_null()) return;
  keep(identity);
  peer.say(Value::object({{"success", true}}));
  for (Value frame = peer.read_json(); !frame.is_null(); frame = peer.read_json()) {
    keep(frame);
    handle(peer, socket, frame);
  }
}

SdkStudio::Reply SdkStudio::reply_to(const std::string& socket, const Value& frame) {
  const std::lock_guard lock(mutex_);
  const std::string endpoint(frame["endpoint"].as_string());
  const auto special = replies_.find(socket.substr(1) + "." + endpoint);
  return special == replies_.end() ? replies_[endpoint] : special->second;
}

void SdkStudio::handle(SdkPeer& peer, const std::string& socket, const Value& frame) {
  const std::string_view type = frame["type"].as_string();
  const auto end_channel = [&](const Value& error) {
    Value end = Value::object(
        {{"type", error.is_null() ? "channelClose" : "channelError"}, {"channelId", frame["channelId"]}});
    if (!error.is_null()) end.set("error", error);
    peer.say(end);
  };
  if (type == "channelSend") {
    end_channel(Value::object({{"title", "Operation canceled."}}));
    return;
  }
  const Reply reply = reply_to(socket, frame);
  if (type == "channelCreate") {
    for (const Value& each : reply.messages) peer.say(message(frame, each));
    if (!reply.open) end_channel(reply.error);
    return;
  }
  Value answer = Value::object(
      {{"type", reply.error.is_null() ? "rpcResult" : "rpcError"}, {"callId", frame["callId"]}});
  if (!reply.error.is_null())
    answer.set("error", reply.error);
  else if (!reply.result.is_null())
    answer.set("result", reply.result);
  peer.say(answer);
}

std::vector<SdkStudio::Frame> SdkStudio::frames() const {
  const std::lock_guard lock(mutex_);
  return frames_;
}

Value SdkStudio::parameter_of(std::string_view endpoint) const {
  Value last;
  for (const Frame& each : frames()) {
    if (each.frame["endpoint"].as_string() != endpoint) continue;
    const Value* parameter = each.frame.find("parameter");
    last = parameter ? *parameter : each.frame["creationParameter"];
  }
  return last;
}

StudioCaller::StudioCaller(const std::string& url, const std::string& api_key)
    : provider_(
          lmstudio::LmStudio::make(Value::object({{"base_url", url}, {"api_key", api_key}}), host).value()) {}

Result<LoadedModel> StudioCaller::load(const std::string& key, LoadSettings settings) {
  return manager().load({key, std::move(settings)}, *this, context_);
}

Flow StudioCaller::on_progress(double fraction) {
  told += base::to_json(fraction) + " ";
  if (on_told) on_told();
  return on_message;
}

Flow StudioCaller::on_notice(std::string_view text) {
  told += "'" + std::string(text) + "' ";
  return on_message;
}

}  // namespace tachikoma::testing
