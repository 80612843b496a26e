#include "base/shell.h"

#include "base/process.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

TEST(ShellWord, IsReadByAShellAsTheTextItWas) {
  std::string every_letter;
  for (int letter = 1; letter < 256; ++letter) every_letter += static_cast<char>(letter);
  for (const std::string& text :
       {std::string("plain/a-1_b.c"), std::string(), std::string("it's"),
        std::string("$HOME `id` \\ \"a\""), std::string("'; touch X; '"),
        std::string("\xc2\x9b|\x1b[2J"), std::string("=ls"), std::string("~"), every_letter}) {
    const auto word = shell_word(text);
    EXPECT_EQ(run_program({"bash", "-c", "printf '%s|' " + word + " end"}).output, text + "|end|");
  }
}

TEST(ShellWord, LeavesPlainTextsAlone) {
  EXPECT_EQ(shell_word("/opt/a-1_b.c+d"), "/opt/a-1_b.c+d");
  EXPECT_EQ(shell_word("seed=0,1"), "seed=0,1");
}

TEST(ShellWord, ShowsATerminalNothingToObey) {
  EXPECT_EQ(shell_word("it's \x1b[2J"), "$'it\\'s \\x1b[2J'");
}

TEST(ShellCommand, IsReadAsTheWordsThatItWasMadeOf) {
  const std::vector<std::string> words{"printf", "%s|", "'; touch X; '", "", "a\nb", "$(id)"};
  EXPECT_EQ(run_program({"bash", "-c", shell_command(words)}).output, "'; touch X; '||a\nb|$(id)|");
}

}  // namespace
}  // namespace groklab
