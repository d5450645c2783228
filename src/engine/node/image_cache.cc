#include "engine/node/image_cache.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <functional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/store/folder.h"
#include "wire/frozen_image.h"

namespace curfew::engine {

namespace {

using base::fail;
using cell::MemoryFile;
using wire::FrozenHeader;

constexpr std::string_view kImage = ".image", kLock = ".lock";
constexpr std::uint64_t kLargest = std::uint64_t{2} << 30;
static_assert(sizeof FrozenHeader::key == 32);

std::unexpected<Error> no_memory(int error) {
    return fail(ErrorCode::unavailable, "there is no memory for the image of Node.js (" +
                                            std::generic_category().message(error) +
                                            "); free some, or raise the container's memory limit");
}

// Of all of an image but the checksum itself. By reading, not by mapping: a file that is cut meanwhile, or a disk that fails, must not
// end this process. Nothing if it cannot be read.
std::optional<std::uint64_t> checksum_of(const MemoryFile& image) {
    constexpr std::size_t kBefore = offsetof(FrozenHeader, checksum), kBehind = kBefore + sizeof FrozenHeader::checksum;
    std::vector<std::byte> buffer(64 << 10);
    base::Checksum sum;
    for (std::uint64_t at = 0; at < image.size();) {
        const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), image.size() - at));
        if (!image.read(at, piece)) return std::nullopt;
        if (at == 0 && piece.size() >= kBehind) {
            sum.add(piece.first(kBefore));
            sum.add(piece.subspan(kBehind));
        } else {
            sum.add(piece);
        }
        at += piece.size();
    }
    return sum.value();
}

// What is wrong with it; empty if it is whole, and has this key.
std::string fault_of(const MemoryFile& image, const std::string& key) {
    FrozenHeader header{};
    if (!image.read(0, std::as_writable_bytes(std::span(&header, 1)))) return "it cannot be read";
    if (std::memcmp(header.magic, wire::kFrozenMagic, sizeof header.magic) != 0) return "it is no image";
    if (header.layout != wire::kFrozenLayout) return "it is of another version";
    if (header.file_length != image.size()) return "it was cut";
    if (std::memcmp(header.key, key.data(), sizeof header.key) != 0) return "it was made of something else";
    if (header.checksum != checksum_of(image)) return "it was changed: its checksum is wrong";
    return {};
}

// Whether code can be mapped from it: not where the administrator has forbidden programs.
bool can_be_mapped(const OwnFile& file) {
    struct statvfs status{};
    return ::fstatvfs(file.descriptor.get(), &status) == 0 && (status.f_flag & ST_NOEXEC) == 0;
}

// The file itself, which is trusted, or a sealed copy in memory where that does not do.
Result<MemoryFile> contents_of(OwnFile file) {
    if (can_be_mapped(file)) return MemoryFile::of_file(std::move(file.descriptor));
    auto copy = MemoryFile::create("curfew-image", file.size);
    if (!copy) return copy;
    off_t at = 0;
    while (static_cast<std::uint64_t>(at) < file.size) {
        const ssize_t copied =
            ::sendfile(copy->descriptor(), file.descriptor.get(), &at, file.size - static_cast<std::uint64_t>(at));
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0) return no_memory(errno);
        if (copied == 0) break;  // somebody has cut it: the checksum will tell
    }
    if (auto sealed = copy->seal(); !sealed) return std::unexpected(sealed.error());
    return copy;
}

// Made by the freezer, which knows nothing of keys.
Result<MemoryFile> make_image(const ImageRequest& request) {
    if (request.on_making) request.on_making();
    auto image = MemoryFile::create("curfew-image", 0);
    if (!image) return image;
    if (auto frozen = request.freeze({.program = request.program, .image = image->descriptor()}); !frozen) {
        return std::unexpected(frozen.error());
    }
    if (auto measured = image->measure(); !measured) return std::unexpected(measured.error());
    FrozenHeader header{};
    if (image->size() < wire::kPageSize || !image->read(0, std::as_writable_bytes(std::span(&header, 1)))) {
        return fail(ErrorCode::internal, "Node.js was frozen, but left no image");
    }
    if (std::memcmp(header.magic, wire::kFrozenMagic, sizeof header.magic) != 0 ||
        header.layout != wire::kFrozenLayout || header.file_length != image->size()) {
        return fail(ErrorCode::internal, "Node.js was frozen, but what it left is no image");
    }
    const auto put = [&](std::size_t offset, const void* from, std::size_t size) {
        return ::pwrite(image->descriptor(), from, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
    };
    if (!put(offsetof(FrozenHeader, key), request.key.data(), sizeof header.key)) return no_memory(errno);
    const auto checksum = checksum_of(*image);
    if (!checksum || !put(offsetof(FrozenHeader, checksum), &*checksum, sizeof *checksum)) return no_memory(errno);
    if (auto sealed = image->seal(); !sealed) return std::unexpected(sealed.error());
    return image;
}

struct Looked {
    std::optional<MemoryFile> image;
    std::string fault;  // of one that is there and cannot be taken
};

Result<Looked> look_for(const Folder& folder, const ImageRequest& request) {
    const std::string name = request.key + std::string(kImage);
    auto file = folder.open_file(name);
    if (!file) return Looked{.image = {}, .fault = file.error().message};
    if (!*file) return Looked{};
    if ((*file)->size < wire::kPageSize || (*file)->size > kLargest) {
        return Looked{.image = {}, .fault = base::shown(folder.path_of(name)) + " is no image"};
    }
    auto image = contents_of(std::move(**file));
    if (!image) return std::unexpected(image.error());
    if (const std::string fault = fault_of(*image, request.key); !fault.empty()) {
        return Looked{.image = {}, .fault = base::shown(folder.path_of(name)) + " cannot be used, since " + fault};
    }
    return Looked{.image = std::move(*image), .fault = {}};
}

// Removes what an interrupted process has left, images that nobody has used for a month, and those that are too many: whoever
// builds this library often would fill the disk.
void tidy(const Folder& folder) {
    constexpr std::int64_t kKept = std::int64_t{30} * 24 * 3600;
    constexpr std::size_t kMost = 7;
    folder.remove_old_drafts();
    std::vector<std::pair<std::int64_t, std::string>> images;
    for (const std::string& name : folder.names()) {
        if (!name.ends_with(kImage)) continue;
        if (const auto file = folder.open_file(name); file && *file) images.emplace_back((*file)->changed, name);
    }
    std::ranges::sort(images, std::greater());
    for (std::size_t i = 0; i < images.size(); ++i) {
        const auto& [changed, name] = images[i];
        if (i < kMost && ::time(nullptr) - changed <= kKept) continue;
        folder.remove_file(name);
        folder.remove_file(name.substr(0, name.size() - kImage.size()) + std::string(kLock));
    }
}

// The time of change says when an image was last of use, to the day.
void note_use(const Folder& folder, const std::string& name) {
    const auto file = folder.open_file(name);
    constexpr std::int64_t kDay = 86400;
    if (file && *file && ::time(nullptr) - (*file)->changed > kDay) ::futimens((*file)->descriptor.get(), nullptr);
}

// Writes an image into its file, which nobody is to write again, and takes it from there, as other processes do: so that they share
// the memory.
Result<void> keep(const Folder& folder, MemoryFile& image, const std::string& key) {
    tidy(folder);
    auto draft = folder.begin_file();
    if (!draft) return std::unexpected(draft.error());
    const std::string name = key + std::string(kImage);
    const auto give_up = [&](Error error) {
        folder.remove_file(draft->name);
        return std::unexpected(std::move(error));
    };
    std::vector<std::byte> buffer(1 << 20);
    for (std::uint64_t at = 0; at < image.size();) {
        const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), image.size() - at));
        if (auto read = image.read(at, piece); !read) return give_up(std::move(read.error()));
        auto written = write_all(draft->descriptor.get(), folder.path_of(name), piece);
        if (!written) return give_up(std::move(written.error()));
        at += piece.size();
    }
    ::fchmod(draft->descriptor.get(), 0444);
    if (auto finished = folder.finish_file(*draft, name); !finished) return finished;
    auto file = folder.open_file(name);
    if (!file || !*file || (*file)->size != image.size() || !can_be_mapped(**file)) return {};
    if (auto shared = contents_of(std::move(**file))) image = std::move(*shared);
    return {};
}

std::string images_folder(const std::string& cache_folder) { return cache_folder + "/images"; }

Result<ReadyImage> only_in_memory(const ImageRequest& request, const std::string& why) {
    auto image = make_image(request);
    if (!image) return std::unexpected(image.error());
    return ReadyImage{
        .file = std::move(*image),
        .path = {},
        .was_made = true,
        .warning = "the image of Node.js is kept in memory only, and every process makes its own: " + why};
}

}  // namespace

Result<ReadyImage> ready_image(const std::string& cache_folder, const ImageRequest& request) {
    if (cache_folder.empty()) {
        return only_in_memory(request, "there is no folder for it; set CURFEW_CACHE_DIR or HOME");
    }
    // One that is there already is enough to read from, as in an image of a container that cannot be written.
    const std::string path = images_folder(cache_folder);
    std::string fault;
    auto folder = Folder::open(path);
    if (!folder) return only_in_memory(request, folder.error().message);
    if (*folder && !request.is_damaged) {
        auto looked = look_for(**folder, request);
        if (!looked) return std::unexpected(looked.error());
        const std::string name = request.key + std::string(kImage);
        if (looked->image) {
            note_use(**folder, name);
            return ReadyImage{.file = std::move(*looked->image), .path = (*folder)->path_of(name)};
        }
        fault = looked->fault;
    }
    auto made = Folder::make(path);
    if (!made) return only_in_memory(request, made.error().message);
    const auto locked = made->lock(request.key + std::string(kLock), request.longest_wait);
    if (!locked) return only_in_memory(request, locked.error().message);
    // Who had the lock may have made it.
    if (!request.is_damaged) {
        auto looked = look_for(*made, request);
        if (!looked) return std::unexpected(looked.error());
        if (looked->image) {
            return ReadyImage{.file = std::move(*looked->image),
                              .path = made->path_of(request.key + std::string(kImage))};
        }
    }
    auto image = make_image(request);
    if (!image) return std::unexpected(image.error());
    ReadyImage ready{.file = std::move(*image), .path = {}, .was_made = true};
    if (!fault.empty()) ready.warning = fault + ", and was made anew";
    if (auto kept = keep(*made, ready.file, request.key); kept) {
        ready.path = made->path_of(request.key + std::string(kImage));
    } else {
        ready.warning =
            "the image of Node.js is kept in memory only, and every process makes its own: " + kept.error().message;
    }
    return ready;
}

std::optional<ImageFile> find_image(const std::string& cache_folder, const std::string& key) {
    if (cache_folder.empty()) return std::nullopt;
    const auto folder = Folder::open(images_folder(cache_folder));
    if (!folder || !*folder) return std::nullopt;
    const std::string name = key + std::string(kImage);
    const auto file = (*folder)->open_file(name);
    if (!file || !*file) return std::nullopt;
    return ImageFile{.path = (*folder)->path_of(name), .bytes = (*file)->size};
}

void remove_images(const std::string& cache_folder) {
    if (cache_folder.empty()) return;
    const auto folder = Folder::open(images_folder(cache_folder));
    if (!folder || !*folder) return;
    for (const std::string& name : (*folder)->names()) {
        if (name.ends_with(kImage) || name.ends_with(kLock)) (*folder)->remove_file(name);
    }
}

}  // namespace curfew::engine
