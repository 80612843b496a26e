#include "host/library.h"

#include "base/files.h"
#include "base/process.h"
#include "host/catalog.h"
#include "host/elf_content.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <groklab/operation.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;
using testing::ThrowsMessage;

fs::path divide() { return test::plugin_dir() / "operations/divide.so"; }

// The whole message is "<file>: <reason>".
auto refuses(const fs::path& file, const std::string& reason) {
  return ThrowsMessage<Error>(file.string() + ": " + reason);
}

TEST(LoadLibrary, GivesTheDescriptor) {
  const auto& library = load_library(divide());
  EXPECT_EQ(library.path, fs::canonical(divide()));
  EXPECT_STREQ(library.descriptor->kind, "operation");
  EXPECT_STREQ(library.descriptor->name, "divide");
  EXPECT_NE(library.descriptor->schema().find("modulus"), nullptr);
}

TEST(LoadLibrary, RecordsTheHashThatSha256sumPrints) {
  const auto result = run_program({"sha256sum", divide().string()});
  ASSERT_TRUE(result.succeeded()) << result.output;
  EXPECT_EQ(load_library(divide()).hash, result.output.substr(0, 64));
}

TEST(LoadLibrary, LoadsEachFileOnceHoweverItIsNamed) {
  const test::TemporaryFolder folder;
  fs::create_symlink(divide(), folder.path() / "link.so");
  const auto* first = &load_library(divide());
  EXPECT_EQ(&load_library(divide()), first);
  EXPECT_EQ(&load_library(divide().parent_path() / "../operations/divide.so"), first);
  EXPECT_EQ(&load_library(folder.path() / "link.so"), first);
}

TEST(LoadLibrary, RefusesWhatIsNoFile) {
  const test::TemporaryFolder folder;
  const auto missing = folder.path() / "missing.so";
  EXPECT_THAT([&] { load_library(missing); }, refuses(missing, "No such file or directory"));
  fs::create_directory(folder.path() / "folder.so");
  EXPECT_THAT([&] { load_library(folder.path() / "folder.so"); },
              refuses(folder.path() / "folder.so", "not a file"));
}

TEST(LoadLibrary, RefusesWhatIsNoSharedLibrary) {
  const test::TemporaryFolder folder;
  for (const auto* content : {"", "int main() {}\n",
                              "\x7f"
                              "ELG"}) {
    const auto file = folder.write("text.so", content);
    EXPECT_THAT([&] { load_library(file); }, refuses(file, "it is not a shared library"));
  }
}

TEST(LoadLibrary, RefusesATruncatedLibrary) {
  const test::TemporaryFolder folder;
  const auto whole = read_file(divide());
  for (const auto size : {whole.size() / 4, whole.size() / 2, whole.size() - 1}) {
    const auto file = folder.write("divide.so", whole.substr(0, size));
    EXPECT_THAT([&] { load_library(file); },
                refuses(file, "it is truncated or damaged: it refers to bytes past its end"));
  }
}

TEST(LoadLibrary, RefusesALibraryOfAnotherAbiBeforeAnythingOfItRuns) {
  const auto file = test::fixture_dir() / "wrong_abi.so";
  const auto tags = accepted_abi_tags();
  EXPECT_THAT([&] { load_library(file); },
              ThrowsMessage<Error>(
                  AllOf(StartsWith(file.string() + ": built for another groklab: its ABI tag is "
                                                   "groklab_abi_3_torch_1_13_0_cxx11_"),
                        HasSubstr(", this program takes " + tags[0] + " or " + tags[1]),
                        EndsWith("; rebuild it against this program's headers"))));
}

TEST(LoadLibrary, RefusesALibraryThatIsNoPluginBeforeAnythingOfItRuns) {
  const auto file = test::fixture_dir() / "no_plugin.so";
  EXPECT_THAT([&] { load_library(file); },
              refuses(file,
                      "a shared library, but no groklab plugin: it has no ABI tag; end its "
                      "source with GROKLAB_PLUGIN(…)"));
}

TEST(LoadLibrary, RefusesAPluginWithoutADescriptor) {
  const auto file = test::fixture_dir() / "no_descriptor.so";
  EXPECT_THAT([&] { load_library(file); },
              refuses(file,
                      "has no descriptor (symbol groklab_plugin); end its source with "
                      "GROKLAB_PLUGIN(…)"));
}

TEST(LoadLibrary, RefusesAnUnknownKind) {
  const auto file = test::fixture_dir() / "unknown_kind.so";
  EXPECT_THAT([&] { load_library(file); },
              refuses(file,
                      "of kind 'potion'; known: operation, model, loss, optimizer, "
                      "regularizer, probe, backend"));
}

TEST(LoadLibrary, RefusesANameThatIsNotTheFiles) {
  const auto file = test::fixture_dir() / "other_name.so";
  EXPECT_THAT([&] { load_library(file); },
              refuses(file,
                      "registers the plugin 'someone_else', so the file must be called "
                      "someone_else.so"));
}

TEST(LoadLibrary, NamesTheSymbolThatIsMissing) {
  const auto file = test::fixture_dir() / "undefined_symbol.so";
  EXPECT_THAT([&] { load_library(file); },
              refuses(file, "cannot be loaded: undefined symbol: defined_nowhere"));
}

TEST(LoadLibrary, NamesTheHelperLibraryThatIsMissingAndTheWayOut) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "needs_helper.so";
  fs::copy_file(test::fixture_dir() / "needs_helper.so", file);
  EXPECT_THAT([&] { load_library(file); },
              refuses(file,
                      "cannot be loaded: it needs the library libneeded_helper.so, which is not "
                      "found; put that beside it and link it with -Wl,-rpath,'$ORIGIN', or name "
                      "the folder in LD_LIBRARY_PATH"));
}

TEST(LoadLibrary, FindsAHelperLibraryBesideThePlugin) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "needs_helper.so";
  fs::copy_file(test::fixture_dir() / "needs_helper.so", file);
  fs::copy_file(test::fixture_dir() / "helper/libneeded_helper.so",
                folder.path() / "libneeded_helper.so");
  EXPECT_STREQ(load_library(file).descriptor->name, "needs_helper");
}

TEST(LoadLibrary, RefusesAFileThatEverybodyMayWrite) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "divide.so";
  fs::copy_file(divide(), file);
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  EXPECT_THAT([&] { load_library(file); },
              refuses(file,
                      "everybody may write this library, so it is not loaded; run `chmod "
                      "o-w " +
                          file.string() + "` if you trust it"));

  fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
  EXPECT_STREQ(load_library(file).descriptor->name, "divide");
}

// The operation shifted_sum modulo 97, of a library that is loaded.
std::unique_ptr<Operation> shifted_sum(const Library& library) {
  const auto params = Params::from_defaults(schema_of(library), {{"modulus", std::int64_t{97}}});
  auto plugin = create_plugin(library, params);
  return std::unique_ptr<Operation>(dynamic_cast<Operation*>(plugin.release()));
}

fs::path build(int number) {
  return test::fixture_dir() / ("build_" + std::to_string(number)) / "shifted_sum.so";
}

TEST(LoadedLibrary, GoesOnWhenItsFileIsOverwritten) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "shifted_sum.so";
  fs::copy_file(build(1), file);
  const auto& library = load_library(file);
  EXPECT_THAT(replaced_files(library), IsEmpty());
  fs::last_write_time(file, fs::file_time_type::clock::now());  // touched is not replaced
  EXPECT_THAT(replaced_files(library), IsEmpty());

  ASSERT_TRUE(run_program({"cp", build(2).string(), file.string()}).succeeded());
  EXPECT_EQ(shifted_sum(library)->apply(3, 4), 8);
  EXPECT_THAT(replaced_files(library), ElementsAre(file));

  fs::resize_file(file, 1);
  EXPECT_EQ(shifted_sum(library)->apply(3, 4), 8);
  EXPECT_STREQ(library.descriptor->name, "shifted_sum");
  EXPECT_THAT(replaced_files(library), ElementsAre(file));
}

TEST(LoadedLibrary, KnowsTheLibrariesThatItNeedsAndKeepsThemToo) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "shifted_sum.so", helper = folder.path() / "libshift.so";
  fs::copy_file(test::fixture_dir() / "helped/shifted_sum.so", file);
  fs::copy_file(test::fixture_dir() / "helper_1/libshift.so", helper);
  const auto& library = load_library(file);
  ASSERT_EQ(library.helpers.size(), 1U) << "neither the system's libraries nor the program's own";
  EXPECT_EQ(library.helpers[0].path, helper);
  EXPECT_EQ(library.helpers[0].content, content_hash(read_file(helper)));

  fs::resize_file(helper, 1);
  EXPECT_EQ(shifted_sum(library)->apply(3, 4), 8);
  EXPECT_THAT(replaced_files(library), ElementsAre(helper));
}

TEST(LoadLibrary, GivesTheHashThatDoesNotDependOnThePlace) {
  EXPECT_EQ(load_library(divide()).content, content_hash(read_file(divide())));
  EXPECT_EQ(current_content(divide()), load_library(divide()).content);
  EXPECT_EQ(current_content("/nowhere/divide.so"), "");
}

TEST(AbiTags, AreThoseWithAndWithoutLibTorch) {
  EXPECT_THAT(accepted_abi_tags(),
              ElementsAre(MatchesRegex("groklab_abi_3_torch_2_11_0_cxx11_(plain|asan|tsan)"),
                          MatchesRegex("groklab_abi_3_no_torch_cxx11_(plain|asan|tsan)")));
}

TEST(AbiTags, BothAreInUse) {
  EXPECT_NO_THROW(load_library(test::plugin_dir() / "operations/add.so"));
  EXPECT_NO_THROW(load_library(test::plugin_dir() / "losses/cross_entropy.so"));
}

TEST(PluginKinds, EachHasItsFolder) {
  std::vector<std::string> folders;
  for (const auto& kind : plugin_kinds()) folders.push_back(kind_folder(kind));
  EXPECT_THAT(folders, ElementsAre("operations", "models", "losses", "optimizers", "regularizers",
                                   "probes", "backends"));
}

}  // namespace
}  // namespace groklab
