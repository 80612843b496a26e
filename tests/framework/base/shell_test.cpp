#include "base/shell.h"

#include "base/process.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

TEST(ShellWord, IsReadByAShellAsTheTextItWas) {
  std::string every_letter;
  for (int letter = 1; letter < 256; ++letter) every_letter += static_cast<char>(letter);
  for (const std::string& text : {std::string("plain/a-1_b.c"), std::string(), std::string("it's"),
                                  std::string("$HOME `id` \\ \"a\""), every_letter}) {
    const auto word = shell_word(text);
    EXPECT_EQ(run_program({"sh", "-c", "printf '%s|' " + word + " end"}).output, text + "|end|");
  }
}

TEST(ShellWord, LeavesPlainTextsAlone) {
  EXPECT_EQ(shell_word("/opt/a-1_b.c+d"), "/opt/a-1_b.c+d");
}

}  // namespace
}  // namespace groklab
