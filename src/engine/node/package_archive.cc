#include "engine/node/package_archive.h"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/quantity_text.h"
#include "engine/store/tool.h"

namespace curfew::engine {

namespace {

using base::fail;

constexpr std::string_view kSha512 = "sha512-";

int digit_of(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string base64_of(const std::string& hexadecimal) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    unsigned bits = 0;
    unsigned count = 0;
    for (const char c : hexadecimal) {
        bits = bits << 4 | static_cast<unsigned>(digit_of(c));
        count += 4;
        if (count < 6) continue;
        count -= 6;
        text += kDigits[bits >> count & 63];
    }
    if (count > 0) text += kDigits[bits << (6 - count) & 63];
    while (text.size() % 4 != 0) text += '=';
    return text;
}

// Gives a member's content to `take`, piece by piece. Unpacking to standard output makes no files, whatever the archive wants.
Result<std::uint64_t> stream_member(int archive, std::string_view member, std::uint64_t most, const ToolOutput& take) {
    const std::string path = "package/" + std::string(member);
    std::uint64_t length = 0;
    const auto bounded = [&](std::span<const std::byte> bytes) -> Result<void> {
        length += bytes.size();
        if (length > most) {
            return fail(ErrorCode::invalid_argument,
                        path + " in the archive is longer than " + base::size_text(most) + ", which it may have");
        }
        return take(bytes);
    };
    const ToolRequest unpack{
        .command = {"tar", "--extract", "--gzip", "--to-stdout", "--no-recursion", "--file=-", "--", path},
        .package = "tar",
        .input = archive};
    if (auto ran = run_tool(unpack, bounded); !ran) {
        Error error = std::move(ran.error());
        // A tool that is there and fails, complains of the archive.
        if (error.code == ErrorCode::internal) {
            error = {.code = ErrorCode::invalid_argument,
                     .message = "the archive cannot be unpacked: " + error.message};
        }
        return std::unexpected(std::move(error));
    }
    if (length == 0) return fail(ErrorCode::invalid_argument, "the archive has no file " + path + ", or an empty one");
    return length;
}

}  // namespace

Result<std::string> integrity_of(int archive) {
    const auto hash = sha2_of(archive, 512);
    if (!hash) return hash;
    return std::string(kSha512) + base64_of(*hash);
}

std::string sha512_in(std::string_view integrity) {
    while (!integrity.empty()) {
        const std::string_view word = integrity.substr(0, integrity.find_first_of(" \n"));
        if (word.starts_with(kSha512)) return std::string(word);
        integrity.remove_prefix(word.size() < integrity.size() ? word.size() + 1 : word.size());
    }
    return {};
}

Result<std::string> read_member(int archive, std::string_view member, std::uint64_t most) {
    std::string content;
    const auto read = stream_member(archive, member, most, [&](std::span<const std::byte> bytes) -> Result<void> {
        content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
    });
    if (!read) return std::unexpected(read.error());
    return content;
}

Result<void> unpack_member(int archive, std::string_view member, std::uint64_t most, const Folder& folder,
                           const std::string& name, bool executable) {
    auto draft = folder.begin_file(executable);
    if (!draft) return std::unexpected(draft.error());
    const auto unpacked = stream_member(archive, member, most, [&](std::span<const std::byte> bytes) {
        return write_all(draft->descriptor.get(), folder.path_of(name), bytes);
    });
    if (!unpacked) {
        folder.remove_file(draft->name);
        return std::unexpected(unpacked.error());
    }
    return folder.finish_file(*draft, name);
}

}  // namespace curfew::engine
