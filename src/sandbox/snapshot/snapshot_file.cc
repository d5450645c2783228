#include "sandbox/snapshot/snapshot_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/sha256.h"
#include "cell/descriptor.h"
#include "sandbox/failure.h"
#include "sandbox/snapshot/snapshot_description.h"
#include "wire/layout.h"

namespace curfew::sandbox {

namespace {

using cell::Descriptor;

constexpr std::array<char, 8> kMagic{'\x89', 'c', 'u', 'r', 'f', 'e', 'w', '\n'};
constexpr std::uint32_t kFormat = 5;
constexpr std::uint64_t kMaxDescription = 16 << 20;
constexpr std::uint64_t kMaxMemory = wire::kMaxHeapSize + wire::kMaxStackSize + (wire::kImageLimit - wire::kImageBase);
constexpr std::size_t kChunk = 256 << 10;

struct Header {
    std::array<char, 8> magic;
    std::uint32_t format;
    std::uint32_t description_length;
    std::uint64_t memory_length;
    std::uint64_t memory_checksum;
    base::Sha256::Digest memory_digest;  // of a signed file; else zero
    base::Sha256::Digest signature;      // of what stands before it, and the description; zero: none
    std::uint64_t checksum;              // likewise
};
static_assert(sizeof(Header) == 104 && offsetof(Header, signature) == 64 && offsetof(Header, checksum) == 96);

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::uint64_t checksum_of(const Header& header, std::string_view description) {
    base::Checksum sum;
    sum.add(std::as_bytes(std::span(&header, 1)).first(offsetof(Header, checksum)));
    sum.add(bytes_of(description));
    return sum.value();
}

base::Sha256::Digest signature_of(const Header& header, std::string_view description, const SigningKey& key) {
    base::HmacSha256 hmac(key.bytes());
    hmac.add(std::as_bytes(std::span(&header, 1)).first(offsetof(Header, signature)));
    hmac.add(bytes_of(description));
    return hmac.finish();
}

std::string words_for(int error) { return std::generic_category().message(error); }

// --- Saving ---

bool is_zero_page(const std::byte* page) {
    static constexpr std::array<std::byte, wire::kPageSize> kZeros{};
    return std::memcmp(page, kZeros.data(), kZeros.size()) == 0;
}

// Where memory is that is not zero. The file has holes where it was zero, but a cell that read there has filled them.
Result<std::vector<PageRun>> runs_of(const cell::MemoryFile& file) {
    std::vector<PageRun> runs;
    std::vector<std::byte> chunk(kChunk);
    const auto size = static_cast<off_t>(file.size());
    for (off_t at = 0; at < size;) {
        const off_t begin = ::lseek(file.descriptor(), at, SEEK_DATA);
        if (begin < 0) break;
        off_t end = ::lseek(file.descriptor(), begin, SEEK_HOLE);
        if (end < 0) end = size;
        at = std::min(end, begin + static_cast<off_t>(kChunk));
        const auto pages = std::span(chunk).first(static_cast<std::size_t>(at - begin));
        const auto offset = static_cast<std::uint64_t>(begin);
        if (auto read = file.read(offset, pages); !read) return std::unexpected(read.error());
        for (std::size_t page = 0; page < pages.size(); page += wire::kPageSize) {
            if (is_zero_page(&pages[page])) continue;
            if (!runs.empty() && runs.back().offset + runs.back().length == offset + page) {
                runs.back().length += wire::kPageSize;
            } else {
                runs.push_back({offset + page, wire::kPageSize});
            }
        }
    }
    return runs;
}

// A file that takes its name only when it is complete; it is gone otherwise.
class NewFile {
  public:
    explicit NewFile(const std::filesystem::path& path)
        : path_(path), folder_(path.has_parent_path() ? path.parent_path() : std::filesystem::path(".")) {
        std::string name = (folder_ / ("." + path.filename().string() + ".XXXXXX")).string();
        file_ = Descriptor(::mkostemp(name.data(), O_CLOEXEC));  // readable and writable for its owner only
        if (file_) name_ = name;
    }
    ~NewFile() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    // Of all functions: false if it failed; errno says why.
    explicit operator bool() const noexcept { return static_cast<bool>(file_); }

    bool write(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return true;
    }

    // Writes over the file's beginning.
    bool write_first(std::span<const std::byte> bytes) {
        return ::lseek(file_.get(), 0, SEEK_SET) == 0 && write(bytes);
    }

    // On disk before it has its name, so that there is never a name of a file that is not whole.
    bool finish() {
        if (::fsync(file_.get()) != 0 || ::rename(name_.c_str(), path_.c_str()) != 0) return false;
        name_.clear();
        const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return folder && (::fsync(folder.get()) == 0 || errno == EINVAL);  // some file systems cannot
    }

  private:
    std::filesystem::path path_;
    std::filesystem::path folder_;
    Descriptor file_;
    std::string name_{};  // empty: it was not made, or has its final name
};

}  // namespace

Result<void> save_state(const SavedState& state, const std::filesystem::path& path, const SigningKey* key) {
    const auto failed = [&](ErrorCode code, const std::string& why) {
        return fail(code, "the snapshot was not saved to " + path.string() + ": " + why);
    };
    if (!path.has_filename()) return failed(ErrorCode::invalid_argument, "the path names no file");
    struct stat there{};
    if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
        return failed(ErrorCode::invalid_argument,
                      S_ISDIR(there.st_mode) ? "it is a folder; name a file in it" : "it is no regular file");
    }
    const bool has_memory = state.kind == SnapshotKind::loaded_sandbox;
    const cell::MemoryFile* const memory = state.memory && state.memory->state ? &*state.memory->state : nullptr;
    if (has_memory && memory == nullptr) return failed(ErrorCode::internal, "it has no memory");

    NewFile file(path);
    if (!file) return failed(ErrorCode::invalid_argument, words_for(errno));
    const auto written = [&](bool done) -> Result<void> {
        if (done) return {};
        return failed(ErrorCode::unavailable, words_for(errno));
    };
    using Runs = Result<std::vector<PageRun>>;
    const Runs runs = has_memory ? runs_of(*memory) : Runs();
    if (!runs) return std::unexpected(runs.error());
    const auto described = describe(state, *runs);
    if (!described) return std::unexpected(described.error());
    const std::string& description = *described;
    if (description.size() > kMaxDescription) {
        return failed(
            ErrorCode::invalid_argument,
            "its handlers, host functions and open calls have more than 16 MiB of names, scripts and arguments");
    }
    Header header{.magic = kMagic,
                  .format = kFormat,
                  .description_length = static_cast<std::uint32_t>(description.size()),
                  .memory_length = 0,
                  .memory_checksum = 0,
                  .memory_digest = {},
                  .signature = {},
                  .checksum = 0};
    const auto header_bytes = std::as_bytes(std::span(&header, 1));
    if (auto done = written(file.write(header_bytes) && file.write(bytes_of(description))); !done) return done;

    std::vector<std::byte> chunk(kChunk);
    base::Checksum sum;
    base::Sha256 digest;
    for (const PageRun& run : *runs) {
        for (std::uint64_t done = 0; done < run.length;) {
            const auto piece = std::span(chunk).first(std::min<std::uint64_t>(kChunk, run.length - done));
            if (auto read = memory->read(run.offset + done, piece); !read) return read;
            sum.add(piece);
            if (key != nullptr) digest.add(piece);
            if (auto out = written(file.write(piece)); !out) return out;
            done += piece.size();
        }
        header.memory_length += run.length;
    }
    header.memory_checksum = sum.value();
    if (key != nullptr) {
        header.memory_digest = digest.finish();
        header.signature = signature_of(header, description, *key);
    }
    header.checksum = checksum_of(header, description);
    return written(file.write_first(header_bytes) && file.finish());
}

// --- Loading ---

namespace {

// What no run has: a file with holes would claim much more than it has.
bool has_zero_page(std::span<const std::byte> pages) {
    for (std::size_t page = 0; page < pages.size(); page += wire::kPageSize) {
        if (is_zero_page(&pages[page])) return true;
    }
    return false;
}

// Reads a file from its beginning to its end.
class Source {
  public:
    explicit Source(const std::filesystem::path& path) : path_(path) {}

    std::unexpected<Error> refuse(const std::string& why) const {
        return fail(ErrorCode::invalid_argument, "the snapshot " + path_.string() + " cannot be loaded: " + why);
    }

    Result<void> open() {
        // Without waiting, should it be a pipe.
        file_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (!file_) return refuse(errno == ENOENT ? "there is no such file" : words_for(errno));
        struct stat status{};
        if (::fstat(file_.get(), &status) != 0) return refuse(words_for(errno));
        if (S_ISDIR(status.st_mode)) return refuse("it is a folder");
        if (!S_ISREG(status.st_mode)) return refuse("it is no regular file");
        size_ = static_cast<std::uint64_t>(status.st_size);
        return {};
    }

    std::uint64_t size() const noexcept { return size_; }

    Result<void> read(std::span<std::byte> to) {
        while (!to.empty()) {
            const ssize_t got = ::read(file_.get(), to.data(), to.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return refuse(words_for(errno));
            if (got == 0) return refuse("it ends too early");
            to = to.subspan(static_cast<std::size_t>(got));
        }
        return {};
    }

  private:
    std::filesystem::path path_;
    Descriptor file_;
    std::uint64_t size_ = 0;
};

Result<Header> read_header(Source& source) {
    if (source.size() == 0) return source.refuse("it is empty");
    Header header{};
    if (source.size() < sizeof header) return source.refuse("it is not a snapshot of Curfew, or was cut short");
    if (auto done = source.read(std::as_writable_bytes(std::span(&header, 1))); !done) {
        return std::unexpected(done.error());
    }
    if (header.magic != kMagic) return source.refuse("it is not a snapshot of Curfew");
    if (header.format > kFormat) {
        return source.refuse("it has format " + std::to_string(header.format) +
                             ", of a newer version of Curfew; this one reads format " + std::to_string(kFormat));
    }
    if (header.format == 0) return source.refuse("it was altered: there is no format 0");
    if (header.format < kFormat) {
        return source.refuse("it has format " + std::to_string(header.format) +
                             ", of an older version of Curfew; this one reads format " + std::to_string(kFormat) +
                             ". Save it again with this one");
    }
    if (header.description_length > kMaxDescription || header.memory_length > kMaxMemory) {
        return source.refuse("it was altered, or is too large: it claims more than any snapshot has");
    }
    const std::uint64_t size = sizeof header + header.description_length + header.memory_length;
    if (source.size() < size) {
        return source.refuse("it was cut short: it has " + std::to_string(source.size()) + " of " +
                             std::to_string(size) + " bytes");
    }
    if (source.size() > size) {
        return source.refuse("it is too large: it has " + std::to_string(source.size()) + " bytes in place of " +
                             std::to_string(size));
    }
    return header;
}

Result<cell::MemoryFile> read_memory(Source& source, const Header& header, const Description& description,
                                     const SigningKey* key) {
    auto file = cell::MemoryFile::create("curfew-snapshot", description.size);
    if (!file) return file;
    std::vector<std::byte> chunk(kChunk);
    base::Checksum sum;
    base::Sha256 digest;
    for (const PageRun& run : description.runs) {
        for (std::uint64_t done = 0; done < run.length;) {
            const auto piece = std::span(chunk).first(std::min<std::uint64_t>(kChunk, run.length - done));
            if (auto read = source.read(piece); !read) return std::unexpected(read.error());
            if (has_zero_page(piece)) return source.refuse("it was altered: it claims to hold memory that it does not");
            sum.add(piece);
            if (key != nullptr) digest.add(piece);
            if (auto written = file->write(run.offset + done, piece); !written) return std::unexpected(written.error());
            done += piece.size();
        }
    }
    if (sum.value() != header.memory_checksum) return source.refuse("it was altered: its checksum is wrong");
    if (key != nullptr && !base::equal_in_constant_time(digest.finish(), header.memory_digest)) {
        return source.refuse("it was altered: its memory is not what was signed");
    }
    if (auto sealed = file->seal(); !sealed) return std::unexpected(sealed.error());
    return file;
}

}  // namespace

Result<std::shared_ptr<const SavedState>> load_state(const std::filesystem::path& path, const SigningKey* key) {
    Source source(path);
    if (auto opened = source.open(); !opened) return std::unexpected(opened.error());
    const auto header = read_header(source);
    if (!header) return std::unexpected(header.error());
    std::string text(header->description_length, '\0');
    if (auto done = source.read(std::as_writable_bytes(std::span(text))); !done) return std::unexpected(done.error());
    if (header->checksum != checksum_of(*header, text)) return source.refuse("it was altered: its checksum is wrong");

    if (key != nullptr) {
        if (header->signature == base::Sha256::Digest{}) {
            return source.refuse("it is not signed, and this host takes only what is signed with its key");
        }
        if (!base::equal_in_constant_time(header->signature, signature_of(*header, text, *key))) {
            return source.refuse("it was signed with another key, or altered since");
        }
    }

    auto description = parse_description(text);
    if (!description) {
        if (description.error().code != ErrorCode::invalid_argument) return std::unexpected(description.error());
        return source.refuse(description.error().message);
    }
    if (description->length_of_runs != header->memory_length) return source.refuse("its description makes no sense");
    if (!description->memory) return std::make_shared<const SavedState>(std::move(description->state));
    auto file = read_memory(source, *header, *description, key);
    if (!file) return std::unexpected(file.error());
    description->memory->state = std::move(*file);
    description->state.memory = std::move(description->memory);
    return std::make_shared<const SavedState>(std::move(description->state));
}

}  // namespace curfew::sandbox
