// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/lmstudio/sdk_peer.hpp"
#include "support/test_host.hpp"
#include "tachikoma/plugin/capability/hardware_survey.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// The WebSockets of an LM Studio that answers each endpoint alike, and writes down what it was sent. It has
/// one model in memory, "m1" of the key "openai/gpt-oss-20b", and one for embeddings on disk.
class SdkStudio {
 public:
  struct Frame {
    std::string socket;  ///< "/llm"
    Value frame;
  };

  SdkStudio();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  /// What the calls of `endpoint` return; null: nothing. "embedding.listLoaded" is for that socket alone.
  void answer(const std::string& endpoint, Value result);
  /// What they, or its channels after their messages, fail with.
  void fail(const std::string& endpoint, Value error);
  /// What its channels tell; then they are closed, or, `open`, wait until the client stops them.
  void tell(const std::string& endpoint, std::vector<Value> messages, bool open = false);

  std::vector<Frame> frames() const;
  /// The last parameter of that endpoint; null when it was not called.
  Value parameter_of(std::string_view endpoint) const;

  /// An instance, as LM Studio describes it.
  static Value instance(std::string_view identifier = "m1");

 private:
  struct Reply {
    Value result = {};
    Value error = {};
    std::vector<Value> messages = {};
    bool open = false;
  };

  void serve(SdkPeer& peer);
  void handle(SdkPeer& peer, const std::string& socket, const Value& frame);
  Reply reply_to(const std::string& socket, const Value& frame);

  mutable std::mutex mutex_;  // replies_, frames_
  std::map<std::string, Reply> replies_;
  std::vector<Frame> frames_;
  std::unique_ptr<SdkPeerServer> server_;  // the last member: its threads use the others
};

/// The plugin's provider in the hands of one caller, who writes down what a load tells.
class StudioCaller final : public LoadSink {
 public:
  explicit StudioCaller(const std::string& url, const std::string& api_key = {});

  Result<LoadedModel> load(const std::string& key, LoadSettings settings = {});
  ModelManager& manager() { return offered<ModelManager>(); }
  template <class Capability>
  Capability& offered() {
    return *static_cast<Capability*>(provider_->capability(Capability::kId));
  }
  const CallContext& context() const { return context_; }

  Flow on_progress(double fraction) override;
  Flow on_notice(std::string_view text) override;

  TestHost host;
  TestCancellation cancellation;
  std::string told;                 ///< "0 0.25 1 "
  Flow on_message = Flow::proceed;  ///< what it answers
  std::function<void()> on_told;    ///< called at each

 private:
  CallContext context_{cancellation, "1"};
  std::unique_ptr<Provider> provider_;
};

}  // namespace tachikoma::testing
