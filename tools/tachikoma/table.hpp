// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tachikoma/plugin/model.hpp>

namespace tachikoma::cli {

/// What becomes of a table's columns, each named by its number.
struct TableForm {
  /// Those that end flush.
  std::vector<std::size_t> right = {};
  /// Those with names, which are shortened in the middle where there is no room.
  std::vector<std::size_t> names = {};
  /// Those that are left out before a name gets shorter than `least_name`, the least important first.
  std::vector<std::size_t> optional = {};
  /// Absent: half of the room, which names share.
  std::optional<std::size_t> least_name = {};
  /// One of sentences, the last: it wraps at words, below the others if they leave too little room.
  std::optional<std::size_t> prose = {};
  /// The first row is one.
  bool heading = true;
};

/// Rows as columns with two spaces between them, each as wide as its widest cell. No line is wider
/// than `room`.
std::string table(const std::vector<std::vector<std::string>>& rows, const TableForm& form, std::size_t room);

/// The same for rows that are made when they are needed, twice each: all of them together may be large.
std::string table(std::size_t rows, const std::function<std::vector<std::string>(std::size_t)>& row,
                  const TableForm& form, std::size_t room);

/// A number as a cell: "-" for one that is not known, "~" in front of an estimate.
template <class Number, class Format>
std::string cell(const Sourced<Number>& number, Format format) {
  if (!number) return "-";
  return (number.source == Source::estimated ? "~" : "") + format(number.value);
}

}  // namespace tachikoma::cli
