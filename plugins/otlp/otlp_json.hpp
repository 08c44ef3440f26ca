// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/value.hpp"

/// What is common to all messages of OTLP in JSON. It is protobuf's JSON, but ids are hexadecimal, and enums
/// are numbers; integers of 64 bits are texts.
namespace tachikoma::otlp {

/// Appends an attribute to an array of them.
void add_attribute(Value& attributes, std::string_view name, std::string_view text);
void add_attribute(Value& attributes, std::string_view name, std::int64_t number);
void add_attribute(Value& attributes, std::string_view name, double number);
void add_attribute(Value& attributes, std::string_view name, bool value);
void add_attribute(Value& attributes, std::string_view name, const Value::Array& texts);

/// An integer of 64 bits.
std::string decimal(std::uint64_t number);
/// Nanoseconds since 1970, UTC.
std::string unix_nano(std::chrono::system_clock::time_point time);

/// The parts of a request's body that don't change: it is `before`, the elements separated by commas,
/// `after`.
struct Envelope {
  std::string before, after;
};

/// The envelope of spans, or of metrics, for a program that is known by these names.
Envelope trace_envelope(std::string_view service, std::string_view instance);
Envelope metric_envelope(std::string_view service, std::string_view instance);

}  // namespace tachikoma::otlp
