// SPDX-License-Identifier: MIT
#include "load_options.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "option_set.hpp"

#include <tachikoma/model_management.hpp>

namespace tachikoma::cli {
namespace {

Value number_or_text(std::string_view text) {
  std::int64_t whole = 0;
  double real = 0;
  if (parse_number(text, whole)) return whole;
  return parse_number(text, real) ? Value(real) : Value(text);
}

Value numbers_between_commas(std::string_view text) {
  Value list = Value::array();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    list.push_back(number_or_text(text.substr(at, end - at)));
    at = end + 1;
  }
  return list;
}

Value as_it_is(std::string_view text) { return text; }

/// A load setting of the configuration: its key, how its text is converted, and the description of
/// valid values for the error message.
struct Setting {
  const char* key;
  Value (*value)(std::string_view);
  const char* form;
};

template <class Into>
void add_setting(OptionSet& set, const std::string& name, LoadSettings& load, Into LoadSettings::*member,
                 Setting setting, std::string type, std::string help) {
  const auto take = [&load, member, setting](const std::string& text) {
    Result<LoadSettings> read = read_load_settings(Value::object({{setting.key, setting.value(text)}}));
    if (!read) return false;
    load.*member = std::move((*read).*member);
    return true;
  };
  set.value(name, take, setting.form, std::move(type), std::move(help));
}

void add_placement(OptionSet& set, LoadSettings& load) {
  add_setting(set, "--gpu-layers", load, &LoadSettings::gpu_layers,
              {"gpu_layers", number_or_text, "a number of layers, 'all', or a share such as '50%'"},
              "N|all|R%", "Layers on GPUs: a number, all, or a share such as 50%");
  set.choice<SplitMode>(
      "--split-mode", {"layer", "row", "none"}, [&](SplitMode mode) { load.gpu_split_mode = mode; },
      "Split over several GPUs: by layer, row, or none");
  set.count("--main-gpu", load.main_gpu, 0, "The GPU to use first, from 0");
  add_setting(set, "--tensor-split", load, &LoadSettings::tensor_split,
              {"tensor_split", numbers_between_commas, "a list of shares such as '3,1', one for each GPU"},
              "A,B", "Each GPU's share: 3,1");
  set.toggle("mlock", load.use_mlock, "Lock it in RAM, or let the system swap it out");
  set.toggle("mmap", load.use_mmap, "Map the file into memory, or read it");
  set.toggle("offload-kv", load.offload_kqv, "Keep the KV cache on GPUs, or in RAM");
}

void add_context(OptionSet& set, LoadSettings& load) {
  const char* const type = "one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0 and iq4_nl";
  set.count("--context", load.context_length, 1, "Tokens of context");
  add_setting(set, "--reduce-context", load, &LoadSettings::context_size_reduction,
              {"context_size_reduction", number_or_text, "a number above 0 and at most 1"}, "FACTOR",
              "If it does not fit, try contexts smaller by this factor: 0.5");
  set.count("--min-context", load.min_context_length, 1, "The smallest context to try; default 2048");
  add_setting(set, "--cache-type-k", load, &LoadSettings::cache_type_k, {"cache_type_k", as_it_is, type},
              "TYPE", "Data type of the KV cache's keys: f16, q8_0, ...");
  add_setting(set, "--cache-type-v", load, &LoadSettings::cache_type_v, {"cache_type_v", as_it_is, type},
              "TYPE", "Data type of the KV cache's values");
}

}  // namespace

void add_load_options(OptionSet& set, Options& options) {
  LoadSettings& load = options.load;
  add_context(set, load);
  add_placement(set, load);
  set.count("--batch", load.batch_size, 1, "Prompt tokens per batch");
  set.count("--threads", load.threads, 1, "CPU threads");
  set.choice<FlashAttention>(
      "--flash-attention", {"off", "on", "auto"}, [&](FlashAttention flash) { load.flash_attention = flash; },
      "Flash attention: off, on or auto");
  set.number("--seed", load.seed, SettingRule{.about = "Make sampling repeatable"});
  set.count("--parallel", load.parallel, 1, "Simultaneous requests");
  set.count("--experts", load.experts, 1, "Active experts of a mixture-of-experts model");
  add_setting(set, "--ttl", load, &LoadSettings::ttl,
              {"ttl", as_it_is, "a time such as '90s', '30m' or '1h30m'"}, "TIME",
              "Unload it after this long without use: 30m; 0: never");
  add_setting(set, "--identifier", load, &LoadSettings::identifier, {"identifier", as_it_is, "a name"},
              "NAME", "The name for it in requests");
  set.flag("--estimate-only", options.estimate_only, "Print how much memory it would need; load nothing");
}

}  // namespace tachikoma::cli
