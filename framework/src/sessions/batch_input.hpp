// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "sessions/batch_line.hpp"
#include "sessions/line_file.hpp"

namespace tachikoma::sessions {

/// The input of a batch: checked as a whole, but only where its lines are is kept.
class BatchInput {
 public:
  /// Fails with `invalid_argument`, which names every line that is wrong, as far as they are not too many.
  static Result<BatchInput> read(const std::string& path, const std::string& default_model);

  std::size_t size() const { return requests_.size(); }
  /// The name by which a request asks for its model.
  const std::string& model(std::size_t request) const { return models_[requests_[request].model]; }
  /// Reads a request again. Fails with `invalid_argument` if the file has changed.
  Result<BatchLine> request(std::size_t request);
  /// Its line, as it is in the file.
  Result<std::string> text(std::size_t request) const { return file_.read(requests_[request].place); }
  /// What tells it from any other input.
  const std::string& hash() const { return hash_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Request {
    LinePlace place;
    std::uint32_t model;  // in `models_`
    std::size_t line;     // in the file, from 1
  };
  class Reader;

  BatchInput(LineFile file, std::string default_model)
      : file_(std::move(file)), default_model_(std::move(default_model)) {}

  LineFile file_;
  std::string default_model_;
  std::vector<Request> requests_;
  std::vector<std::string> models_;
  std::string hash_;
  std::uint64_t bytes_ = 0;
};

}  // namespace tachikoma::sessions
