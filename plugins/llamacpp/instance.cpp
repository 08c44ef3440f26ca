// SPDX-License-Identifier: MIT
#include "llamacpp/instance.hpp"

#include <algorithm>
#include <csignal>
#include <random>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/durations.hpp"
#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "common/errors/server_error.hpp"
#include "common/launch/readiness.hpp"
#include "common/net/socket.hpp"
#include "llamacpp/proc_counter.hpp"
#include "llamacpp/process_tree.hpp"
#include "llamacpp/reserved_options.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr int kPortsTried = 5;
constexpr std::chrono::milliseconds kProbe{2000};
/// The time for a server to end on its own: one that is generating would finish its answer first.
constexpr std::chrono::milliseconds kStopTime{500};
/// The time between the last output of a process and its end.
constexpr std::chrono::milliseconds kDying{500};
constexpr std::chrono::milliseconds kFirstPause{10};
constexpr std::chrono::milliseconds kLongestPause{50};

Result<std::uint16_t> free_port() {
  const kit::Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!socket.open() || ::bind(socket.fd(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return Error(ErrorCode::overloaded, "no port of this machine is free (" + kit::errno_text(errno) + ")");
  return ntohs(address.sin_port);
}

std::string random_key() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string key;
  for (int i = 0; i < 32; ++i) key += kDigits[random() % 16];
  return key;
}

std::vector<std::string> command_line(const std::string& id, const ModelFile& file, const LoadPlan& plan,
                                      const ServerBinary& binary, const LaunchOptions& options,
                                      std::uint16_t port) {
  std::vector<std::string> argv = binary.command();
  argv.insert(argv.end(),
              {"--host", "127.0.0.1", "--port", std::to_string(port), "--model", file.path, "--alias", id});
  const auto add_if_known = [&](std::initializer_list<std::string> words) {
    if (binary.has(*words.begin())) argv.insert(argv.end(), words);
  };
  if (binary.has("--no-ui"))
    argv.emplace_back("--no-ui");
  else
    add_if_known({"--no-webui"});
  for (const char* report : {"--metrics", "--slots"}) add_if_known({report});
  add_if_known({"--log-verbosity", "4"});
  if (!file.projector.empty()) add_if_known({"--mmproj", file.projector.string()});
  std::string rpc;
  for (const std::string& server : options.rpc) rpc += (rpc.empty() ? "" : ",") + server;
  if (!rpc.empty()) argv.insert(argv.end(), {"--rpc", rpc});
  argv.insert(argv.end(), plan.arguments.begin(), plan.arguments.end());
  argv.insert(argv.end(), options.arguments.begin(), options.arguments.end());
  return argv;
}

}  // namespace

std::uint64_t memory_kills() { return proc_counter("/proc/vmstat", "oom_kill").value_or(0); }

bool embeds(const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& word) { return word == "--embeddings" || word == "--embedding"; });
}

Result<std::shared_ptr<Instance>> Instance::start(std::string id, const ModelFile& file, const LoadPlan& plan,
                                                  const ServerBinary& binary, const LaunchOptions& options,
                                                  Host& host, const CallContext& context, LoadSink& sink) {
  if (!options.rpc.empty() && !binary.has("--rpc"))
    return Error(ErrorCode::unsupported, "this llama-server (" + binary.build + ") has no --rpc",
                 "use a build with the RPC backend");
  for (int left = kPortsTried;; --left) {
    TACHIKOMA_TRY(const std::uint16_t port, free_port());
    std::shared_ptr<Instance> instance(new Instance(id, file, plan));
    const std::string key = binary.has("--api-key") ? random_key() : "";
    instance->client_ = std::make_unique<kit::HttpClient>(kit::ServerUrl{.host = "127.0.0.1", .port = port},
                                                          kit::ServerAccess{.api_key = key}, host);
    if (Status launched = instance->launch(command_line(id, file, plan, binary, options, port), options, key);
        !launched)
      return std::move(launched).error();
    const Status ready = instance->wait_until_ready(options.ready_time, context, sink);
    if (ready) return instance;
    instance->child_->kill();  // it has no state to lose
    const bool port_was_taken = ready.error().code == ErrorCode::overloaded;
    if (!port_was_taken || left == 1) return ready.error();
  }
}

// The key is passed in the environment: any user can read a command line.
Status Instance::launch(const std::vector<std::string>& argv, const LaunchOptions& options,
                        const std::string& api_key) {
  kit::ChildCommand command{.argv = argv,
                            .environment = options.environment,
                            .without = reserved_variables(),
                            .stop_time = kStopTime};
  embeds_ = llamacpp::embeds(argv);
  if (!api_key.empty()) command.environment.emplace_back("LLAMA_API_KEY", api_key);
  TACHIKOMA_TRY(auto child,
                kit::ChildProcess::start(
                    command, [this, log = options.log](std::string_view line) { add_line(line, log); }));
  child_ = std::move(child);
  return Done{};
}

void Instance::add_line(std::string_view line, LogFeed* log) {
  {
    const std::lock_guard lock(mutex_);
    log_.add_line(line);
  }
  if (log) log->add(id_, line);
}

Status Instance::wait_until_ready(std::chrono::milliseconds limit, const CallContext& context,
                                  LoadSink& sink) {
  LoadProgress progress(child_->pid(), model_.size_bytes);
  const kit::ReadinessLimits limits{kFirstPause, kLongestPause, limit};
  const Result<bool> ready =
      kit::ask_until_ready(*child_, limits, context.cancellation, [&]() -> Result<bool> {
        if (child_->end()) return failure();
        if (context.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
        if (report_progress(progress, sink) == Flow::stop)
          return Error(ErrorCode::cancelled, "the receiver stopped the load");
        return answers(context);
      });
  if (!ready) return ready.error();
  if (*ready) return Done{};
  return Error(ErrorCode::timeout, "'" + key_ + "' was not loaded within " + base::describe_time(limit),
               "raise start_timeout, or set verbose: true to see what takes so long",
               Value::object({{"clock", "load"}, {"log", child_->last_lines()}}));
}

// Whoever answers before the server listens is another program, which is not talked to. A build that does not
// say in known words that it listens is known by its socket.
Result<bool> Instance::answers(const CallContext& context) {
  const EngineLog said = log();
  const std::uint16_t port = client_->url().port;
  if (!said.may_listen_on(port))
    return Error(ErrorCode::config_invalid,
                 "'" + key_ + "' can't be used: its llama-server was started with --port " +
                     std::to_string(port) + ", and says that it listens on '" +
                     base::excerpt(said.listening_at, 80) + "'",
                 "if 'server' is a script, let it pass on --host and --port as they are given to it");
  if (said.listening_at.empty() && !listens_on(child_->pid(), port)) return false;
  const kit::CallScope scope{context.cancellation, kit::CallScope::Clock::now() + kProbe};
  const Result<kit::Document> reply = kit::fetch(*client_, {.path = "/health"}, scope);
  return reply && reply->ok();
}

Flow Instance::report_progress(LoadProgress& progress, LoadSink& sink) const {
  if (!log().loading_tensors) {
    progress.start();
    return Flow::proceed;
  }
  const std::optional<double> fraction = progress.advance();
  return fraction ? sink.on_progress(*fraction) : Flow::proceed;
}

EngineLog Instance::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

// Why it ended before it was ready. A killed process logs nothing, but the system counts out-of-memory kills.
Error Instance::failure() const {
  const bool killed = child_->end()->signal == SIGKILL;
  if (killed && memory_kills() > memory_kills_before_)
    return Error(
        ErrorCode::insufficient_memory,
        "'" + key_ + "' can't be loaded: its llama-server was killed while the system ran out of memory",
        "reduce context_length, choose a smaller model, or raise the memory limit");
  return log().failure(key_, *child_->end());
}

Error Instance::explain(Error broken) const {
  const bool ended = stopped_ || child_->wait_for_end(kDying);
  if (!ended) return broken;
  if (stopped_)
    return Error(ErrorCode::model_lost, "'" + id_ + "' was unloaded during the request",
                 "ask again: it will be loaded again");
  const bool killed = child_->end()->signal == SIGKILL;
  Error lost(
      ErrorCode::model_lost, "'" + id_ + "' was lost: its llama-server ended with " + end(),
      killed ? "ask again: it will be loaded again; if nobody killed it, the system may be short of memory"
             : "ask again: it will be loaded again");
  lost.detail.set("log", child_->last_lines());
  return lost;
}

void Instance::stop() {
  stopped_ = true;
  child_->end_now();
}

std::string Instance::end() const {
  const auto end = child_->end();
  return end ? to_text(*end) : "";
}

}  // namespace tachikoma::llamacpp
