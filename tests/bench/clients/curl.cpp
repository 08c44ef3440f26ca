// SPDX-License-Identifier: MIT
// What a careful author writes without a framework: libcurl (its multi interface on one thread for many at a
// time) and simdjson.
#include <algorithm>
#include <functional>

#include "bench/clients/bodies.hpp"
#include "bench/clients/client.hpp"
#include "bench/clients/transfer.hpp"

namespace tachikoma::bench {
namespace {

class CurlClient final : public Client {
 public:
  CurlClient(const std::string& base_url, std::vector<std::string> messages)
      : Client(std::move(messages)),
        base_url_(base_url),
        multi_(curl_multi_init()),
        chat_(base_url + "/chat/completions", parser_) {}
  ~CurlClient() override {
    transfers_.clear();
    curl_multi_cleanup(multi_);
  }

  Tally stream(std::int64_t chunks) override {
    const std::string body = chat_body(messages(), chunks);
    return change([&] { chat_.perform(body); });
  }

  Tally requests(std::int64_t count) override {
    Tally tally = change([&] {
      for (std::int64_t i = 0; i < count; ++i) chat_.perform(chat_body(messages(), 1));
    });
    tally.chunks = 0;
    return tally;
  }

  Tally json_requests(std::int64_t count) override {
    Tally tally;
    for (std::int64_t i = 0; i < count; ++i) {
      chat_.perform(chat_body(messages(), 1, false), Transfer::Form::json);
      simdjson::ondemand::document document = parser_.iterate(chat_.json());
      const std::string_view content = document["choices"].at(0)["message"]["content"];
      ++tally.answers;
      tally.bytes += static_cast<std::int64_t>(content.size());
    }
    return tally;
  }

  Tally streams(std::int64_t count, std::int64_t chunks) override {
    const std::string body = chat_body(messages(), chunks);
    return at_a_time(body, count, count);
  }

  Tally concurrent(std::int64_t count, std::int64_t width) override {
    const std::string body = chat_body(messages(), 1);
    Tally tally = at_a_time(body, count, width);
    tally.chunks = 0;
    return tally;
  }

  Tally hold(std::int64_t count) override {
    const std::string body = chat_body(messages(), 1);
    return at_a_time(body, count, count, [&] {
      const auto open = [](const auto& transfer) { return transfer->tally().chunks > 0; };
      if (std::all_of(transfers_.begin(), transfers_.end(), open)) sample_process();
    });
  }

  Tally tools(std::int64_t questions) override {
    constexpr char kTools[] =
        R"(,"tools":[{"type":"function","function":{"name":"weather","description":"The weather at a place",)"
        R"("parameters":{"type":"object","properties":{"place":{"type":"string","description":"City"}},)"
        R"("required":["place"]}}}]})";
    const std::string question = chat_body(messages(), 1);
    const std::string asked = question.substr(0, question.size() - 1) + kTools;
    Tally tally = change([&] {
      for (std::int64_t i = 0; i < questions; ++i) {
        chat_.perform(asked);
        chat_.perform(with_result(asked));
      }
    });
    tally.answers /= 2;
    tally.chunks = 0;
    return tally;
  }

  Tally embed(std::int64_t requests) override {
    Transfer transfer(base_url_ + "/embeddings", parser_);
    Tally tally;
    for (std::int64_t i = 0; i < requests; ++i) {
      const std::string body = embedding_body(std::vector<std::string>(kEmbeddedTexts, messages().front()));
      transfer.perform(body, Transfer::Form::json);
      simdjson::ondemand::document document = parser_.iterate(transfer.json());
      std::vector<std::vector<float>> vectors;
      for (simdjson::ondemand::object entry : document["data"].get_array()) {
        std::vector<float>& vector = vectors.emplace_back();
        for (const double number : entry["embedding"].get_array())
          vector.push_back(static_cast<float>(number));
        tally.chunks += std::ssize(vector);
      }
      ++tally.answers;
    }
    return tally;
  }

 private:
  template <class Work>
  Tally change(const Work& work) {
    const Tally before = chat_.tally();
    work();
    const Tally& after = chat_.tally();
    return {after.answers - before.answers, after.chunks - before.chunks, after.bytes - before.bytes};
  }

  // The question again, with the call that the model made and what the tool returned.
  std::string with_result(const std::string& asked) const {
    const Transfer::Call& call = chat_.call();
    if (call.name != "weather") throw std::runtime_error("the model called no tool");
    simdjson::ondemand::parser parser;
    const simdjson::padded_string arguments(call.arguments);
    simdjson::ondemand::document document = parser.iterate(arguments);
    const std::string result = "Sunny in " + std::string(std::string_view(document["place"]));
    const std::string turns = R"(,{"role":"assistant","content":"","tool_calls":[{"id":")" + call.id +
                              R"(","type":"function","function":{"name":")" + call.name +
                              R"(","arguments":)" + json_string(call.arguments) +
                              R"(}}]},{"role":"tool","tool_call_id":")" + call.id + R"(","content":)" +
                              json_string(result) + "}";
    std::string body = asked;
    return body.insert(body.find(R"(],"stream")"), turns);
  }

  // `count` requests of one body, `width` at a time
  Tally at_a_time(const std::string& body, std::int64_t count, std::int64_t width,
                  const std::function<void()>& on_turn = {}) {
    const Tally before = sum();
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(width));
    std::int64_t left = count;
    while (std::ssize(transfers_) < width)
      transfers_.push_back(std::make_unique<Transfer>(base_url_ + "/chat/completions", parser_));
    for (std::int64_t i = 0; i < width && left > 0; ++i, --left)
      start(*transfers_[static_cast<std::size_t>(i)], body);
    for (int running = 1; running > 0;) {
      curl_multi_perform(multi_, &running);
      if (on_turn) on_turn();
      int queued = 0;
      while (CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
        Transfer* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        const CURLcode code = message->data.result;
        curl_multi_remove_handle(multi_, transfer->handle());
        transfer->finish(code);
        if (left-- <= 0) continue;
        start(*transfer, body);
        ++running;
      }
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
    Tally after = sum();
    return {after.answers - before.answers, after.chunks - before.chunks, after.bytes - before.bytes};
  }

  void start(Transfer& transfer, const std::string& body) {
    transfer.prepare(body);
    curl_multi_add_handle(multi_, transfer.handle());
  }

  Tally sum() const {
    Tally all;
    for (const auto& transfer : transfers_) all += transfer->tally();
    return all;
  }

  std::string base_url_;
  simdjson::ondemand::parser parser_;
  CURLM* multi_;
  Transfer chat_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
};

}  // namespace

std::unique_ptr<Client> make_client(const std::string& target, std::vector<std::string> messages) {
  return std::make_unique<CurlClient>(target, std::move(messages));
}

}  // namespace tachikoma::bench
