// SPDX-License-Identifier: MIT
#include "llamacpp/engine_log.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <span>
#include <utility>

#include "base/excerpt.hpp"
#include "base/lists.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr std::size_t kFailuresKept = 20;

bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

constexpr std::string_view kDecimalDigits = "0123456789";

/// Where the settings of a context stand, newest builds first, then those of 2024 and ik_llama.cpp.
constexpr std::string_view kContextLeads[] = {
    "llama_context: ", "llama_init_from_model: ", "llama_new_context_with_model: "};

/// How builds say that they listen, newest first, then ik_llama.cpp:
/// "HTTP server listening | … port="8080" hostname="127.0.0.1"".
constexpr std::string_view kListening[] = {"listening on ", "server is listening on ",
                                           "HTTP server is listening, ", "HTTP server listening"};

/// What a line has that names the types of the cache, likewise.
constexpr std::string_view kCacheSizes[] = {
    "llama_kv_cache: size = ", "llama_kv_cache_unified: size = ", ": KV self size  = "};

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view each) { return has(text, each); });
}

std::string_view lead_of_context(std::string_view line) {
  for (const std::string_view lead : kContextLeads)
    if (line.starts_with(lead)) return lead;
  return {};
}

// The text after `words`, up to `end` if that occurs; empty if they do not occur.
std::string_view behind(std::string_view text, std::string_view words, std::string_view end = {}) {
  const std::size_t at = text.find(words);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + words.size());
  return end.empty() ? text : text.substr(0, text.find(end));
}

template <class Number>
std::optional<Number> number_at(std::string_view text) {
  text = trimmed(text);
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) return std::nullopt;
  return number;
}

// "0.00.159.351 E llama_init: …" without its time.
struct Line {
  std::string_view text;
  Severity severity = Severity::info;
};

Severity read_letter(char letter) {
  if (letter == 'E') return Severity::error;
  if (letter == 'W') return Severity::warning;
  return letter == 'D' ? Severity::debug : Severity::info;
}

Line strip(std::string_view line) {
  const std::size_t blank = line.find(' ');
  const bool stamped = blank != std::string_view::npos && blank >= 5 && line.size() > blank + 2 &&
                       line[blank + 2] == ' ' && line.find_first_not_of("0123456789.") == blank;
  if (!stamped) {
    // an abort starts with the source location: "./ggml-rpc.cpp:650: Failed to connect to 127.0.0.1:50052"
    // ik_llama.cpp: "ERR [              load_model] unable to load model | tid=…"
    const bool is_error = line.starts_with("error") || line.starts_with("ERR [") || has(line, "error: ") ||
                          has(line, "error loading model") || has(line, ".cpp:");
    return {trimmed(line), is_error                     ? Severity::error
                           : line.starts_with("WARN [") ? Severity::warning
                                                        : Severity::info};
  }
  return {trimmed(line.substr(blank + 3)), read_letter(line[blank + 1])};
}

struct Cause {
  std::string_view words;
  ErrorCode code;
  std::string_view says;
  std::string_view hint;
};

// The first match is the cause: earlier entries are more specific.
constexpr std::array kCauses{
    Cause{"couldn't bind", ErrorCode::overloaded, "another program took its port", "load it again"},
    Cause{"address already in use", ErrorCode::overloaded, "another program took its port", "load it again"},
    Cause{"RPC not supported", ErrorCode::unsupported, "this llama-server was built without the RPC backend",
          "install it (Debian: libggml0-backend-rpc), or remove rpc"},
    Cause{"Failed to parse endpoint", ErrorCode::config_invalid,
          "an entry of rpc is not of the form host:port", "correct rpc"},
    Cause{"ggml-rpc.cpp", ErrorCode::unreachable, "an RPC server can't be reached",
          "start it there with: ggml-rpc-server -H ADDRESS -p PORT, or correct rpc"},
    Cause{"does not support split buffers", ErrorCode::unsupported,
          "a device can't take a model that is split by rows", "set gpu_split_mode: layer"},
    Cause{"failed to allocate", ErrorCode::insufficient_memory, "it does not fit into memory",
          "reduce context_length or n_gpu_layers, or choose a smaller model"},
    Cause{"out of memory", ErrorCode::insufficient_memory, "it does not fit into memory",
          "reduce context_length or n_gpu_layers, or choose a smaller model"},
    Cause{"cudaMalloc failed", ErrorCode::insufficient_memory, "it does not fit into the GPU's memory",
          "reduce context_length or n_gpu_layers, or choose a smaller model"},
    Cause{"std::bad_alloc", ErrorCode::insufficient_memory, "it does not fit into memory",
          "reduce context_length, or choose a smaller model"},
    Cause{"Cannot allocate memory", ErrorCode::insufficient_memory, "it does not fit into memory",
          "reduce context_length, set use_mmap, or choose a smaller model"},
    Cause{"error while loading shared libraries", ErrorCode::config_invalid,
          "its llama-server lacks a library",
          "install llama.cpp again, or set LD_LIBRARY_PATH in 'environment'"},
    Cause{"unknown model architecture", ErrorCode::unsupported,
          "this llama-server does not know the model's architecture", "update llama.cpp"},
    Cause{"invalid magic", ErrorCode::invalid_argument, "the file is not a GGUF file",
          "download the model again"},
    Cause{"corrupted or incomplete", ErrorCode::invalid_argument, "the file is damaged or not complete",
          "download the model again"},
    Cause{"failed to read tensor info", ErrorCode::invalid_argument, "the file is damaged or not complete",
          "download the model again"},
    Cause{"failed to open GGUF", ErrorCode::invalid_argument, "the file can't be opened",
          "check its path and permissions"},
    Cause{"tensor '", ErrorCode::invalid_argument, "the file is damaged or not complete",
          "download the model again"},
    Cause{"chat template", ErrorCode::invalid_argument, "its chat template can't be used",
          "give another with extra: {chat-template-file: …}"},
    Cause{"cache type", ErrorCode::invalid_argument, "the cache types don't suit the model",
          "remove cache_type_k and cache_type_v"},
    Cause{"quantized V cache", ErrorCode::invalid_argument, "the cache types don't suit the settings",
          "set flash_attention: true, or remove cache_type_v"},
    Cause{"invalid argument", ErrorCode::unsupported, "this llama-server does not know one of its arguments",
          "update llama.cpp"},
};

template <class Wanted>
std::int64_t sum_of(const std::vector<EngineBuffer>& buffers, Wanted wanted) {
  std::int64_t sum = 0;
  for (const EngineBuffer& buffer : buffers)
    if (wanted(buffer)) sum += buffer.bytes;
  return sum;
}

std::int64_t requested_bytes(const std::vector<std::string>& failures) {
  for (const std::string& line : failures)
    for (std::string_view words : {"buffer of size ", "allocating "})
      if (const std::size_t at = line.find(words); at != std::string::npos)
        if (const auto bytes = number_at<std::int64_t>(std::string_view(line).substr(at + words.size())))
          return *bytes;
  return -1;
}

}  // namespace

Severity severity_of(std::string_view line) { return strip(line).severity; }

// What a script or a tool server beside it listens on is not meant: the words begin what the line says.
void EngineLog::read_listening(std::string_view line) {
  for (const std::string_view words : kListening) {
    const std::size_t at = line.find(words);
    if (at == std::string_view::npos) continue;
    const std::string_view before = line.substr(0, at);
    if (before.empty() || before.ends_with(": ") || before.ends_with("] ") || before.ends_with('"'))
      listening_at = line.substr(at + words.size());
  }
}

bool EngineLog::may_listen_on(std::uint16_t port) const {
  std::string_view said = listening_at;
  if (const std::size_t named = said.rfind("port"); named != std::string_view::npos) {
    said.remove_prefix(std::min(said.find_first_of(kDecimalDigits, named), said.size()));
  } else {
    said = said.substr(0, said.find(' '));
    if (said.starts_with("unix:") || said.ends_with(".sock")) return false;
    if (const std::size_t colon = said.rfind(':'); colon != std::string_view::npos)
      said.remove_prefix(colon + 1);
  }
  const auto number = number_at<std::int64_t>(said);
  return !number || *number == port;
}

// "llama_context: n_ctx                 = 2048"
void EngineLog::read_context(std::string_view line) {
  const std::string_view lead = lead_of_context(line);
  const std::size_t sign = line.find(" = ");
  if (lead.empty() || sign == std::string_view::npos) return;
  const std::string_view key = trimmed(line.substr(lead.size(), sign - lead.size()));
  const std::string_view value = line.substr(sign + 3);
  const auto read = [&]<class Number>(std::string_view name, std::optional<Number>& into) {
    if (key == name && !into) into = number_at<Number>(value);
  };
  read("n_ctx", context_length);
  read("n_batch", batch_size);
  read("n_ubatch", micro_batch_size);
  read("n_seq_max", parallel);
  read("freq_base", rope_frequency_base);
  read("freq_scale", rope_frequency_scale);
  if (key == "flash_attn" && value != "auto") flash_attention = value == "enabled" || value == "1";
}

void EngineLog::read_flash_attention(std::string_view line) {
  if (line.ends_with("Flash Attention enabled") || has(line, "Flash Attention was auto, set to enabled"))
    flash_attention = true;
  if (has(line, "Flash Attention disabled") || has(line, "Flash Attention was auto, set to disabled"))
    flash_attention = false;
}

// "load_tensors:   CPU_Mapped model buffer size =     0.76 MiB"; older: "llm_load_tensors:  CPU buffer size =
// …"
void EngineLog::read_buffer(std::string_view line) {
  const std::size_t at = line.find(" buffer size = ");
  const std::size_t colon = line.find(": ");
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return;
  const std::string_view what = trimmed(line.substr(colon + 1, at - colon - 1));
  const std::size_t space = what.rfind(' ');
  const bool named = space != std::string_view::npos;
  const auto size = number_at<double>(line.substr(at + 15));
  if (what.empty() || !size || !has(line.substr(at), "MiB")) return;
  if (!named && !has(line.substr(0, colon), "load_tensors")) return;
  buffers.push_back({std::string(trimmed(what.substr(0, space))),
                     named ? std::string(what.substr(space + 1)) : "model",
                     static_cast<std::int64_t>(*size * 1024 * 1024)});
}

// "load_tensors: offloaded 29/29 layers to GPU"
void EngineLog::read_offload(std::string_view line) {
  const std::size_t at = line.find("offloaded ");
  const std::size_t slash = line.find('/', at);
  if (at == std::string_view::npos || slash == std::string_view::npos || !has(line, "layers to GPU")) return;
  offloaded_layers = number_at<std::int64_t>(line.substr(at + 10));
  all_layers = number_at<std::int64_t>(line.substr(slash + 1));
}

void EngineLog::add_line(std::string_view raw) {
  const Line line = strip(raw);
  if (line.severity == Severity::error && failures.size() < kFailuresKept) failures.emplace_back(line.text);
  if (has(line.text, "no usable GPU found") || has(line.text, "not compiled with GPU offload support"))
    no_gpu = true;
  if (has(line.text, "loading model tensors") || line.text.starts_with("llm_load_tensors: "))
    loading_tensors = true;
  if (has(line.text, "failed to mlock")) mlock_failed = true;
  if (has(line.text, "threadpool init"))
    threads = number_at<std::int64_t>(behind(line.text, "n_threads = "));
  else if (!threads && line.text.starts_with("system_info: n_threads = "))
    threads = number_at<std::int64_t>(behind(line.text, "n_threads = "));
  if (has_any(line.text, kCacheSizes)) {
    cache_type_k = behind(line.text, " K (", ")");
    cache_type_v = behind(line.text, " V (", ")");
  }
  read_listening(line.text);
  read_context(line.text);
  read_flash_attention(line.text);
  read_buffer(line.text);
  read_offload(line.text);
}

std::int64_t EngineLog::total_bytes() const {
  return sum_of(buffers, [](const EngineBuffer& each) { return !each.on_rpc_server(); });
}

std::int64_t EngineLog::gpu_bytes() const {
  return sum_of(buffers, [](const EngineBuffer& each) { return !each.on_cpu() && !each.on_rpc_server(); });
}

std::int64_t EngineLog::rpc_bytes() const {
  return sum_of(buffers, [](const EngineBuffer& each) { return each.on_rpc_server(); });
}

Error EngineLog::failure(std::string_view model, const kit::ChildEnd& end) const {
  const Value detail = Value::object({{"log", base::array_of(failures)}});
  for (const Cause& cause : kCauses)
    for (const std::string& line : failures) {
      if (!has(line, cause.words)) continue;
      Error error(cause.code,
                  "'" + std::string(model) + "' can't be loaded: " + std::string(cause.says) + ": \"" +
                      base::excerpt(line, 300) + '"',
                  std::string(cause.hint), detail);
      const std::int64_t bytes =
          cause.code == ErrorCode::insufficient_memory ? requested_bytes(failures) : -1;
      if (bytes > 0) error.detail.set("required_bytes", bytes);
      return error;
    }
  Error error(end.signal ? ErrorCode::model_lost : ErrorCode::protocol,
              "'" + std::string(model) + "' can't be loaded: its llama-server ended with " + to_text(end) +
                  (failures.empty() ? "" : ": \"" + base::excerpt(failures.front(), 300) + '"'),
              "load it again; set verbose: true to see what its llama-server writes", detail);
  error.retryable = false;  // the same cause would most likely end it again
  return error;
}

}  // namespace tachikoma::llamacpp
