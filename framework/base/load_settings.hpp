// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tachikoma/plugin/load.hpp"

namespace tachikoma::base {

/// Calls `visit(name, member)` with every load setting that is one optional value, under its name in the
/// configuration; `tensor_split` and `extra`, where empty is absent, are not among them.
template <class Visit>
void for_each_load_field(const Visit& visit) {
  using S = LoadSettings;
  visit("context_length", &S::context_length);
  visit("gpu_layers", &S::gpu_layers);
  visit("gpu_split_mode", &S::gpu_split_mode);
  visit("main_gpu", &S::main_gpu);
  visit("batch_size", &S::batch_size);
  visit("micro_batch_size", &S::micro_batch_size);
  visit("threads", &S::threads);
  visit("use_mlock", &S::use_mlock);
  visit("use_mmap", &S::use_mmap);
  visit("offload_kqv", &S::offload_kqv);
  visit("flash_attention", &S::flash_attention);
  visit("cache_type_k", &S::cache_type_k);
  visit("cache_type_v", &S::cache_type_v);
  visit("seed", &S::seed);
  visit("rope_frequency_base", &S::rope_frequency_base);
  visit("rope_frequency_scale", &S::rope_frequency_scale);
  visit("experts", &S::experts);
  visit("parallel", &S::parallel);
  visit("ttl", &S::ttl);
  visit("identifier", &S::identifier);
  visit("context_size_reduction", &S::context_size_reduction);
  visit("min_context_length", &S::min_context_length);
}

/// Load settings in the form of the configuration's `load` section; absent ones are left out.
Value to_value(const LoadSettings& settings);

/// One setting by name, in the same form; one in `extra` by its own name. Null if it is absent.
Value setting_value(const LoadSettings& settings, std::string_view name);

}  // namespace tachikoma::base
