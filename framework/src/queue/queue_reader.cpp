// SPDX-License-Identifier: MIT
#include "queue/queue_reader.hpp"

#include <charconv>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>

namespace tachikoma::queue {
namespace {

using std::chrono::milliseconds;

std::int64_t decimal_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

const RedisReply& at(const RedisReply& list, std::size_t place) {
  static const RedisReply kNone;
  return place < list.list.size() ? list.list[place] : kNone;
}

// Pairs of names and values.
std::map<std::string, std::string> hash_of(const RedisReply& list) {
  std::map<std::string, std::string> hash;
  for (std::size_t i = 0; i + 1 < list.list.size(); i += 2) hash[text_at(list, i)] = text_at(list, i + 1);
  return hash;
}

std::size_t size_of(std::int64_t number) { return number > 0 ? static_cast<std::size_t>(number) : 0; }

// "worker\nsince\nmodel".
QueueStatus::InWork in_work(std::size_t request, std::string_view text, std::int64_t now) {
  const std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return {.request = request};
  return {.request = request,
          .worker = std::string(text.substr(0, first)),
          .model = std::string(text.substr(second + 1)),
          .time = milliseconds(now - decimal_of(text.substr(first + 1, second - first - 1)))};
}

}  // namespace

std::string text_at(const RedisReply& list, std::size_t place) { return at(list, place).text; }

std::int64_t integer_at(const RedisReply& list, std::size_t place) {
  const RedisReply& reply = at(list, place);
  return reply.kind == RedisReply::Kind::integer ? reply.integer : decimal_of(reply.text);
}

QueueStatus read_status(const std::string& name, const RedisReply& reply) {
  auto meta = hash_of(at(reply, 1));
  QueueStatus status{.name = name, .exists = !meta.empty()};
  if (!status.exists) return status;
  const std::int64_t now = integer_at(reply, 0);
  status.paused = meta["state"] == "paused";
  status.results_to = meta["owner"];
  status.total = size_of(decimal_of(meta["total"]));
  status.done = size_of(decimal_of(meta["done"]));
  status.age = milliseconds(now - decimal_of(meta["started"]));
  status.feeder_seen = milliseconds(now - decimal_of(meta["fed_at"]));
  const RedisReply& models = at(reply, 2);
  for (std::size_t i = 0; i + 2 < models.list.size(); i += 3)
    status.waiting.push_back({.model = text_at(models, i),
                              .lines = size_of(integer_at(models, i + 1) - integer_at(models, i + 2))});
  for (const auto& [request, text] : hash_of(at(reply, 3)))
    status.in_work.push_back(in_work(size_of(decimal_of(request)), text, now));
  for (const auto& [worker, seen] : hash_of(at(reply, 4)))
    status.workers.push_back({.name = worker, .seen = milliseconds(now - decimal_of(seen))});
  status.uncollected = size_of(integer_at(reply, 5));
  return status;
}

}  // namespace tachikoma::queue
