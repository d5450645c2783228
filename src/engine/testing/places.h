// Folders and variables of the environment that tests set up, and that are as before in the end.
#ifndef CURFEW_ENGINE_PLACES_H
#define CURFEW_ENGINE_PLACES_H

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace curfew::engine {

class TestFolder {
  public:
    TestFolder() {
        std::string path = std::filesystem::temp_directory_path() / "curfew-engine-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
        path_ = path;
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    ~TestFolder() {
        std::error_code ignored;
        ::chmod(path_.c_str(), 0700);
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const { return path_; }
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

  private:
    std::string path_;
};

class TestVariable {
  public:
    TestVariable(std::string name, const std::string& value) : name_(std::move(name)) {
        if (const char* const before = ::getenv(name_.c_str())) before_ = before;
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    // Unset.
    explicit TestVariable(std::string name) : TestVariable(std::move(name), "") { ::unsetenv(name_.c_str()); }
    TestVariable(const TestVariable&) = delete;
    TestVariable& operator=(const TestVariable&) = delete;
    ~TestVariable() {
        if (before_) {
            ::setenv(name_.c_str(), before_->c_str(), 1);
        } else {
            ::unsetenv(name_.c_str());
        }
    }

  private:
    std::string name_;
    std::optional<std::string> before_;
};

inline void write_file(const std::string& path, std::string_view content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A script that programs find under this name if the folder is in PATH.
inline void write_program(const std::string& path, std::string_view script) {
    write_file(path, "#!/bin/sh\n" + std::string(script));
    ::chmod(path.c_str(), 0755);
}

}  // namespace curfew::engine

#endif
