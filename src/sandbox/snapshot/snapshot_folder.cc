// A folder of snapshots: HEX.snapshot for each content, TAG.tag for each tag, which holds a digest. Both get their names when
// they are whole, so that there is never a name of half a file.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include <curfew/snapshot_folder.h>

#include "base/sha256.h"
#include "base/text.h"
#include "cell/descriptor.h"
#include "cell/memory_file.h"
#include "sandbox/failure.h"

namespace curfew {

namespace {

using base::Sha256;
using cell::Descriptor;
using sandbox::fail;

constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::string_view kContentEnd = ".snapshot";
constexpr std::string_view kTagEnd = ".tag";
constexpr std::size_t kDigestLength = kDigestPrefix.size() + 64;
constexpr std::size_t kChunk = 256 << 10;

std::string words_for(int error) { return std::generic_category().message(error); }

std::unexpected<Error> refuse(std::string why) { return fail(ErrorCode::invalid_argument, std::move(why)); }

bool is_digest(std::string_view text) {
    return text.size() == kDigestLength && text.starts_with(kDigestPrefix) &&
           std::ranges::all_of(text.substr(kDigestPrefix.size()),
                               [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<void> check_tag(std::string_view tag) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
    };
    if (!tag.empty() && tag.size() <= SnapshotFolder::kLongestTag && tag[0] != '.' && tag[0] != '-' &&
        std::ranges::all_of(tag, is_allowed)) {
        return {};
    }
    return refuse("the tag " + base::in_quotes(tag) +
                  " is not possible; use up to 128 letters, digits, '_', '.' and '-', and neither '.' nor '-' first");
}

std::string text_of(const Sha256::Digest& digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(kDigestPrefix);
    for (const std::byte byte : digest) {
        text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
        text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

// Reads a file to its end, a piece at a time; `take` may end that with an error.
template <typename Take>
Result<void> read_all(int file, const std::string& name, Take take) {
    std::vector<std::byte> chunk(kChunk);
    for (;;) {
        const ssize_t got = ::read(file, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(ErrorCode::unavailable, name + " cannot be read: " + words_for(errno));
        if (got == 0) return {};
        if (auto taken = take(std::span(chunk).first(static_cast<std::size_t>(got))); !taken) return taken;
    }
}

Result<Descriptor> open_regular(const std::string& path, const std::string& what) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) return refuse(errno == ENOENT ? "there is no " + what : what + " cannot be opened: " + words_for(errno));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return refuse(what + " is no regular file");
    return file;
}

Result<std::string> digest_of_file(const std::string& path) {
    const auto file = open_regular(path, path);
    if (!file) return std::unexpected(file.error());
    Sha256 hash;
    auto read = read_all(file->get(), path, [&](std::span<const std::byte> bytes) -> Result<void> {
        hash.add(bytes);
        return {};
    });
    if (!read) return std::unexpected(read.error());
    return text_of(hash.finish());
}

// A name in the folder that nobody else uses, and that is gone at the end unless it was given a better one.
class TemporaryName {
  public:
    explicit TemporaryName(const std::string& folder) : path_(folder + "/.new-XXXXXX") {
        const Descriptor file(::mkostemp(path_.data(), O_CLOEXEC));
        made_ = static_cast<bool>(file);
    }
    ~TemporaryName() {
        if (made_) ::unlink(path_.c_str());
    }
    TemporaryName(const TemporaryName&) = delete;
    TemporaryName& operator=(const TemporaryName&) = delete;

    explicit operator bool() const noexcept { return made_; }
    const std::string& path() const noexcept { return path_; }

    bool rename(const std::string& to) {
        if (::rename(path_.c_str(), to.c_str()) != 0) return false;
        made_ = false;
        return true;
    }

  private:
    std::string path_;
    bool made_ = false;
};

bool write_text(const std::string& path, std::string_view text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           ::fsync(file.get()) == 0;
}

// What is checked must be what is loaded, also if somebody writes to the file meanwhile: both are a copy.
Result<Snapshot> load_verified(const std::string& path, std::string_view digest, const std::string& what) {
    const auto file = open_regular(path, what);
    if (!file) return std::unexpected(file.error());
    struct stat status{};
    if (::fstat(file->get(), &status) != 0) return refuse(what + " cannot be read: " + words_for(errno));
    auto copy = cell::MemoryFile::create("curfew-snapshot-file", static_cast<std::uint64_t>(status.st_size));
    if (!copy) return std::unexpected(copy.error());
    Sha256 hash;
    std::uint64_t at = 0;
    auto read = read_all(file->get(), what, [&](std::span<const std::byte> bytes) -> Result<void> {
        if (at + bytes.size() > copy->size()) return refuse(what + " grew while it was read");
        hash.add(bytes);
        const std::uint64_t to = std::exchange(at, at + bytes.size());
        return copy->write(to, bytes);
    });
    if (!read) return std::unexpected(read.error());
    if (text_of(hash.finish()) != digest) return refuse(what + " was altered: its content has another digest");
    const std::string copied = "/proc/self/fd/" + std::to_string(copy->descriptor());
    auto loaded = Snapshot::load(copied);
    if (loaded) return loaded;
    Error error = std::move(loaded.error());
    if (const auto found = error.message.find(copied); found != std::string::npos) {
        error.message.replace(found, copied.size(), path);
    }
    return std::unexpected(std::move(error));
}

}  // namespace

SnapshotFolder::SnapshotFolder(const FilePath& path) : path_(path.text()) {}

Result<std::string> SnapshotFolder::save(const Snapshot& snapshot, std::string_view tag) const {
    if (auto checked = check_tag(tag); !checked) return std::unexpected(checked.error());
    const auto failed = [&](ErrorCode code) {
        return fail(code, "the snapshot was not saved in " + path_ + ": " + words_for(errno));
    };
    if (::mkdir(path_.c_str(), S_IRWXU) != 0 && errno != EEXIST) return failed(ErrorCode::invalid_argument);
    TemporaryName content(path_);
    TemporaryName meaning(path_);
    if (!content || !meaning) return failed(ErrorCode::invalid_argument);
    if (auto saved = snapshot.save(content.path()); !saved) return std::unexpected(saved.error());
    auto digest = digest_of_file(content.path());
    if (!digest) return digest;
    const std::string name = digest->substr(kDigestPrefix.size());
    if (!content.rename(path_ + '/' + name + std::string(kContentEnd)) || !write_text(meaning.path(), *digest) ||
        !meaning.rename(path_ + '/' + std::string(tag) + std::string(kTagEnd))) {
        return failed(ErrorCode::unavailable);
    }
    return digest;
}

Result<std::string> SnapshotFolder::digest_of(std::string_view tag) const {
    if (auto checked = check_tag(tag); !checked) return std::unexpected(checked.error());
    const std::string what = "snapshot with the tag " + base::in_quotes(tag) + " in " + path_;
    const auto file = open_regular(path_ + '/' + std::string(tag) + std::string(kTagEnd), what);
    if (!file) return std::unexpected(file.error());
    std::array<char, kDigestLength + 1> text{};
    const ssize_t got = ::read(file->get(), text.data(), text.size());
    const std::string_view read(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (!is_digest(read)) return refuse("the " + what + " is not known: what its file holds is no digest");
    return std::string(read);
}

Result<Snapshot> SnapshotFolder::load(std::string_view tag_or_digest) const {
    const auto digest = is_digest(tag_or_digest) ? Result<std::string>(tag_or_digest) : digest_of(tag_or_digest);
    if (!digest) return std::unexpected(digest.error());
    return load_verified(path_ + '/' + digest->substr(kDigestPrefix.size()) + std::string(kContentEnd), *digest,
                         "snapshot " + *digest + " in " + path_);
}

Result<Snapshot> SnapshotFolder::load_unverified(std::string_view tag_or_digest) const {
    const auto digest = is_digest(tag_or_digest) ? Result<std::string>(tag_or_digest) : digest_of(tag_or_digest);
    if (!digest) return std::unexpected(digest.error());
    return Snapshot::load(path_ + '/' + digest->substr(kDigestPrefix.size()) + std::string(kContentEnd));
}

Result<std::vector<std::string>> SnapshotFolder::tags() const {
    std::vector<std::string> tags;
    std::error_code error;
    for (std::filesystem::directory_iterator each(path_, error), end; !error && each != end; each.increment(error)) {
        std::string name = each->path().filename().string();
        if (!name.ends_with(kTagEnd)) continue;
        name.resize(name.size() - kTagEnd.size());
        if (check_tag(name)) tags.push_back(std::move(name));
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return refuse("the folder " + path_ + " cannot be read: " + error.message());
    }
    std::ranges::sort(tags);
    return tags;
}

Result<void> SnapshotFolder::remove(std::string_view tag) const {
    if (auto checked = check_tag(tag); !checked) return checked;
    if (::unlink((path_ + '/' + std::string(tag) + std::string(kTagEnd)).c_str()) == 0) return {};
    if (errno == ENOENT) return refuse("there is no tag " + base::in_quotes(tag) + " in " + path_);
    return fail(ErrorCode::unavailable, "the tag " + base::in_quotes(tag) + " cannot be removed: " + words_for(errno));
}

Result<std::size_t> SnapshotFolder::remove_untagged() const {
    const auto all = tags();
    if (!all) return std::unexpected(all.error());
    std::set<std::string> meant;
    for (const std::string& tag : *all) {
        auto digest = digest_of(tag);
        if (!digest) return std::unexpected(digest.error());
        meant.insert(digest->substr(kDigestPrefix.size()) + std::string(kContentEnd));
    }
    std::vector<std::string> dropped;
    std::error_code error;
    for (std::filesystem::directory_iterator each(path_, error), end; !error && each != end; each.increment(error)) {
        const std::string name = each->path().filename().string();
        if (name.ends_with(kContentEnd) && !meant.contains(name)) dropped.push_back(each->path().string());
    }
    for (const std::string& path : dropped) {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
            return fail(ErrorCode::unavailable, path + " cannot be removed: " + words_for(errno));
        }
    }
    return dropped.size();
}

}  // namespace curfew
