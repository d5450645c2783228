#include "cell/cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/forks.h"
#include "base/quantity_text.h"
#include "base/text.h"
#include "cell/cgroup_files.h"
#include "cell/failure.h"

namespace curfew::cell {

namespace {

constexpr std::string_view kPrefix = "curfew-";

std::string reason(int error) { return std::generic_category().message(error); }

std::unexpected<Error> refuse(const std::string& path, const std::string& why) {
    return fail(ErrorCode::unavailable, "cells cannot be put into the cgroup " + base::in_quotes(path) + ": " + why);
}

Result<void> check(const CgroupLimits& limits) {
    const auto wrong = [](const std::string& what) { return fail(ErrorCode::invalid_argument, what); };
    constexpr std::uint64_t kLeastMemory = 1 << 20;
    if (limits.memory_max && *limits.memory_max < kLeastMemory) {
        return wrong("a cgroup's memory_max of " + std::to_string(*limits.memory_max) +
                     " bytes lets no cell run; give 1 MiB at least");
    }
    if (limits.pids_max && *limits.pids_max == 0) {
        return wrong("a cgroup's pids_max of 0 lets no cell run; give one for each sandbox");
    }
    using std::chrono::milliseconds;
    if (limits.cpu_max && (limits.cpu_max->quota < milliseconds(1) || limits.cpu_max->period < milliseconds(1) ||
                           limits.cpu_max->period > milliseconds(1000))) {
        return wrong("a cgroup's cpu_max of " + std::to_string(limits.cpu_max->quota.count()) + " us in " +
                     std::to_string(limits.cpu_max->period.count()) +
                     " us is not possible; give a quota of 1 ms at least, and a period of 1 ms to 1 s");
    }
    if (limits.parent.contains('\0')) return wrong("a cgroup's folder cannot have NUL in its name");
    return {};
}

Descriptor open_folder(int at, const char* path) {
    return Descriptor(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// --- The folder to make leaves in ---

struct Folder {
    Descriptor descriptor;
    std::string path;
};

Result<Folder> open_group(const std::string& path) {
    Folder folder{open_folder(AT_FDCWD, path.c_str()), path};
    if (!folder.descriptor) return refuse(path, reason(errno) + "; name the folder of a cgroup (cgroup v2)");
    struct statfs system{};
    if (::fstatfs(folder.descriptor.get(), &system) != 0) return refuse(path, reason(errno));
    if (system.f_type != CGROUP2_SUPER_MAGIC) {
        return refuse(path, "the folder is no cgroup v2; name one below the place where cgroup2 is mounted");
    }
    std::array<char, PATH_MAX> whole{};
    if (::realpath(path.c_str(), whole.data()) != nullptr) folder.path = whole.data();
    return folder;
}

Result<std::string> use_as_parent(const std::string& path, const CgroupLimits& limits) {
    auto folder = open_group(path);
    if (!folder) return std::unexpected(std::move(folder.error()));
    if (::faccessat(folder->descriptor.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
        return refuse(folder->path, reason(errno) +
                                        "; have it delegated to this process's user (Delegate=yes of "
                                        "systemd, a writable cgroup in a container)");
    }
    auto offered = offer_controllers(folder->descriptor.get(), folder->path, controllers_for(limits));
    if (!offered) return std::unexpected(std::move(offered.error()));
    return std::move(folder->path);
}

// Where this process is, in the namespace of cgroups that it sees; none without cgroup v2.
std::optional<std::string> own_group() {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("0::")) return line.substr(3);
    }
    return std::nullopt;
}

// Where that is in the file system. None: it is mounted nowhere.
std::optional<std::string> find_group_folder(const std::string& group) {
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string id, parent, device, root, place;
        words >> id >> parent >> device >> root >> place;
        if (!line.contains(" - cgroup2 ")) continue;
        if (root == "/") root.clear();
        if (!group.starts_with(root)) continue;
        const std::string rest = group.substr(root.size());
        if (rest.empty() || rest == "/") return place;
        if (rest.starts_with('/')) return place + rest;
    }
    return std::nullopt;
}

// Whether whoever manages the tree has left this part of it to somebody else: systemd marks it, or has given it to another user than
// root; and a namespace's whole tree belongs to the container.
bool is_delegated(const std::string& folder, bool whole_tree) {
    if (whole_tree) return true;
    std::array<char, 2> mark{};
    for (const char* name : {"user.delegate", "trusted.delegate"}) {
        if (::getxattr(folder.c_str(), name, mark.data(), mark.size()) == 1 && mark[0] == '1') return true;
    }
    struct stat status{};
    return ::geteuid() != 0 && ::stat(folder.c_str(), &status) == 0 && status.st_uid == ::geteuid();
}

Result<std::string> find_delegated(const CgroupLimits& limits) {
    const auto none = [](const std::string& why) {
        return fail(ErrorCode::unavailable,
                    "no cgroup was found for cells: " + why +
                        "; name one in CgroupLimits::parent (--cgroup DIR), or have this process's own delegated to it "
                        "(Delegate=yes and DelegateSubgroup=host of systemd)");
    };
    auto group = own_group();
    if (!group) return none("this process is in no cgroup v2");
    std::optional<Error> last;
    for (int step = 0; step < 2; ++step) {
        const auto folder = find_group_folder(*group);
        if (!folder) return none("cgroup v2 is not mounted here");
        if (is_delegated(*folder, *group == "/")) {
            auto parent = use_as_parent(*folder, limits);
            if (parent) return parent;
            last = std::move(parent.error());
        }
        if (*group == "/") break;
        *group = std::string(group->substr(0, std::max<std::size_t>(group->rfind('/'), 1)));
    }
    if (last) return std::unexpected(std::move(*last));
    return none("neither this process's own nor the one above it is delegated to it");
}

// --- Leaves ---

// Nobody's, if its host's lock is gone.
void remove_if_left_behind(int parent, const char* name) noexcept {
    const Descriptor leaf = open_folder(parent, name);
    if (!leaf || ::flock(leaf.get(), LOCK_EX | LOCK_NB) != 0) return;
    ::unlinkat(parent, name, AT_REMOVEDIR);  // fails while there are processes
}

void remove_those_left_behind(int parent, const std::string& path) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (name.starts_with(kPrefix)) remove_if_left_behind(parent, name.c_str());
    }
}

// The folder that is made, locked before anybody took it for one that was left behind. None: try another name.
Result<Descriptor> make_folder(int parent, const std::string& path, const std::string& name) {
    if (::mkdirat(parent, name.c_str(), 0755) != 0) {
        if (errno == EEXIST) return Descriptor();
        const std::string cure = errno == EAGAIN ? "; raise cgroup.max.descendants of the cgroups above"
                                                 : "; have it delegated to this process's user (Delegate=yes of "
                                                   "systemd, a writable cgroup in a container)";
        return refuse(path, reason(errno) + cure);
    }
    Descriptor leaf = open_folder(parent, name.c_str());
    if (!leaf && errno != ENOENT) return refuse(path, "opening a leaf: " + reason(errno));
    struct stat opened{}, named{};
    const bool locked = leaf && ::flock(leaf.get(), LOCK_SH | LOCK_NB) == 0 && ::fstat(leaf.get(), &opened) == 0 &&
                        ::fstatat(parent, name.c_str(), &named, 0) == 0 && opened.st_ino == named.st_ino;
    return locked ? std::move(leaf) : Descriptor();
}

// A cell that was killed takes a moment to be gone.
void await_emptiness(int folder, std::chrono::steady_clock::time_point until) {
    const Descriptor events(::openat(folder, "cgroup.events", O_RDONLY | O_CLOEXEC));
    std::array<char, 256> content{};
    while (events) {
        const ssize_t got = ::pread(events.get(), content.data(), content.size(), 0);
        if (got <= 0 || std::string_view(content.data(), static_cast<std::size_t>(got)).contains("populated 0")) return;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return;
        pollfd watched{.fd = events.get(), .events = POLLPRI, .revents = 0};
        ::poll(&watched, 1, static_cast<int>(left.count()));
    }
}

std::atomic<std::uint64_t> leaves = 0;
std::atomic<std::uint64_t> looked_in =
    ~std::uint64_t{0};  // the process that has looked for those left behind, by its forks

bool is_time_to_look(std::uint64_t number) {
    constexpr std::uint64_t kLookEvery = 64;
    const std::uint64_t self = base::forks();
    return looked_in.exchange(self, std::memory_order_relaxed) != self || number % kLookEvery == 0;
}

}  // namespace

Result<std::string> Cgroup::find_parent(const CgroupLimits& limits) {
    if (auto sensible = check(limits); !sensible) return std::unexpected(std::move(sensible.error()));
    return limits.parent.empty() ? find_delegated(limits) : use_as_parent(limits.parent, limits);
}

Result<std::shared_ptr<Cgroup>> Cgroup::make(const CgroupLimits& limits) {
    constexpr int kAttempts = 1000;
    auto parent = open_group(limits.parent);
    if (!parent) return std::unexpected(std::move(parent.error()));
    const int folder = parent->descriptor.get();
    for (int i = 0; i < kAttempts; ++i) {
        const std::uint64_t number = leaves.fetch_add(1, std::memory_order_relaxed);
        if (is_time_to_look(number)) remove_those_left_behind(folder, parent->path);
        const std::string name = std::string(kPrefix) + std::to_string(::getpid()) + "-" + std::to_string(number);
        auto leaf = make_folder(folder, parent->path, name);
        if (!leaf) return std::unexpected(std::move(leaf.error()));
        if (*leaf) return adopt(std::move(*leaf), parent->path + "/" + name, limits);
    }
    return refuse(parent->path, "it is full of leaves that others have left there");
}

Result<std::shared_ptr<Cgroup>> Cgroup::adopt(Descriptor folder, std::string path, const CgroupLimits& limits) {
    auto made = std::make_shared<Cgroup>(std::move(folder), std::move(path), limits);
    if (auto limited = write_limits(made->folder_.get(), made->path_, limits); !limited) {
        return std::unexpected(std::move(limited.error()));
    }
    return made;
}

Cgroup::Cgroup(Descriptor folder, std::string path, const CgroupLimits& limits)
    : forks_(base::forks()), folder_(std::move(folder)), path_(std::move(path)), memory_max_(limits.memory_max) {}

// A folder that does not become empty in time is left to who looks next for those without a host.
Cgroup::~Cgroup() {
    constexpr auto kMost = std::chrono::seconds(1);
    if (forks_ != base::forks()) return;
    const std::string from_inside = ".." + path_.substr(path_.rfind('/'));
    if (::unlinkat(folder_.get(), from_inside.c_str(), AT_REMOVEDIR) == 0 || errno != EBUSY) return;
    await_emptiness(folder_.get(), std::chrono::steady_clock::now() + kMost);
    ::unlinkat(folder_.get(), from_inside.c_str(), AT_REMOVEDIR);
}

Result<void> Cgroup::add(pid_t process) {
    const int error = write_group_file(folder_.get(), "cgroup.procs", std::to_string(process));
    if (error == 0) return {};
    const std::string cure = error == EACCES || error == EPERM
                                 ? "; this process's user needs to write to cgroup.procs of the leaf and of the first "
                                   "cgroup that is above both the leaf and this process"
                                 : "";
    return refuse(path_, "moving one there failed (" + reason(error) + ")" + cure);
}

bool Cgroup::take_oom_kill() noexcept {
    const std::uint64_t count = count_oom_kills(folder_.get());
    std::uint64_t told = oom_kills_told_.load(std::memory_order_relaxed);
    while (told < count) {
        if (oom_kills_told_.compare_exchange_weak(told, told + 1, std::memory_order_relaxed)) return true;
    }
    return false;
}

std::string Cgroup::memory_text() const {
    return memory_max_ ? base::size_text(*memory_max_) : std::string("not limited");
}

CgroupOffer look_at_cgroups() {
    const auto parent = Cgroup::find_parent({});
    if (!parent) return {false, parent.error().message};
    const Descriptor folder = open_folder(AT_FDCWD, parent->c_str());
    const std::string controllers = read_group_file(folder.get(), "cgroup.controllers");
    std::string usable, missing;
    for (const char* controller : {"memory", "cpu", "pids"}) {
        std::string& list = has_word(controllers, controller) ? usable : missing;
        list += (list.empty() ? "" : ", ") + std::string(controller);
    }
    std::string text = "cells can have leaves in " + base::shown(*parent) + " (SandboxBuilder::with_cgroup, --cgroup)";
    if (!usable.empty()) text += ", with limits of " + usable;
    if (!missing.empty()) text += "; without the controllers " + missing + ", which it was not given";
    return {missing.empty(), text};
}

}  // namespace curfew::cell
