#include "engine/node/package.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engine/node/release.h"

namespace curfew::engine {

namespace {

using base::fail;
using Json = nlohmann::json;

constexpr std::string_view kPrefix = "node-";
constexpr std::size_t kLongestJson = 64 << 10;

std::string text_of(int error) { return std::generic_category().message(error); }

// Empty if it cannot be read.
std::string read_small_file(int descriptor) {
    std::string text(kLongestJson, '\0');
    const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

std::string version_beside(const Folder& folder) {
    const auto file = folder.open_file("package.json");
    return file && *file ? version_in(read_small_file((*file)->descriptor.get())) : std::string();
}

std::string member(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The folder that the user names is the user's to trust, as is a program that the user starts.
Result<NodePackage> named_package(const std::string& folder) {
    const std::string path = folder + "/bin/node";
    base::Descriptor program(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!program || ::fstat(program.get(), &status) != 0) {
        return fail(ErrorCode::unavailable, "CURFEW_NODE_DIR names a folder without bin/node: " + base::shown(path) +
                                                " cannot be opened (" + text_of(errno) + ")");
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(ErrorCode::unavailable,
                    "CURFEW_NODE_DIR names a folder in which bin/node is no file: " + base::shown(path));
    }
    NodePackage package{.folder = folder, .is_named = true};
    const base::Descriptor json(::open((folder + "/package.json").c_str(), O_RDONLY | O_CLOEXEC));
    if (json) package.version = version_in(read_small_file(json.get()));
    package.program = {.descriptor = std::move(program),
                       .size = static_cast<std::uint64_t>(status.st_size),
                       .changed = status.st_mtim.tv_sec};
    package.identity = "file " + path + " " + std::to_string(status.st_size) + " " +
                       std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
    return package;
}

std::unexpected<Error> not_whole(const std::string& folder, const std::string& why) {
    return fail(ErrorCode::unavailable, "the package of Node.js in " + base::shown(folder) + " is not whole (" + why +
                                            "); install it anew with curfew engine install node");
}

}  // namespace

bool NodePackage::is_tested() const { return version == tested_release().version; }

std::string packages_folder() {
    const std::string cache = cache_folder();
    return cache.empty() ? cache : cache + "/engines";
}

std::string package_folder(std::string_view version) {
    const std::string packages = packages_folder();
    return packages.empty() ? packages : packages + "/" + std::string(kPrefix) + std::string(version);
}

Result<NodePackage> installed_package(std::string_view version) {
    const std::string path = package_folder(version);
    auto folder = path.empty() ? Result<std::optional<Folder>>() : Folder::open(path);
    if (!folder) return std::unexpected(folder.error());
    if (!*folder) {
        return fail(ErrorCode::unavailable,
                    "Node.js " + std::string(version) + " is not installed; curfew engine list says what is");
    }
    const auto binaries = Folder::open((*folder)->path_of("bin"));
    if (!binaries) return std::unexpected(binaries.error());
    if (!*binaries) return not_whole(path, "there is no bin/node");
    auto program = (*binaries)->open_file("node");
    if (!program) return std::unexpected(program.error());
    if (!*program) return not_whole(path, "there is no bin/node");
    const auto note = (*folder)->open_file(InstalledProgram::kFile);
    if (!note) return std::unexpected(note.error());
    if (!*note) return not_whole(path, std::string("there is no ") + InstalledProgram::kFile);
    const auto installed = InstalledProgram::parse(read_small_file((*note)->descriptor.get()));
    if (!installed || installed->version != version || installed->version != version_beside(**folder)) {
        return not_whole(path, "what is written down of it does not fit");
    }
    if (installed->size != (*program)->size || installed->changed != (*program)->changed) {
        return not_whole(path, "bin/node was changed");
    }
    return NodePackage{.version = std::string(version),
                       .folder = path,
                       .is_named = false,
                       .program = std::move(**program),
                       .identity = "sha256 " + installed->sha256};
}

std::vector<std::string> installed_versions() {
    std::vector<std::string> versions;
    const std::string path = packages_folder();
    const auto folder = path.empty() ? Result<std::optional<Folder>>() : Folder::open(path);
    if (!folder || !*folder) return versions;
    for (const std::string& name : (*folder)->names()) {
        if (!name.starts_with(kPrefix)) continue;
        if (std::string version = name.substr(kPrefix.size()); is_version(version))
            versions.push_back(std::move(version));
    }
    std::ranges::sort(versions, [](const std::string& a, const std::string& b) {
        const auto tested = tested_release().version;
        if ((a == tested) != (b == tested)) return a == tested;
        return is_older(b, a);
    });
    return versions;
}

Result<NodePackage> find_package() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): whoever changes the environment beside other threads asks for it
    if (const char* const named = ::secure_getenv("CURFEW_NODE_DIR"); named != nullptr && *named != '\0') {
        return named_package(named);
    }
    const std::string path = packages_folder();
    if (path.empty()) {
        return fail(ErrorCode::unavailable,
                    "the engine node needs Node.js, and there is no folder to look for it: set HOME or "
                    "CURFEW_CACHE_DIR, and install it with curfew engine install node; or name a folder with bin/node "
                    "in CURFEW_NODE_DIR");
    }
    // A folder that is not to be trusted, or cannot be entered, is another matter than one that is empty.
    if (const auto folder = Folder::open(path); !folder) return std::unexpected(folder.error());
    const std::vector<std::string> versions = installed_versions();
    if (versions.empty()) {
        return fail(ErrorCode::unavailable, "the engine node needs Node.js " + std::string(tested_release().version) +
                                                ", which is not installed; install it with curfew engine install node");
    }
    return installed_package(versions.front());
}

std::string InstalledProgram::text() const {
    return Json{{"version", version}, {"sha256", sha256}, {"size", size}, {"changed", changed}}.dump(2) + "\n";
}

std::optional<InstalledProgram> InstalledProgram::parse(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    InstalledProgram program{.version = member(json, "version"), .sha256 = member(json, "sha256")};
    const auto size = json.find("size"), changed = json.find("changed");
    if (size == json.end() || !size->is_number_unsigned() || changed == json.end() || !changed->is_number_integer()) {
        return std::nullopt;
    }
    program.size = size->get<std::uint64_t>();
    program.changed = changed->get<std::int64_t>();
    return program;
}

std::string version_in(std::string_view package_json) {
    const Json json = Json::parse(package_json, nullptr, false);
    std::string version = json.is_object() ? member(json, "version") : std::string();
    return is_version(version) ? version : std::string();
}

}  // namespace curfew::engine
