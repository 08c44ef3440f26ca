// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>

#include "sessions/batch_input.hpp"
#include "sessions/batch_journal.hpp"
#include "sessions/batch_requests.hpp"

namespace tachikoma::sessions {

/// The files of a batch while its lines are answered.
struct FilesOfBatch {
  BatchInput& input;
  BatchJournal& journal;
  bool is_new;  ///< the journal was made just now
  BatchReport& report;
};

/// Answers the lines that have not ended, and adds their results to the journal. Returns why the rest was not
/// begun, or nothing.
using AnswerLines = std::function<Result<std::optional<Error>>(FilesOfBatch&)>;

/// Reads the input, has its lines answered, and writes the output; the journal is kept meanwhile.
Result<BatchReport> answer_files(const BatchFiles& files, const AnswerLines& answer);

/// As `Runtime::batch_file`.
Result<BatchReport> batch_file(const BatchParts& parts, const BatchFiles& files, const BatchOptions& options);

}  // namespace tachikoma::sessions
