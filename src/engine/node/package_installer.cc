#include "engine/node/package_installer.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engine/node/package_archive.h"
#include "engine/node/release.h"
#include "engine/store/tool.h"

namespace curfew::engine {

namespace {

namespace fs = std::filesystem;
using base::Descriptor;
using base::fail;

constexpr std::uint64_t kLongestArchive = std::uint64_t{1} << 30;
constexpr std::uint64_t kLongestProgram = std::uint64_t{1} << 30;
constexpr std::uint64_t kLongestText = 4 << 20;
constexpr std::uint64_t kLongestJson = 64 << 10;
constexpr std::string_view kWork = ".install-";

std::string text_of(int error) { return std::generic_category().message(error); }

// A folder for what is not finished, beside the place where it will be; gone in the end.
class WorkFolder {
  public:
    static Result<WorkFolder> create(const Folder& packages) {
        std::string path = packages.path_of(std::string(kWork) + "XXXXXX");
        if (::mkdtemp(path.data()) == nullptr) {
            return fail(ErrorCode::unavailable,
                        base::shown(packages.path()) + " cannot be written (" + text_of(errno) + ")");
        }
        ::chmod(path.c_str(), 0755);
        return WorkFolder(std::move(path));
    }
    WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    WorkFolder& operator=(WorkFolder&&) = delete;
    ~WorkFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }

    const std::string& path() const noexcept { return path_; }

  private:
    explicit WorkFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

// What installations have left that were interrupted. Who calls it has the lock.
void remove_left_work(const std::string& packages) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(packages, error)) {
        std::error_code ignored;
        if (entry.path().filename().string().starts_with(kWork)) fs::remove_all(entry.path(), ignored);
    }
}

Error by_file_instead(Error error, const std::string& version) {
    error.code = ErrorCode::unavailable;
    error.message = "Node.js " + version + " could not be fetched: " + error.message +
                    "\nWhere there is no network: npm pack " + std::string(kNodePackage) + "@" + version +
                    " elsewhere, and give the file that it makes with --from FILE.";
    return error;
}

Result<std::string> npm(std::vector<std::string> arguments, const std::string& folder, const std::string& version) {
    std::vector<std::string> command{"npm", "--loglevel=error", "--update-notifier=false"};
    command.insert(command.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
    auto answer = ask_tool({.command = std::move(command), .package = "npm", .folder = folder});
    if (!answer) return std::unexpected(by_file_instead(std::move(answer.error()), version));
    return answer;
}

Result<Descriptor> open_archive(const std::string& path) {
    Descriptor archive(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!archive || ::fstat(archive.get(), &status) != 0) {
        return fail(ErrorCode::invalid_argument, base::shown(path) + " cannot be opened (" + text_of(errno) + ")");
    }
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) > kLongestArchive) {
        return fail(ErrorCode::invalid_argument, base::shown(path) + " is no archive of Node.js's package");
    }
    return archive;
}

struct Archive {
    Descriptor file;
    std::string integrity;  // that it must have; empty: not known
};

Result<Archive> fetch(const InstallRequest& request, const std::string& folder) {
    const std::string& version = request.version;
    const std::string name = std::string(kNodePackage) + "@" + version;
    Archive archive;
    if (version == tested_release().version) {
        archive.integrity = tested_release().integrity;
    } else {
        const auto stated = npm({"view", name, "dist.integrity"}, folder, version);
        if (!stated) return std::unexpected(stated.error());
        archive.integrity = sha512_in(*stated);
        if (archive.integrity.empty()) {
            return fail(ErrorCode::invalid_argument,
                        "npm has no version " + version + " of " + std::string(kNodePackage));
        }
    }
    if (auto packed = npm({"pack", name, "--pack-destination=" + folder}, folder, version); !packed) {
        return std::unexpected(packed.error());
    }
    auto file = open_archive(folder + "/" + std::string(kNodePackage) + "-" + version + ".tgz");
    if (!file) {
        return std::unexpected(by_file_instead(std::move(file.error()), version));
    }
    archive.file = std::move(*file);
    return archive;
}

// The errors of an archive that came by the network are not its user's.
Error blamed_on(Error error, bool is_given) {
    if (!is_given && error.code == ErrorCode::invalid_argument) error.code = ErrorCode::unavailable;
    return error;
}

Result<void> check_integrity(const Archive& archive) {
    if (archive.integrity.empty()) return {};
    const auto found = integrity_of(archive.file.get());
    if (!found) return std::unexpected(found.error());
    if (*found == archive.integrity) return {};
    return fail(ErrorCode::invalid_argument,
                "the archive is not the one that is expected, or was changed: its hash is " + *found + ", and not " +
                    archive.integrity);
}

Result<void> check_version(const std::string& package_json, const std::string& version) {
    const auto json = nlohmann::json::parse(package_json, nullptr, false);
    const bool is_node = json.is_object() && json.contains("name") && json["name"] == kNodePackage;
    const std::string found = version_in(package_json);
    if (!is_node || found.empty()) {
        return fail(ErrorCode::invalid_argument,
                    "the archive is not that of npm's package " + std::string(kNodePackage));
    }
    if (found == version) return {};
    return fail(ErrorCode::invalid_argument, "the archive is that of Node.js " + found + ", and not " + version +
                                                 "; if it is the one that is wanted, add --version " + found);
}

Result<void> put_text(const Folder& folder, const std::string& name, std::string_view text) {
    auto draft = folder.begin_file();
    if (!draft) return std::unexpected(draft.error());
    if (auto written = write_all(draft->descriptor.get(), folder.path_of(name), std::as_bytes(std::span(text)));
        !written) {
        folder.remove_file(draft->name);
        return written;
    }
    return folder.finish_file(*draft, name);
}

// The files that are kept, and no others: what is unpacked is what is used.
Result<void> unpack(const Archive& archive, const std::string& version, const std::string& path) {
    const auto folder = Folder::make(path);
    if (!folder) return std::unexpected(folder.error());
    const auto binaries = Folder::make(path + "/bin");
    if (!binaries) return std::unexpected(binaries.error());
    const int file = archive.file.get();
    const auto package_json = read_member(file, "package.json", kLongestJson);
    if (!package_json) return std::unexpected(package_json.error());
    if (auto right = check_version(*package_json, version); !right) return right;
    if (auto put = put_text(*folder, "package.json", *package_json); !put) return put;
    if (auto done = unpack_member(file, "LICENSE", kLongestText, *folder, "LICENSE", false); !done) return done;
    if (auto done = unpack_member(file, "bin/node", kLongestProgram, *binaries, "node", true); !done) return done;

    const auto program = binaries->open_file("node");
    if (!program) return std::unexpected(program.error());
    if (!*program) return fail(ErrorCode::unavailable, base::shown(path) + " was changed while it was made");
    const auto hash = sha2_of((*program)->descriptor.get(), 256);
    if (!hash) return std::unexpected(hash.error());
    if (version == tested_release().version && *hash != tested_release().program_sha256) {
        return fail(ErrorCode::invalid_argument,
                    "bin/node in the archive is not the one that is expected: its SHA-256 is " + *hash + ", and not " +
                        std::string(tested_release().program_sha256));
    }
    const InstalledProgram installed{
        .version = version, .sha256 = *hash, .size = (*program)->size, .changed = (*program)->changed};
    return put_text(*folder, InstalledProgram::kFile, installed.text());
}

// Puts a folder in the place of another, which may be there. Whoever has its files open goes on with them.
Result<void> put_in_place(const std::string& made, const std::string& place, const std::string& old) {
    std::error_code error;
    fs::rename(place, old, error);
    if (!error || error == std::errc::no_such_file_or_directory) fs::rename(made, place, error);
    if (!error) return {};
    std::error_code ignored;
    fs::rename(old, place, ignored);
    return fail(ErrorCode::unavailable, base::shown(place) + " cannot be put in place (" + error.message() + ")");
}

// Whether the program is still what it was when it was installed.
bool is_whole(const std::string& version) {
    const auto installed = installed_package(version);
    if (!installed) return false;
    const auto hash = sha2_of(installed->program.descriptor.get(), 256);
    return hash && installed->identity == "sha256 " + *hash;
}

Result<Folder> open_packages() {
    const std::string path = packages_folder();
    if (path.empty()) {
        return fail(ErrorCode::unavailable, "there is no folder to install to: set CURFEW_CACHE_DIR or HOME");
    }
    return Folder::make(path);
}

Result<Descriptor> lock(const Folder& packages) { return packages.lock("install.lock", std::chrono::minutes(30)); }

}  // namespace

Result<NodePackage> install_package(const InstallRequest& asked) {
    InstallRequest request = asked;
    if (request.version.empty()) request.version = tested_release().version;
    if (!is_version(request.version)) {
        return fail(ErrorCode::invalid_argument, base::in_quotes(request.version) +
                                                     " is no version of Node.js; one is written as " +
                                                     std::string(tested_release().version));
    }
    const std::string& version = request.version;
    const auto step = [&request](const std::string& what) {
        if (request.on_step) request.on_step(what);
    };
    Archive given;
    if (!request.archive.empty()) {
        auto file = open_archive(request.archive);
        if (!file) return std::unexpected(file.error());
        given.file = std::move(*file);
        if (version == tested_release().version) given.integrity = tested_release().integrity;
    }
    const auto packages = open_packages();
    if (!packages) return std::unexpected(packages.error());
    const auto locked = lock(*packages);
    if (!locked) return std::unexpected(locked.error());
    remove_left_work(packages->path());
    if (request.archive.empty() && is_whole(version)) return installed_package(version);

    const auto work = WorkFolder::create(*packages);
    if (!work) return std::unexpected(work.error());
    Archive archive = std::move(given);
    if (request.archive.empty()) {
        step("Fetching Node.js " + version + " with npm");
        auto fetched = fetch(request, work->path());
        if (!fetched) return std::unexpected(fetched.error());
        archive = std::move(*fetched);
    }
    step(archive.integrity.empty() ? "Unpacking Node.js " + version + ", for which nobody vouches but you"
                                   : "Checking and unpacking Node.js " + version);
    const std::string made = work->path() + "/package";
    auto done = check_integrity(archive);
    if (done) done = unpack(archive, version, made);
    if (done) done = put_in_place(made, package_folder(version), work->path() + "/old");
    if (!done) return std::unexpected(blamed_on(std::move(done.error()), !request.archive.empty()));
    return installed_package(version);
}

Result<bool> remove_package(std::string_view version) {
    const std::string path = package_folder(version);
    if (!is_version(version) || path.empty()) return false;
    const auto packages = Folder::open(packages_folder());
    if (!packages) return std::unexpected(packages.error());
    std::error_code error;
    if (!*packages || !fs::exists(path, error)) return false;
    const auto locked = lock(**packages);
    if (!locked) return std::unexpected(locked.error());
    // It is gone at once, and not file by file.
    const auto work = WorkFolder::create(**packages);
    if (!work) return std::unexpected(work.error());
    fs::rename(path, work->path() + "/old", error);
    if (error) return fail(ErrorCode::unavailable, base::shown(path) + " cannot be removed (" + error.message() + ")");
    return true;
}

}  // namespace curfew::engine
