// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <tachikoma/plugin/model.hpp>

namespace tachikoma::cli {

/// Rows as columns with two spaces between them, each as wide as its widest cell; the first row is the
/// heading. Columns that are named in `right` end flush.
std::string table(const std::vector<std::vector<std::string>>& rows,
                  const std::vector<std::size_t>& right = {});

/// The same for rows that are made when they are needed, twice each: all of them together may be large.
std::string table(std::size_t rows, const std::function<std::vector<std::string>(std::size_t)>& row,
                  const std::vector<std::size_t>& right);

/// A number as a cell: "-" for one that is not known, "~" in front of an estimate.
template <class Number, class Format>
std::string cell(const Sourced<Number>& number, Format format) {
  if (!number) return "-";
  return (number.source == Source::estimated ? "~" : "") + format(number.value);
}

}  // namespace tachikoma::cli
