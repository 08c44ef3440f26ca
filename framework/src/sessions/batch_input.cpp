// SPDX-License-Identifier: MIT
#include "sessions/batch_input.hpp"

#include <unordered_map>
#include <utility>

#include "base/excerpt.hpp"
#include "base/text_hash.hpp"
#include "base/try.hpp"
#include "schema/wording.hpp"

namespace tachikoma::sessions {
namespace {

constexpr std::size_t kShownErrors = 20;

// The id of a line of the short form that has none.
std::string id_of_line(std::size_t line) { return "line-" + std::to_string(line); }

}  // namespace

/// Reads the file once.
class BatchInput::Reader {
 public:
  Reader(BatchInput& into, base::JsonParser& parser) : into_(into), parser_(parser) {}

  Status read() {
    base::TextHash hash;
    for (std::size_t line = 1;; ++line) {
      TACHIKOMA_TRY(const std::optional<LineFile::Line> next, into_.file_.next());
      if (!next) break;
      hash.add(next->text);
      hash.add("\n");
      into_.bytes_ = next->place.offset + next->place.size;
      if (next->text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (Status added = add(line, *next); !added) note(line, added.error());
    }
    into_.hash_ = hash.text();
    if (wrong_ > 0) return failed();
    if (into_.requests_.empty())
      return Error(ErrorCode::invalid_argument, "'" + into_.file_.path() + "' has no request",
                   "write one a line, such as {\"prompt\": \"Hello\"}");
    return Done{};
  }

 private:
  Status add(std::size_t line, const LineFile::Line& text) {
    TACHIKOMA_TRY(BatchLine read, read_batch_line(parser_, text.text, into_.default_model_));
    if (read.custom_id.empty()) read.custom_id = id_of_line(line);
    const auto [other, is_new] = lines_.try_emplace(read.custom_id, line);
    if (!is_new)
      return Error(ErrorCode::invalid_argument, "the custom_id '" + base::excerpt(read.custom_id) +
                                                    "' is that of line " + std::to_string(other->second) +
                                                    " too; each must be unique");
    const auto [model, is_other] =
        models_.try_emplace(read.model(), static_cast<std::uint32_t>(into_.models_.size()));
    if (is_other) into_.models_.push_back(read.model());
    into_.requests_.push_back({text.place, model->second, line});
    return Done{};
  }

  void note(std::size_t line, const Error& error) {
    if (++wrong_ > kShownErrors) return;
    std::string text = into_.file_.path() + ":" + std::to_string(line) + ": " + error.message;
    if (!error.hint.empty()) text += " (" + error.hint + ")";
    errors_.push_back(std::move(text));
  }

  Error failed() const {
    std::string message;
    Value::Array list;
    for (const std::string& each : errors_) {
      message += (message.empty() ? "" : "\n") + each;
      list.emplace_back(each);
    }
    if (wrong_ > errors_.size())
      message += "\n" + std::to_string(wrong_ - errors_.size()) + " more lines are wrong";
    return Error(ErrorCode::invalid_argument, std::move(message),
                 "nothing was sent: correct " + schema::counted(wrong_, "line") + " first",
                 Value::object({{"file", into_.file_.path()},
                                {"wrong", static_cast<std::int64_t>(wrong_)},
                                {"errors", std::move(list)}}));
  }

  BatchInput& into_;
  base::JsonParser& parser_;
  std::unordered_map<std::string, std::size_t> lines_;  // by their ids
  std::unordered_map<std::string, std::uint32_t> models_;
  std::vector<std::string> errors_;
  std::size_t wrong_ = 0;
};

Result<BatchInput> BatchInput::read(const std::string& path, const std::string& default_model) {
  TACHIKOMA_TRY(LineFile file, LineFile::open(path));
  BatchInput input(std::move(file), default_model);
  base::JsonParser parser;
  TACHIKOMA_TRY_STATUS(Reader(input, parser).read());
  return input;
}

Result<BatchLine> BatchInput::request(std::size_t request) {
  const Request& of = requests_[request];
  base::JsonParser parser;
  TACHIKOMA_TRY(const std::string text, file_.read(of.place));
  TACHIKOMA_TRY(BatchLine line, read_batch_line(parser, text, default_model_));
  if (line.custom_id.empty()) line.custom_id = id_of_line(of.line);
  return line;
}

}  // namespace tachikoma::sessions
