// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/model_registry.hpp>
#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// Models as a table for people, at most `room` wide; "-" stands for what is not known.
std::string models_table(const std::vector<ListedModel>& models, std::size_t room);

/// Prints a listing as the options have it: a table, addresses alone, or JSON.
void print_models(const ModelListing& listing, const Options& options, Output& output);

/// `models --fit`: what each model needs, and whether that fits. Returns the exit code.
int show_fit(Runtime& runtime, const Options& options, Output& output);

}  // namespace tachikoma::cli
