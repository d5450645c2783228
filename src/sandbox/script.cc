#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <curfew/script.h>

#include "base/utf8.h"
#include "sandbox/code/type_stripper.h"
#include "sandbox/failure.h"

namespace curfew {

Result<Script> Script::from_file(const FilePath& file_path) {
    const std::filesystem::path path = file_path.text();
    const auto unreadable = [&](const std::string& why) {
        return sandbox::fail(ErrorCode::invalid_argument, "the script " + path.string() + " cannot be read: " + why);
    };
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) return unreadable("there is no such file");
    if (std::filesystem::is_directory(status)) return unreadable("it is a folder; name a JavaScript file in it");
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string source;
    std::array<char, 65536> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read
    while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
        source.append(piece.data(), static_cast<std::size_t>(file.gcount()));
        if (source.size() > kLargestFile) {
            return unreadable("it is larger than " + std::to_string(kLargestFile >> 20) + " MiB, or has no end");
        }
    }
    if (!file.is_open() || file.bad()) {
        return unreadable(std::generic_category().message(errno != 0 ? errno : EIO));
    }
    if (const std::size_t valid = base::valid_utf8_prefix(source); valid != source.size()) {
        return unreadable("it is not UTF-8 (at offset " + std::to_string(valid) + ")");
    }
    Script script(std::move(source), path.string());
    script.is_typescript_ = sandbox::is_typescript_name(script.name_);
    // A pipe has no folder; nor has a folder whose name is not UTF-8 one that modules can be looked for in.
    const std::filesystem::path real = std::filesystem::canonical(path, error);
    if (!error && std::filesystem::is_regular_file(status) && base::is_utf8(real.native())) {
        script.folder_ = real.parent_path().string();
    }
    return script;
}

}  // namespace curfew
