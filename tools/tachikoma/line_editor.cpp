// SPDX-License-Identifier: MIT
#include "line_editor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <locale.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <sys/ioctl.h>

#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace tachikoma::cli {
namespace {

constexpr std::string_view kPasteStart = "\x1b[200~";
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr std::string_view kDrawAgain = "\x1b[99~";  // no terminal has such a key
constexpr char kAsksForBrackets[] = "\x1b[?2004h";
constexpr char kWantsNoBrackets[] = "\x1b[?2004l";
constexpr std::size_t kMaxListed = 100;

/// While it exists, this thread's characters are UTF-8, whatever the user's locale is. No other thread's are
/// touched, nor how numbers are written.
class Utf8 {
 public:
  explicit Utf8(locale_t utf8) : before_(::uselocale(utf8)) {}
  ~Utf8() { ::uselocale(before_); }
  Utf8(const Utf8&) = delete;
  Utf8& operator=(const Utf8&) = delete;

 private:
  locale_t before_;
};

std::size_t columns() {
  struct winsize size {};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string common_start(const std::vector<std::string>& words) {
  std::string start = words.front();
  for (const std::string& word : words) {
    const auto [end, ignored] = std::mismatch(start.begin(), start.end(), word.begin(), word.end());
    start.erase(end, start.end());
  }
  return std::string(base::utf8_prefix(start, start.size()));
}

}  // namespace

struct LineEditor::Functions {
  static inline LineEditor* reader = nullptr;  // the one that reads a line

  static char* prompt(::EditLine*) { return reader->prompt_.data(); }
  static int read(::EditLine*, wchar_t* character) { return reader->read_character(*character); }
  static unsigned char paste(::EditLine*, int) { return reader->paste(); }
  static unsigned char complete(::EditLine*, int) { return reader->complete(); }
  static unsigned char line_feed(::EditLine*, int) {
    reader->insert("\n");
    return CC_REFRESH;
  }
};

Result<std::unique_ptr<LineEditor>> LineEditor::open(CaughtSignal& interrupts, CaughtSignal& hangups,
                                                     LineHistory history, Complete complete, bool bold) {
  TACHIKOMA_TRY(const Libedit libedit, Libedit::open());
  std::unique_ptr<LineEditor> editor(
      new LineEditor(libedit, interrupts, hangups, std::move(history), std::move(complete), bold));
  if (!editor->make())
    return Error(ErrorCode::internal, "lines can't be edited: libedit can't use this terminal",
                 "set TERM to its kind, as in: TERM=xterm");
  return editor;
}

LineEditor::LineEditor(const Libedit& libedit, CaughtSignal& interrupts, CaughtSignal& hangups,
                       LineHistory history, Complete complete, bool bold)
    : libedit_(libedit),
      interrupts_(interrupts),
      hangups_(hangups),
      kept_(std::move(history)),
      complete_(std::move(complete)),
      bold_(bold) {}

bool LineEditor::make() {
  utf8_ = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  out_ = ::fdopen(::dup(STDERR_FILENO), "w");  // with a buffer, which stderr has not
  if (!utf8_ || !out_) return false;
  const Utf8 characters(utf8_);
  editor_ = libedit_.init("tachikoma", stdin, out_, out_, STDIN_FILENO, ::fileno(out_), ::fileno(out_));
  history_ = libedit_.history_init();
  if (!editor_ || !history_) return false;
  HistEvent ignored;
  libedit_.history(history_, &ignored, H_SETSIZE, 1000);
  for (const std::string& line : kept_.read()) {
    libedit_.history(history_, &ignored, H_ENTER, line.c_str());
    last_line_ = line;
  }
  libedit_.set(editor_, EL_EDITOR, "emacs");
  libedit_.set(editor_, EL_HIST, libedit_.history, history_);
  libedit_.set(editor_, EL_PROMPT_ESC, Functions::prompt, '\1');
  libedit_.set(editor_, EL_GETCFN, Functions::read);
  bind_keys();
  libedit_.source(editor_, nullptr);
  return true;
}

void LineEditor::bind_keys() {
#ifdef __SANITIZE_ADDRESS__
  const __lsan::ScopedDisabler never_freed;  // libedit copies these names, and keeps them at its end
#endif
  const auto add = [&](const char* name, const char* help, unsigned char (*function)(::EditLine*, int)) {
    libedit_.set(editor_, EL_ADDFN, name, help, function);
  };
  add("tachikoma-paste", "Insert a pasted text", Functions::paste);
  add("tachikoma-complete", "Complete a word", Functions::complete);
  add("tachikoma-line-feed", "Begin another line", Functions::line_feed);
  using Binding = std::pair<const char*, const char*>;
  for (const auto& [key, function] : {Binding{"\\e[200~", "tachikoma-paste"},
                                      {"\\e[99~", "ed-redisplay"},
                                      {"^I", "tachikoma-complete"},
                                      {"\\e^M", "tachikoma-line-feed"},
                                      {"\\e^J", "tachikoma-line-feed"},
                                      {"^R", "em-inc-search-prev"},
                                      {"\\e[3~", "ed-delete-next-char"},
                                      {"\\e[H", "ed-move-to-beg"},
                                      {"\\e[F", "ed-move-to-end"},
                                      {"\\e[1~", "ed-move-to-beg"},
                                      {"\\e[4~", "ed-move-to-end"},
                                      {"\\e[1;5D", "ed-prev-word"},
                                      {"\\e[1;5C", "em-next-word"},
                                      {"^W", "ed-delete-prev-word"}})
    libedit_.set(editor_, EL_BIND, key, function, nullptr);
}

LineEditor::~LineEditor() {
  if (editor_) libedit_.end(editor_);
  if (history_) libedit_.history_end(history_);
  if (out_) std::fclose(out_);
  if (utf8_) ::freelocale(utf8_);
}

LineSource::Event LineEditor::next(std::string_view prompt, std::string& line) {
  const Utf8 characters(utf8_);
  Functions::reader = this;
  line.clear();
  prompt_ = base::printable(prompt);
  if (bold_ && prompt_.ends_with(' '))  // libedit leaves out an escape sequence at the very end
    prompt_ = "\1\x1b[1m\1" + prompt_.substr(0, prompt_.size() - 1) + "\1\x1b[0m\1 ";
  ended_ = Event::line;
  libedit_.set(editor_, EL_PREP_TERM, 1);  // before the prompt asks for what would be echoed otherwise
  std::fputs(kAsksForBrackets, out_);
  int count = 0;
  const char* const read = libedit_.gets(editor_, &count);
  std::fputs(kWantsNoBrackets, out_);
  std::fflush(out_);
  if (!read || count == 0) {
    std::fputs("\r\n", out_);
    std::fflush(out_);
    return Event::end;
  }
  line.assign(read, static_cast<std::size_t>(count));
  if (line.ends_with('\n')) line.pop_back();
  if (ended_ == Event::line) remember(line);
  if (ended_ == Event::hangup && !line.empty())
    input_.insert(0, std::string(kPasteStart) + line + std::string(kPasteEnd));
  return ended_;
}

void LineEditor::remember(const std::string& line) {
  if (line == last_line_ || line.find_first_not_of(" \t\n") == std::string::npos) return;
  last_line_ = line;
  HistEvent ignored;
  libedit_.history(history_, &ignored, H_ENTER, line.c_str());
  kept_.add(line);
}

// Waits for more input; false when something else happened, which `ended_` says.
bool LineEditor::fill() {
  std::fflush(out_);
  for (;;) {
    std::array<pollfd, 5> fds{{{STDIN_FILENO, POLLIN, 0},
                               {interrupts_.fd(), POLLIN, 0},
                               {hangups_.fd(), POLLIN, 0},
                               {resizes_.fd(), POLLIN, 0},
                               {continuations_.fd(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
    if (fds[1].revents && interrupts_.take()) return (ended_ = Event::interrupt, false);
    if (fds[2].revents && hangups_.take()) return (ended_ = Event::hangup, false);
    if (fds[3].revents && resizes_.take()) return (libedit_.resize(editor_), draw_again());
    if (fds[4].revents && continuations_.take()) {  // the shell has used the terminal in between
      libedit_.set(editor_, EL_PREP_TERM, 0);
      libedit_.set(editor_, EL_PREP_TERM, 1);
      return draw_again();
    }
    if (!fds[0].revents) continue;
    std::array<char, 65536> bytes;
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0) return (input_.append(bytes.data(), static_cast<std::size_t>(count)), true);
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) return (ended_ = Event::end, false);
  }
}

// As if a key had been pressed for it.
bool LineEditor::draw_again() {
  input_.insert(0, kDrawAgain);
  return true;
}

// As libedit wants it: 1, or -1 at the end. What interrupts a line ends it like Enter, so that libedit leaves
// the terminal as after any other.
int LineEditor::read_character(wchar_t& character) {
  const auto is_complete = [this] {
    if (input_.empty()) return false;
    const auto lead = static_cast<unsigned char>(input_[0]);
    const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return input_.size() >= length;
  };
  while (ended_ == Event::line && !is_complete()) fill();
  if (ended_ == Event::end) return -1;
  if (ended_ != Event::line) return (character = L'\n', 1);
  const std::size_t length = base::utf8_sequence_length(input_);
  std::mbstate_t state{};
  if (length == 0)
    character = L'\uFFFD';
  else
    std::mbrtowc(&character, input_.data(), length, &state);
  input_.erase(0, std::max<std::size_t>(length, 1));
  return 1;
}

void LineEditor::insert(std::string_view text) { libedit_.insert(editor_, base::repair_utf8(text).c_str()); }

// All up to the closing bracket. Terminals send what Enter sends for the end of a line.
unsigned char LineEditor::paste() {
  std::size_t end;
  while ((end = input_.find(kPasteEnd)) == std::string::npos)
    if (!fill()) return CC_REFRESH;  // what has interrupted it is read next
  std::string text = input_.substr(0, end);
  input_.erase(0, end + kPasteEnd.size());
  std::replace(text.begin(), text.end(), '\r', '\n');
  std::erase(text, '\0');
  if (text.ends_with('\n')) text.pop_back();
  insert(text);
  return CC_REFRESH;
}

unsigned char LineEditor::complete() {
  const LineInfo* const info = libedit_.line(editor_);
  const std::string before(info->buffer, info->cursor);
  const Completions found = complete_(before);
  if (found.candidates.empty()) return CC_ERROR;
  const std::string start = common_start(found.candidates);
  std::string more = start.substr(std::min(found.word.size(), start.size()));
  if (found.candidates.size() == 1 && !start.ends_with('/')) more += ' ';
  if (!more.empty()) {
    insert(more);
    return CC_REFRESH;
  }
  list(found.candidates);
  return CC_REDISPLAY;
}

void LineEditor::list(const std::vector<std::string>& words) {
  const std::size_t shown = std::min(words.size(), kMaxListed);
  std::size_t widest = 0;
  for (std::size_t i = 0; i < shown; ++i) widest = std::max(widest, base::count_characters(words[i]));
  const std::size_t across = std::max<std::size_t>(columns() / (widest + 2), 1);
  std::string text = "\r\n";
  for (std::size_t i = 0; i < shown; ++i) {
    text += base::printable(words[i]);
    const bool ends_row = (i + 1) % across == 0 || i + 1 == shown;
    text += ends_row ? "\r\n" : std::string(widest + 2 - base::count_characters(words[i]), ' ');
  }
  if (shown < words.size()) text += "… and " + std::to_string(words.size() - shown) + " more\r\n";
  std::fputs(text.c_str(), out_);
}

}  // namespace tachikoma::cli
