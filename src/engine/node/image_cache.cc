#include "engine/node/image_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

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

// A file's content, to be read.
class View {
  public:
    View(int descriptor, std::uint64_t size) noexcept : size_(size) {
        address_ = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
    }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    ~View() {
        if (*this) ::munmap(address_, size_);
    }
    explicit operator bool() const noexcept { return address_ != MAP_FAILED; }
    std::span<const std::byte> bytes() const noexcept { return {static_cast<const std::byte*>(address_), size_}; }

  private:
    void* address_;
    std::size_t size_;
};

std::unexpected<Error> no_memory(int error) {
    return fail(ErrorCode::unavailable, "there is no memory for the image of Node.js (" +
                                            std::generic_category().message(error) +
                                            "); free some, or raise the container's memory limit");
}

std::uint64_t checksum_of(std::span<const std::byte> image) {
    constexpr std::size_t kBefore = offsetof(FrozenHeader, checksum), kBehind = kBefore + sizeof FrozenHeader::checksum;
    base::Checksum sum;
    sum.add(image.first(kBefore));
    sum.add(image.subspan(kBehind));
    return sum.value();
}

// What is wrong with it; empty if it is whole, and has this key.
std::string fault_of(const MemoryFile& image, const std::string& key) {
    const View view(image.descriptor(), image.size());
    if (!view) return "it cannot be mapped";
    FrozenHeader header{};
    std::memcpy(&header, view.bytes().data(), sizeof header);
    if (std::memcmp(header.magic, wire::kFrozenMagic, sizeof header.magic) != 0) return "it is no image";
    if (header.layout != wire::kFrozenLayout) return "it is of another version";
    if (header.file_length != image.size()) return "it was cut";
    if (std::memcmp(header.key, key.data(), sizeof header.key) != 0) return "it was made of something else";
    if (header.checksum != checksum_of(view.bytes())) return "it was changed: its checksum is wrong";
    return {};
}

// A copy in memory that nobody can change any more.
Result<MemoryFile> copy_of(const OwnFile& file) {
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
    const View view(image->descriptor(), image->size());
    if (image->size() < wire::kPageSize || !view)
        return fail(ErrorCode::internal, "Node.js was frozen, but left no image");
    std::memcpy(&header, view.bytes().data(), sizeof header);
    if (std::memcmp(header.magic, wire::kFrozenMagic, sizeof header.magic) != 0 ||
        header.layout != wire::kFrozenLayout || header.file_length != image->size()) {
        return fail(ErrorCode::internal, "Node.js was frozen, but what it left is no image");
    }
    // The view shows what is written, so that the key counts.
    const auto put = [&](std::size_t offset, const void* from, std::size_t size) {
        return ::pwrite(image->descriptor(), from, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
    };
    if (!put(offsetof(FrozenHeader, key), request.key.data(), sizeof header.key)) return no_memory(errno);
    const std::uint64_t checksum = checksum_of(view.bytes());
    if (!put(offsetof(FrozenHeader, checksum), &checksum, sizeof checksum)) return no_memory(errno);
    if (auto sealed = image->seal(); !sealed) return std::unexpected(sealed.error());
    return image;
}

struct Looked {
    std::optional<MemoryFile> image;
    std::string fault;  // of one that is there and cannot be taken
};

Result<Looked> look_for(const Folder& folder, const ImageRequest& request) {
    const std::string name = request.key + std::string(kImage);
    const auto file = folder.open_file(name);
    if (!file) return Looked{.image = {}, .fault = file.error().message};
    if (!*file) return Looked{};
    if ((*file)->size < wire::kPageSize || (*file)->size > kLargest) {
        return Looked{.image = {}, .fault = base::shown(folder.path_of(name)) + " is no image"};
    }
    auto copy = copy_of(**file);
    if (!copy) return std::unexpected(copy.error());
    if (const std::string fault = fault_of(*copy, request.key); !fault.empty()) {
        return Looked{.image = {}, .fault = base::shown(folder.path_of(name)) + " cannot be used, since " + fault};
    }
    return Looked{.image = std::move(*copy), .fault = {}};
}

// What an interrupted process has left, and images that nobody has used for a month.
void tidy(const Folder& folder) {
    constexpr std::int64_t kKept = std::int64_t{30} * 24 * 3600;
    folder.remove_old_drafts();
    for (const std::string& name : folder.names()) {
        if (!name.ends_with(kImage)) continue;
        const auto file = folder.open_file(name);
        if (file && *file && ::time(nullptr) - (*file)->changed > kKept) folder.remove_file(name);
    }
}

// The time of change says when an image was last of use, to the day.
void note_use(const Folder& folder, const std::string& name) {
    const auto file = folder.open_file(name);
    constexpr std::int64_t kDay = 24 * 3600;
    if (file && *file && ::time(nullptr) - (*file)->changed > kDay) ::futimens((*file)->descriptor.get(), nullptr);
}

Result<void> keep(const Folder& folder, const MemoryFile& image, const std::string& key) {
    const View view(image.descriptor(), image.size());
    if (!view) return no_memory(errno);
    tidy(folder);
    auto draft = folder.begin_file();
    if (!draft) return std::unexpected(draft.error());
    const std::string name = key + std::string(kImage);
    if (auto written = write_all(draft->descriptor.get(), folder.path_of(name), view.bytes()); !written) {
        folder.remove_file(draft->name);
        return written;
    }
    return folder.finish_file(*draft, name);
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
