// Folders for tests of cgroups: a real one where this machine lets the test make it, and one that only looks alike.
#ifndef CURFEW_CELL_TESTING_TEST_CGROUP_H
#define CURFEW_CELL_TESTING_TEST_CGROUP_H

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace curfew::cell::testing {

inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The kernel's: a cgroup that is gone again in the end, with those in it.
class RealGroup {
  public:
    // None where cgroup v2 is not mounted, or this process may not make one.
    static std::optional<std::string> make_folder() {
        std::ifstream mounts("/proc/self/mountinfo");
        for (std::string line; std::getline(mounts, line);) {
            if (!line.contains(" - cgroup2 ")) continue;
            std::istringstream words(line);
            std::string word;
            for (int i = 0; i < 5; ++i) words >> word;
            std::string path = word + "/curfew_test_XXXXXX";
            if (::mkdtemp(path.data()) != nullptr) return path;
        }
        return std::nullopt;
    }

    explicit RealGroup(std::string path) : path_(std::move(path)) {}
    RealGroup(const RealGroup&) = delete;
    RealGroup& operator=(const RealGroup&) = delete;
    ~RealGroup() {
        for (const std::string& leaf : leaves()) remove(path_ + "/" + leaf);
        EXPECT_TRUE(remove(path_)) << path_;
    }

    const std::string& path() const noexcept { return path_; }

    // Names of the cgroups in it.
    std::vector<std::string> leaves() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            if (entry.is_directory()) names.push_back(entry.path().filename());
        }
        return names;
    }

  private:
    static bool remove(const std::string& folder) {
        std::error_code error;
        return std::filesystem::remove(folder, error);
    }

    std::string path_;
};

// A folder with files of the same names, in which nothing has an effect.
class FakeGroup {
  public:
    explicit FakeGroup(const std::string& controllers = "cpu memory pids")
        : path_(::testing::TempDir() + "curfew_group_XXXXXX") {
        EXPECT_NE(::mkdtemp(path_.data()), nullptr);
        for (const char* name :
             {"cgroup.procs", "cgroup.subtree_control", "memory.max", "memory.swap.max", "cpu.max", "pids.max"}) {
            put(name, "");
        }
        put("cgroup.controllers", controllers + "\n");
        set_oom_kills(0);
    }
    FakeGroup(const FakeGroup&) = delete;
    FakeGroup& operator=(const FakeGroup&) = delete;
    ~FakeGroup() { std::filesystem::remove_all(path_); }

    const std::string& path() const noexcept { return path_; }
    std::string get(const std::string& name) const { return text_of(path_ + "/" + name); }
    void put(const std::string& name, const std::string& content) const {
        std::ofstream(path_ + "/" + name) << content;
    }
    void set_oom_kills(int count) const {
        put("memory.events", "low 0\noom 7\noom_kill " + std::to_string(count) + "\noom_group_kill 0\n");
    }

  private:
    std::string path_;
};

}  // namespace curfew::cell::testing

#endif
