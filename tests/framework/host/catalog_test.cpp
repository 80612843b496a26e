#include "host/catalog.h"

#include "support/paths.h"
#include "support/temporary_folder.h"
#include "support/variable.h"

#include <gmock/gmock.h>
#include <groklab/operation.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;

fs::path built(const std::string& name) { return test::plugin_dir() / name; }

Params modulus(std::int64_t p) {
  return Params::from_defaults(ModularOperation::schema(), {{"modulus", p}});
}

// A copy of one of the project's plugins.
fs::path copy_plugin(const std::string& name, const fs::path& folder) {
  fs::create_directories(folder);
  const auto file = folder / fs::path(name).filename();
  fs::copy_file(built(name), file);
  return file;
}

TEST(Catalog, FindsAPluginInTheFolderOfItsKindOrInTheFolderItself) {
  const test::TemporaryFolder folder;
  copy_plugin("operations/add.so", folder.path() / "operations");
  copy_plugin("losses/cross_entropy.so", folder.path());
  const Catalog catalog({folder.path()});
  EXPECT_STREQ(catalog.find("operation", "add").descriptor->name, "add");
  EXPECT_STREQ(catalog.find("loss", "cross_entropy").descriptor->kind, "loss");
}

TEST(Catalog, CreatesAPluginThatWorks) {
  const auto add = Catalog({test::plugin_dir()}).create<Operation>("add", modulus(5));
  EXPECT_EQ(add->size(), 5);
  EXPECT_EQ(add->apply(3, 4), 2);
}

TEST(Catalog, AFolderThatDoesNotExistIsAnError) {
  EXPECT_THAT(
      [] {
        Catalog({test::plugin_dir(), "/no/such/folder"});
      },
      ThrowsMessage<Error>("plugin folder /no/such/folder does not exist"));
}

TEST(Catalog, AnUnknownNameIsAnsweredWithTheNearestAndTheFoldersSearched) {
  const test::TemporaryFolder empty;
  EXPECT_THAT(
      [&] {
        Catalog({empty.path(), test::plugin_dir()}).find("operation", "divde");
      },
      ThrowsMessage<Error>("there is no operation 'divde'; did you mean 'divide'?"
                           "\n  searched " +
                           empty.path().string() + "\n  searched " + test::plugin_dir().string()));
}

TEST(Catalog, AMisspeltNameIsAnsweredWithoutLoadingALibrary) {
  const test::TemporaryFolder folder;
  fs::copy_file(test::fixture_dir() / "loud_library.so", folder.path() / "loud_library.so");
  const Catalog catalog({folder.path()});
  EXPECT_THAT([&] { catalog.find("operation", "loud_librery"); },
              ThrowsMessage<Error>(StartsWith(
                  "there is no operation 'loud_librery'; did you mean 'loud_library'?")));
  EXPECT_THAT([&] { catalog.find("operation", "add"); },
              ThrowsMessage<Error>(StartsWith("there is no operation 'add'\n  searched ")));
  EXPECT_THAT(catalog.file_names(), ElementsAre("loud_library"));
  EXPECT_THAT(catalog.list("add"), SizeIs(0));
  EXPECT_EQ(std::getenv("LOUD_LIBRARY_IS_LOADED"), nullptr);
}

TEST(Catalog, APluginOfAnotherKindIsNotSuggestedForItself) {
  const test::TemporaryFolder folder;
  copy_plugin("operations/divide.so", folder.path());
  EXPECT_THAT([&] { Catalog({folder.path()}).find("model", "divide"); },
              ThrowsMessage<Error>(StartsWith("there is no model 'divide'\n  searched ")));
}

TEST(Catalog, ListsTheLibrariesOfOneNameOfEveryKind) {
  const test::TemporaryFolder folder;
  folder.write("add.so", "no library");
  copy_plugin("operations/add.so", folder.path() / "operations");
  copy_plugin("operations/subtract.so", folder.path() / "operations");
  const auto listed = Catalog({folder.path()}).list("add");
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_STREQ(listed[0].library->descriptor->name, "add");
  EXPECT_EQ(listed[1].library, nullptr);
}

TEST(Catalog, ANameLikeNoneIsAnsweredWithAllOfItsKind) {
  EXPECT_THAT(
      [] { Catalog({test::plugin_dir()}).find("optimizer", "qqqqqq"); },
      ThrowsMessage<Error>(AllOf(StartsWith("there is no optimizer 'qqqqqq'; known: "),
                                 HasSubstr("adamw"), HasSubstr("sgd"), Not(HasSubstr("divide")))));
}

TEST(Catalog, ANameIsOfOneKind) {
  EXPECT_THAT([] { Catalog({test::plugin_dir()}).find("model", "divide"); },
              ThrowsMessage<Error>(HasSubstr("there is no model 'divide'")));
}

TEST(Catalog, RefusesTwoPluginsOfOneNameNamingBothFiles) {
  const test::TemporaryFolder folder;
  const auto first = copy_plugin("operations/add.so", folder.path() / "a/operations");
  const auto second = copy_plugin("operations/add.so", folder.path() / "b");
  const Catalog catalog({folder.path() / "a", folder.path() / "b"});
  EXPECT_THAT([&] { catalog.find("operation", "add"); },
              ThrowsMessage<Error>("two operation plugins are called 'add': " + first.string() +
                                   " and " + second.string() + "; rename or remove one"));

  const auto listed = catalog.list();
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_EQ(listed[0].problem, "");
  EXPECT_EQ(listed[1].problem, second.string() + ": the name is also taken by " + first.string());
}

TEST(Catalog, OneFileReachedByTwoPathsIsOnePlugin) {
  const test::TemporaryFolder folder;
  copy_plugin("operations/add.so", folder.path() / "real");
  fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  const Catalog catalog({folder.path() / "real", folder.path() / "link"});
  EXPECT_NO_THROW(catalog.find("operation", "add"));
  EXPECT_THAT(catalog.list(), SizeIs(1));
}

TEST(Catalog, ABrokenFileOfThatNameIsAnErrorAndNotSkipped) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("operations/add.so", "no library");
  EXPECT_THAT(
      [&] {
        Catalog({folder.path(), test::plugin_dir()}).find("operation", "add");
      },
      ThrowsMessage<Error>(file.string() + ": it is not a shared library"));
}

TEST(Catalog, ABrokenFileOfAnotherNameDisturbsNobody) {
  const test::TemporaryFolder folder;
  folder.write("operations/broken.so", "no library");
  folder.write("notes.txt", "no library");
  copy_plugin("operations/add.so", folder.path() / "operations");
  const Catalog catalog({folder.path()});
  EXPECT_NO_THROW(catalog.find("operation", "add"));
  EXPECT_THAT(catalog.names("operation"), ElementsAre("add"));
}

TEST(Catalog, ALinkToNothingIsAnErrorOfItsName) {
  const test::TemporaryFolder folder;
  const auto link = folder.path() / "lost.so";
  fs::create_symlink(folder.path() / "nowhere.so", link);
  fs::create_symlink("circle.so", folder.path() / "circle.so");
  const Catalog catalog({folder.path(), test::plugin_dir()});
  EXPECT_NO_THROW(catalog.find("operation", "add"));
  EXPECT_THROW(catalog.find("operation", "circle"), Error);
}

TEST(Catalog, ListsByKindAndNameAndWhatIsRefusedLast) {
  const test::TemporaryFolder folder;
  const auto broken = folder.write("operations/aaa.so", "no library");
  copy_plugin("losses/cross_entropy.so", folder.path() / "losses");
  copy_plugin("operations/subtract.so", folder.path());
  copy_plugin("operations/add.so", folder.path() / "operations");
  std::vector<std::string> names;
  const auto listed = Catalog({folder.path()}).list();
  for (const auto& item : listed) names.push_back(item.path.stem());
  EXPECT_THAT(names, ElementsAre("add", "subtract", "cross_entropy", "aaa"));
  EXPECT_EQ(listed.back().library, nullptr);
  EXPECT_EQ(listed.back().problem, broken.string() + ": it is not a shared library");
}

TEST(CreatePlugin, NamesThePluginWhoseConstructorThrows) {
  const Catalog catalog({test::fixture_dir()});
  EXPECT_THAT(
      [&] { catalog.create<Operation>("throwing_factory", modulus(7)); },
      ThrowsMessage<Error>(
          AllOf(StartsWith("operation throwing_factory ("), HasSubstr("throwing_factory.so"),
                EndsWith("failed while it was created: the disk with the table is not mounted"))));
}

TEST(CreatePlugin, NamesThePluginThatThrowsSomethingElse) {
  const Catalog catalog({test::fixture_dir()});
  EXPECT_THAT(
      [&] { catalog.create<Operation>("throwing_other", modulus(7)); },
      ThrowsMessage<Error>(AllOf(StartsWith("operation throwing_other ("),
                                 EndsWith("failed while it was created: an exception that is not a "
                                          "std::exception"))));
}

TEST(CreatePlugin, PassesAUsersMistakeOnWithThePluginsName) {
  const Catalog catalog({test::plugin_dir()});
  EXPECT_THAT([&] { catalog.create<Operation>("divide", modulus(6)); },
              ThrowsMessage<Error>(StartsWith("operation divide: modulus 6 is not prime")));
}

TEST(CreatePlugin, RefusesAPluginThatDoesNotImplementItsKind) {
  const Catalog catalog({test::fixture_dir()});
  EXPECT_THAT([&] { catalog.create<Operation>("false_operation", Params(1, {})); },
              ThrowsMessage<Error>(EndsWith("false_operation.so: registered as operation, but does "
                                            "not implement it")));
}

TEST(SchemaOf, NamesThePluginWhoseSchemaThrows) {
  const auto& library = Catalog({test::fixture_dir()}).find("operation", "throwing_schema");
  EXPECT_THAT([&] { schema_of(library); },
              ThrowsMessage<Error>(AllOf(StartsWith("operation throwing_schema ("),
                                         HasSubstr("failed while it declared its parameters: "),
                                         HasSubstr("'twice' twice"))));
}

class PluginPath : public test::Variable {
 public:
  explicit PluginPath(const std::string& value) : Variable("GROKLAB_PLUGIN_PATH") { set(value); }
};

TEST(SearchPath, IsGivenThenEnvironmentThenSpecThenTheProgramsOwn) {
  const test::TemporaryFolder a, b;
  const PluginPath environment(a.path().string() + ":" + b.path().string());
  EXPECT_THAT(search_path({"/given"}, {"/spec/a", "/spec/b"}),
              ElementsAre("/given", a.path(), b.path(), "/spec/a", "/spec/b",
                          fs::canonical(test::plugin_dir())));
}

TEST(SearchPath, NamesAFolderOfTheEnvironmentThatDoesNotExist) {
  const PluginPath environment("/no/such/folder");
  EXPECT_THAT(
      [] { search_path({}, {}); },
      ThrowsMessage<Error>("GROKLAB_PLUGIN_PATH names /no/such/folder, and there is no such "
                           "folder"));
}

TEST(SearchPath, LeavesEmptyPartsOut) {
  const test::TemporaryFolder folder;
  const PluginPath environment("::" + folder.path().string() + "::");
  EXPECT_THAT(search_path({}, {}), ElementsAre(folder.path(), fs::canonical(test::plugin_dir())));
  const PluginPath empty("");
  EXPECT_THAT(search_path({}, {}), ElementsAre(fs::canonical(test::plugin_dir())));
}

}  // namespace
}  // namespace groklab
