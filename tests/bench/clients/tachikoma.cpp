// SPDX-License-Identifier: MIT
// An application on the public API: the `openai` plugin, loaded at run time.
#include <atomic>
#include <deque>
#include <mutex>
#include <semaphore>

#include "bench/clients/client.hpp"

#include <tachikoma/tachikoma.hpp>

namespace tachikoma::bench {
namespace {

Runtime open_runtime(const std::string& target) {
  if (target.rfind("http", 0) != 0) return Runtime::open(target).value();
  return Runtime::with({.plugin = "openai",
                        .base_url = target,
                        .model = kModel,
                        .plugin_paths = {TACHIKOMA_BINARY_DIR "/plugins"}})
      .value();
}

void count(Tally& tally, const Delta& delta) {
  if (delta.kind != Delta::Kind::text) return;
  ++tally.chunks;
  tally.bytes += static_cast<std::int64_t>(delta.content.size());
}

void count_answer(Tally& tally, const Reply& reply) {
  ++tally.answers;
  tally.bytes += static_cast<std::int64_t>(reply.text.size());
}

std::vector<Message> turns_of(const std::vector<std::string>& texts) {
  std::vector<Message> turns;
  for (const std::string& text : texts) turns.push_back(turns.size() % 2 == 0 ? user(text) : assistant(text));
  return turns;
}

class TachikomaClient final : public Client {
 public:
  TachikomaClient(const std::string& target, std::vector<std::string> messages)
      : Client(std::move(messages)), runtime_(open_runtime(target)), turns_(turns_of(this->messages())) {}

  Tally stream(std::int64_t chunks) override {
    Tally tally{1, 0, 0};
    const auto on_delta = [&](const Delta& delta) {
      count(tally, delta);
      return Flow::proceed;
    };
    runtime_.stream_text(request(chunks), on_delta).value();
    return tally;
  }

  Tally range(std::int64_t chunks) override {
    Tally tally{1, 0, 0};
    TextStream stream = runtime_.stream_text(request(chunks)).value();
    for (const Delta& delta : stream) count(tally, delta);
    return tally;
  }

  Tally streams(std::int64_t streams, std::int64_t chunks) override {
    return open_streams(streams, chunks, [](std::int64_t) {});
  }

  Tally hold(std::int64_t streams) override {
    return open_streams(streams, 1, [&](std::int64_t open) {
      if (open == streams) sample_process();
    });
  }

  Tally requests(std::int64_t count) override {
    Tally tally;
    for (std::int64_t i = 0; i < count; ++i) count_answer(tally, runtime_.generate_text(request(1)).value());
    return tally;
  }

  Tally json_requests(std::int64_t count) override { return requests(count); }

  Tally concurrent(std::int64_t requests, std::int64_t width) override {
    Batch batch{requests, std::min(requests, width)};
    for (std::int64_t i = 0; i < std::min(requests, width); ++i) next_of(batch);
    batch.done.acquire();
    if (batch.failed) throw std::runtime_error("a request failed");
    return batch.tally;
  }

  Tally tools(std::int64_t questions) override {
    ToolKit kit;
    kit.add("weather", "The weather at a place", {param("place", "City")},
            [](std::string place) { return "Sunny in " + place; });
    Tally tally;
    for (std::int64_t i = 0; i < questions; ++i) {
      TextRequest asked = request(1);
      asked.tools = kit;
      count_answer(tally, runtime_.generate_text(std::move(asked)).value());
    }
    return tally;
  }

  Tally embed(std::int64_t requests) override {
    Tally tally;
    const std::vector<std::string> texts(kEmbeddedTexts, messages().front());
    for (std::int64_t i = 0; i < requests; ++i) {
      const EmbeddingReply reply = runtime_.embed({.texts = texts}).value();
      ++tally.answers;
      for (const std::vector<float>& vector : reply.vectors) tally.chunks += std::ssize(vector);
    }
    return tally;
  }

 private:
  /// Requests of which some are under way; the callbacks start the next ones.
  struct Batch {
    std::atomic<std::int64_t> left;  ///< to be started
    std::atomic<std::int64_t> running;
    std::mutex mutex = {};  ///< guards `tally`
    Tally tally = {};
    std::atomic<bool> failed = false;
    std::binary_semaphore done{0};
  };

  TextRequest request(std::int64_t chunks) const {
    return {.messages = turns_, .settings = {.max_tokens = chunks}};
  }

  template <class OnOpen>
  Tally open_streams(std::int64_t streams, std::int64_t chunks, const OnOpen& on_open) {
    std::deque<Tally> tallies(static_cast<std::size_t>(streams));
    std::atomic<std::int64_t> open = 0, running = streams;
    std::binary_semaphore done{0};
    for (Tally& tally : tallies)
      runtime_.stream_text_async(
          request(chunks),
          [&](const Delta& delta) {
            if (delta.kind == Delta::Kind::text && tally.chunks == 0) on_open(++open);
            count(tally, delta);
            return Flow::proceed;
          },
          [&](const Result<Reply>& reply) {
            tally.answers = reply ? 1 : 0;
            if (--running == 0) done.release();
          });
    done.acquire();
    Tally all;
    for (const Tally& tally : tallies) all += tally;
    return all;
  }

  void next_of(Batch& batch) {
    if (batch.left.fetch_sub(1) <= 0) {
      if (batch.running.fetch_sub(1) == 1) batch.done.release();
      return;
    }
    runtime_.generate_text_async(request(1), [this, &batch](const Result<Reply>& reply) {
      if (reply) {
        const std::lock_guard lock(batch.mutex);
        count_answer(batch.tally, *reply);
      } else {
        batch.failed = true;
      }
      next_of(batch);
    });
  }

  Runtime runtime_;
  const std::vector<Message> turns_;
};

}  // namespace

std::unique_ptr<Client> make_client(const std::string& target, std::vector<std::string> messages) {
  return std::make_unique<TachikomaClient>(target, std::move(messages));
}

}  // namespace tachikoma::bench
