// SPDX-License-Identifier: MIT
#include "queue/broker.hpp"

#include <array>
#include <utility>

#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "queue/queue_reader.hpp"
#include "queue/script_texts.hpp"

namespace tachikoma::queue {
namespace {

enum Script : std::size_t {
  kBegin,
  kFeed,
  kTake,
  kRecord,
  kGiveBack,
  kAlive,
  kCollect,
  kFinish,
  kSetState,
  kStatus
};

constexpr std::array kScripts{kBeginLua, kFeedLua,    kTakeLua,   kRecordLua,   kGiveBackLua,
                              kAliveLua, kCollectLua, kFinishLua, kSetStateLua, kStatusLua};

// The keys that every script gets, in the order of prelude.lua.
constexpr std::array kKeys{"meta", "models", "fed", "recorded", "results", "tries", "work", "workers"};

Broker::State state_of(std::string_view word) {
  return word == "running"  ? Broker::State::running
         : word == "paused" ? Broker::State::paused
                            : Broker::State::gone;
}

}  // namespace

Result<Broker> Broker::connect(const QueueAddress& address, const RedisTimeouts& timeouts) {
  TACHIKOMA_TRY(RedisConnection connection, RedisConnection::connect(address, timeouts));
  Broker broker(std::move(connection), address);
  TACHIKOMA_TRY_STATUS(broker.load_scripts());
  return broker;
}

Status Broker::load_scripts() {
  std::vector<RedisConnection::Command> commands;
  for (const char* script : kScripts)
    commands.push_back({"SCRIPT", "LOAD", std::string(kPreludeLua) + script});
  TACHIKOMA_TRY(std::vector<RedisReply> replies, connection_.run(commands));
  for (RedisReply& reply : replies) {
    TACHIKOMA_TRY(RedisReply hash, connection_.accepted(std::move(reply)));
    scripts_.push_back(std::move(hash.text));
  }
  return Done{};
}

Result<RedisReply> Broker::run(std::size_t script, const std::string& model,
                               std::vector<std::string> arguments) {
  RedisConnection::Command command{"EVALSHA", scripts_[script], std::to_string(kKeys.size() + 1)};
  for (const char* key : kKeys) command.push_back(prefix_ + key);
  command.push_back(prefix_ + "lines:" + model);
  command.insert(command.end(), std::make_move_iterator(arguments.begin()),
                 std::make_move_iterator(arguments.end()));
  return connection_.run(command);
}

Error Broker::gone() const {
  return Error(ErrorCode::cancelled,
               "the batch '" + address_.name + "' was cancelled, or removed from its queue",
               "what was collected is kept: begin it again with --resume, or remove its journal");
}

Status Broker::begin(const std::string& input_hash, std::size_t total, const std::string& owner,
                     Beginning how) {
  static constexpr std::array kWords{"begin", "resume", "rejoin"};
  TACHIKOMA_TRY(
      const RedisReply reply,
      run(kBegin, {}, {input_hash, std::to_string(total), owner, kWords[static_cast<std::size_t>(how)]}));
  const std::string word = text_at(reply, 0), other = base::excerpt(text_at(reply, 1));
  if (word == "begun" || word == "resumed") return Done{};
  if (word == "gone") return gone();
  const std::string batch = "the batch '" + address_.name + "' of the queue '" + address_.server() + "' ";
  const std::string cancel = "`tachikoma queue cancel` removes it; or choose another name";
  if (word == "other_input")
    return Error(ErrorCode::invalid_argument, batch + "has other lines; its results go to '" + other + "'",
                 cancel);
  if (word == "other_feeder")
    return Error(ErrorCode::invalid_argument,
                 batch + "is fed from elsewhere; its results go to '" + other + "'",
                 "go on with it there (--resume); " + cancel);
  return Error(ErrorCode::invalid_argument, batch + "was begun already, and its journal is gone", cancel);
}

Result<Broker::Fed> Broker::feed(const std::string& model, std::size_t window,
                                 const std::vector<TakenLine>& lines) {
  std::vector<std::string> arguments{model, std::to_string(window)};
  for (const TakenLine& line : lines)
    arguments.insert(arguments.end(), {std::to_string(line.request), line.custom_id, line.text});
  TACHIKOMA_TRY(const RedisReply reply, run(kFeed, model, std::move(arguments)));
  if (integer_at(reply, 0) < 0) return gone();
  return Fed{static_cast<std::size_t>(integer_at(reply, 0)), static_cast<std::size_t>(integer_at(reply, 1))};
}

Result<std::vector<QueuedResult>> Broker::collect(std::size_t most, const std::vector<std::string>& kept) {
  std::vector<std::string> arguments{std::to_string(most)};
  arguments.insert(arguments.end(), kept.begin(), kept.end());
  TACHIKOMA_TRY(const RedisReply reply, run(kCollect, {}, std::move(arguments)));
  if (state_of(text_at(reply, 0)) == State::gone) return gone();
  std::vector<QueuedResult> results;
  for (std::size_t i = 1; i + 4 <= reply.list.size(); i += 4) {
    const std::string kind = text_at(reply, i + 2);
    results.push_back({.id = text_at(reply, i),
                       .request = static_cast<std::size_t>(integer_at(reply, i + 1)),
                       .kind = kind == "ok"     ? QueuedResult::Kind::ok
                               : kind == "lost" ? QueuedResult::Kind::lost
                                                : QueuedResult::Kind::failed,
                       .text = text_at(reply, i + 3)});
  }
  return results;
}

Result<Broker::Taken> Broker::take(const std::string& worker, const std::string& model, std::size_t most,
                                   const Rules& rules) {
  TACHIKOMA_TRY(const RedisReply reply,
                run(kTake, model,
                    {worker, std::to_string(most), std::to_string(rules.dead_after.count()),
                     std::to_string(rules.attempts), model}));
  Taken taken{.state = state_of(text_at(reply, 0))};
  for (std::size_t i = 1; i + 4 <= reply.list.size(); i += 4)
    taken.lines.push_back({.id = text_at(reply, i),
                           .request = static_cast<std::size_t>(integer_at(reply, i + 1)),
                           .custom_id = text_at(reply, i + 2),
                           .text = text_at(reply, i + 3)});
  return taken;
}

Result<bool> Broker::record(const std::string& worker, const std::string& model, const TakenLine& line,
                            bool succeeded, const std::string& text) {
  TACHIKOMA_TRY(const RedisReply reply,
                run(kRecord, model,
                    {worker, line.id, std::to_string(line.request), succeeded ? "ok" : "failed", text}));
  return reply.integer == 1;
}

Status Broker::give_back(const std::string& worker, const std::string& model, const TakenLine& line,
                         const std::string& why, const Rules& rules) {
  TACHIKOMA_TRY_STATUS(run(kGiveBack, model,
                           {worker, line.id, std::to_string(line.request), std::to_string(rules.attempts),
                            base::excerpt(why, 500)}));
  return Done{};
}

Result<std::vector<std::string>> Broker::alive(const std::string& worker, const std::string& model,
                                               const std::vector<std::string>& ids) {
  std::vector<std::string> arguments{worker};
  arguments.insert(arguments.end(), ids.begin(), ids.end());
  TACHIKOMA_TRY(const RedisReply reply, run(kAlive, model, std::move(arguments)));
  std::vector<std::string> lost;
  for (const RedisReply& id : reply.list) lost.push_back(id.text);
  return lost;
}

Result<QueueStatus> Broker::status() {
  TACHIKOMA_TRY(const RedisReply reply, run(kStatus, {}, {prefix_ + "lines:"}));
  return read_status(address_.name, reply);
}

Result<bool> Broker::set_state(const std::string& state) {
  TACHIKOMA_TRY(const RedisReply reply, run(kSetState, {}, {state}));
  return reply.integer == 1;
}

Result<bool> Broker::finish() {
  TACHIKOMA_TRY(const RedisReply reply, run(kFinish, {}, {prefix_ + "lines:"}));
  return reply.integer == 1;
}

}  // namespace tachikoma::queue
