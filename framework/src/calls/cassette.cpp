// SPDX-License-Identifier: MIT
#include "calls/cassette.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

#include "base/json.hpp"
#include "base/try.hpp"
#include "calls/cassette_redaction.hpp"

namespace tachikoma::calls {
namespace {

constexpr const char* kRecordAgain = "record it again, or take the file as it was recorded";

Error unusable(const std::string& file, const std::string& why, std::string hint = kRecordAgain) {
  return Error(ErrorCode::invalid_argument, "the cassette '" + file + "' " + why, std::move(hint),
               Value::object({{"file", file}}));
}

Error at_line(const std::string& file, std::size_t line, const std::string& what) {
  return Error(ErrorCode::invalid_argument, file + ":" + std::to_string(line) + ": " + what, kRecordAgain,
               Value::object({{"file", file}, {"line", static_cast<std::int64_t>(line)}}));
}

Result<std::string> read_text(const std::string& file) {
  const base::Descriptor from(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found = {};
  if (from.value() < 0 || ::fstat(from.value(), &found) != 0)
    return unusable(file, std::string("can't be read (") + std::strerror(errno) + ")",
                    "record it first, with 'record' in place of 'replay'");
  if (!S_ISREG(found.st_mode)) return unusable(file, "is no regular file", "name a file");
  std::string text;
  const base::FileBytes bytes(from.value(), static_cast<std::uint64_t>(found.st_size));
  text.resize(static_cast<std::size_t>(found.st_size));
  if (!text.empty() && !bytes.read(0, text.data(), text.size()))
    return unusable(file, "became shorter while it was read");
  return text;
}

// Whether the answer is one to its question.
Status check_answer(const Interaction& of) {
  const auto status = [](const auto& answer) { return answer ? Status(Done{}) : Status(answer.error()); };
  if (of.error || of.cancelled) return Done{};
  switch (of.question) {
    case Question::chat: return status(read_answer<ChatOutcome>(of.answer));
    case Question::embed: return status(read_answer<Embeddings>(of.answer));
    case Question::list_models: return status(read_answer<std::vector<ModelInfo>>(of.answer));
    case Question::count_prompt_tokens:
    case Question::count_text_tokens: return status(read_answer<std::int64_t>(of.answer));
  }
  return Done{};
}

Result<Interaction> read_line(const Value& form) {
  TACHIKOMA_TRY(Interaction interaction, read_interaction(form));
  if (interaction.request < 1) return Error(ErrorCode::invalid_argument, "'request' is below 1");
  Status answered = check_answer(interaction);
  if (!answered) return Error(ErrorCode::invalid_argument, "of the 'answer' " + answered.error().message);
  return interaction;
}

Result<CassetteHead> read_first_line(const Value& form) {
  const Value* const schema = form.find("cassette");
  if (!schema) return Error(ErrorCode::invalid_argument, "this is not the first line of a cassette");
  if (*schema != Value(CassetteHead::kSchema))
    return Error(ErrorCode::invalid_argument, "the cassette has the schema " + base::to_json(*schema) +
                                                  "; this version reads " +
                                                  std::to_string(CassetteHead::kSchema));
  return read_head(form);
}

// A mistyped name must not cost somebody a file.
Status check_replaceable(const std::string& file, int descriptor) {
  constexpr std::string_view kStart = "{\"cassette\":";
  struct stat found = {};
  if (::fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size == 0) return Done{};
  std::string start(kStart.size(), '\0');
  const base::FileBytes bytes(descriptor, static_cast<std::uint64_t>(found.st_size));
  if (bytes.read(0, start.data(), start.size()) && start == kStart) return Done{};
  return Error(ErrorCode::invalid_argument, "'" + file + "' is not replaced: it is no cassette",
               "name another file in 'record', or remove that one",
               Value::object({{"file", file}, {"exists", true}}));
}

}  // namespace

Result<Cassette> Cassette::read(const std::string& file) {
  TACHIKOMA_TRY(const std::string text, read_text(file));
  if (text.empty()) return unusable(file, "is empty");
  Cassette cassette{.file = file};
  std::set<std::int64_t> known;
  base::JsonParser parser;
  std::size_t line = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const Result<Value> form = parser.parse(rest.substr(0, end));
    const bool cut = end == rest.size();
    rest.remove_prefix(std::min(end + 1, rest.size()));
    line += 1;
    if (!form) return at_line(file, line, cut ? "the file ends within this line" : form.error().message);
    if (line == 1) {
      Result<CassetteHead> head = read_first_line(*form);
      if (!head) return at_line(file, line, head.error().message);
      cassette.head = *std::move(head);
      continue;
    }
    Result<Interaction> interaction = read_line(*form);
    if (!interaction) return at_line(file, line, interaction.error().message);
    if (!known.insert(interaction->request).second)
      return at_line(file, line, "request " + std::to_string(interaction->request) + " is there already");
    cassette.all.push_back({*std::move(interaction), line});
  }
  std::sort(cassette.all.begin(), cassette.all.end(), [](const Recorded& a, const Recorded& b) {
    return a.interaction.request < b.interaction.request;
  });
  return cassette;
}

Result<std::shared_ptr<CassetteWriter>> CassetteWriter::open(const std::string& file, CassetteHead head,
                                                             std::vector<std::string> secrets) {
  // what was said to a model is nobody else's business
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  base::Descriptor to(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, kOwnerOnly));
  const int failure = to.value() < 0 ? errno : 0;
  if (failure == 0) TACHIKOMA_TRY_STATUS(check_replaceable(file, to.value()));
  auto writer = std::make_shared<CassetteWriter>(file, std::move(to), std::move(head), std::move(secrets));
  if (failure != 0) return writer->cannot_write(std::strerror(failure));
  return writer;
}

Status CassetteWriter::add(Interaction interaction) {
  std::call_once(once_, [this] { begun_ = begin_anew(); });
  if (!begun_) return begun_.error();
  redact(interaction, secrets_);
  return write(to_form(interaction));
}

Status CassetteWriter::begin_anew() {
  if (::ftruncate(to_.value(), 0) != 0 && errno != EINVAL)  // what is no regular file has no size
    return cannot_write(std::strerror(errno));
  return write(to_form(head_));
}

Status CassetteWriter::write(const Value& form) {
  if (broken_) return cannot_write("an earlier request is missing in it");
  std::string line = base::to_json(form);
  // deeper than a reader allows, for instance
  if (const Result<Value> read = base::parse_json(line); !read) return cannot_write(read.error().message);
  line += '\n';
  const ssize_t written = ::write(to_.value(), line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return Done{};
  const int failure = errno;
  broken_ = true;
  return cannot_write(written < 0 ? std::strerror(failure) : "there is no room");
}

Error CassetteWriter::cannot_write(const std::string& why) const {
  return Error(ErrorCode::invalid_argument, "can't record to the cassette '" + file_ + "' (" + why + ")",
               "name a file in a folder that is there and may be written to",
               Value::object({{"file", file_}}));
}

}  // namespace tachikoma::calls
