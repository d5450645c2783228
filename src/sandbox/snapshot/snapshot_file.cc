#include "sandbox/snapshot/snapshot_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/checksum.h"
#include "base/sha256.h"
#include "sandbox/failure.h"
#include "sandbox/snapshot/snapshot_description.h"
#include "wire/layout.h"

namespace curfew::sandbox {

namespace {

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

}  // namespace

Result<void> save_state(const SavedState& state, SnapshotSink& sink, const SigningKey* key) {
    const bool has_memory = state.kind == SnapshotKind::loaded_sandbox;
    const cell::MemoryFile* const memory = state.memory && state.memory->state ? &*state.memory->state : nullptr;
    if (has_memory && memory == nullptr) return sink.refuse(ErrorCode::internal, "it has no memory");
    if (auto opened = sink.open(); !opened) return opened;

    using Runs = Result<std::vector<PageRun>>;
    const Runs runs = has_memory ? runs_of(*memory) : Runs();
    if (!runs) return std::unexpected(runs.error());
    const auto described = describe(state, *runs);
    if (!described) return std::unexpected(described.error());
    const std::string& description = *described;
    if (description.size() > kMaxDescription) {
        return sink.refuse(
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
    if (auto done = sink.write(header_bytes); !done) return done;
    if (auto done = sink.write(bytes_of(description)); !done) return done;

    std::vector<std::byte> chunk(kChunk);
    base::Checksum sum;
    base::Sha256 digest;
    for (const PageRun& run : *runs) {
        for (std::uint64_t done = 0; done < run.length;) {
            const auto piece = std::span(chunk).first(std::min<std::uint64_t>(kChunk, run.length - done));
            if (auto read = memory->read(run.offset + done, piece); !read) return read;
            sum.add(piece);
            if (key != nullptr) digest.add(piece);
            if (auto out = sink.write(piece); !out) return out;
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
    return sink.finish(header_bytes);
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

Result<Header> read_header(SnapshotSource& source) {
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

Result<cell::MemoryFile> read_memory(SnapshotSource& source, const Header& header, const Description& description,
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

Result<std::shared_ptr<const SavedState>> load_state(SnapshotSource& source, const SigningKey* key) {
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
