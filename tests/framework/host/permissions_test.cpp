#include "host/permissions.h"

#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <groklab/error.h>
#include <sys/stat.h>
#include <unistd.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

// A library in a folder of a folder, all the user's own and writable by nobody else.
class Permissions : public testing::Test {
 protected:
  Permissions() {
    for (const auto& path : {above_, folder_, library_}) set_mode(path, 0755);
  }

  static void set_mode(const fs::path& path, mode_t mode) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }

  void check(const Trusted& trusted) const { check_permissions(library_, trusted); }

  // The library is refused for this; what the message says next is the way out.
  void expect_refusal(const Trusted& trusted, const std::string& reason) const {
    EXPECT_THAT([&] { check(trusted); },
                ThrowsMessage<Error>(AllOf(StartsWith(library_.string() + ": "), HasSubstr(reason),
                                           HasSubstr(" you trust it"))));
  }

  const test::TemporaryFolder temporary_;
  const fs::path library_ = temporary_.write("above/folder/plugin.so", "");
  const fs::path folder_ = library_.parent_path(), above_ = folder_.parent_path();
  const Trusted me_{{::geteuid()}, {}};
  const Trusted nobody_{{::geteuid() + 1}, {}};
};

TEST_F(Permissions, AcceptWhatOnlyTheUserMayWrite) { EXPECT_NO_THROW(check(me_)); }

TEST_F(Permissions, RefuseALibraryOfAnotherUser) {
  expect_refusal(nobody_, ": this library belongs to user ");
}

TEST_F(Permissions, RefuseAFolderOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives folders away";
  ASSERT_EQ(::chown(folder_.c_str(), 12345, static_cast<gid_t>(-1)), 0);
  expect_refusal(me_, "its folder " + folder_.string() + " belongs to user 12345");
  EXPECT_NO_THROW(check({{0, 12345}, {}}));
}

TEST_F(Permissions, RefuseWhatEverybodyMayWrite) {
  set_mode(library_, 0757);
  expect_refusal(me_, "everybody may write this library, ");
  set_mode(library_, 0755);
  for (const mode_t mode : {0757, 01777}) {
    set_mode(folder_, mode);
    expect_refusal(me_, "everybody may write its folder " + folder_.string());
  }
}

TEST_F(Permissions, RefuseWhatAGroupOfOthersMayWrite) {
  const Trusted with_group{{::geteuid()}, {::getegid()}};
  for (const auto& path : {library_, folder_}) {
    set_mode(path, 0775);
    expect_refusal(me_, "may write ");
    EXPECT_THAT([&] { check(me_); },
                ThrowsMessage<Error>(
                    AllOf(HasSubstr(": the group "),
                          EndsWith("run `chmod g-w " + path.string() + "` if you trust it"))));
    EXPECT_NO_THROW(check(with_group));
    set_mode(path, 0755);
  }
}

// Who owns /tmp's like cannot exchange what others have there, and a project's folder is its
// group's.
TEST_F(Permissions, AcceptFoldersAboveUnlessEverybodyMayExchangeWhatIsInThem) {
  for (const mode_t mode : {0775, 01777}) {
    set_mode(above_, mode);
    EXPECT_NO_THROW(check(me_)) << mode;
  }
  set_mode(above_, 0777);
  expect_refusal(me_, "everybody may exchange what is in " + above_.string() + ",");
}

TEST_F(Permissions, SayWhatIsMissing) {
  const auto missing = folder_ / "missing.so";
  EXPECT_THAT([&] { check_permissions(missing, me_); },
              ThrowsMessage<Error>(missing.string() + ": No such file or directory"));
}

TEST(PrivateGroup, IsTheUsersOwnAlone) {
  EXPECT_TRUE(is_private_group(0, 0));           // root of root
  EXPECT_FALSE(is_private_group(1, 0));          // daemon is not root's own
  EXPECT_FALSE(is_private_group(12345, 12345));  // known to nobody
}

TEST(TrustedHere, AreRootTheUserAndTheProgramsOwner) {
  struct stat program {};
  ASSERT_EQ(::stat("/proc/self/exe", &program), 0);
  EXPECT_THAT(trusted_here().users,
              testing::UnorderedElementsAreArray(std::set<uid_t>{0, ::geteuid(), program.st_uid}));
}

}  // namespace
}  // namespace groklab
