#include "engine/node/image_key.h"

#include <sys/stat.h>

#include <array>

#include "base/checksum.h"
#include "base/text.h"
#include "wire/frozen_image.h"

namespace curfew::engine {

namespace {

// Those that bin/node loads, and where the loader of this architecture finds them.
constexpr std::array kLibraries{"ld-linux-x86-64.so.2", "libc.so.6",      "libm.so.6",     "libdl.so.2",
                                "libpthread.so.0",      "libstdc++.so.6", "libgcc_s.so.1", "libatomic.so.1"};
constexpr std::array kFolders{
    "/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/", "/lib64/", "/usr/lib64/", "/lib/", "/usr/lib/"};

}  // namespace

std::string describe_system_libraries() {
    std::string text;
    for (const char* const library : kLibraries) {
        for (const char* const folder : kFolders) {
            struct stat status{};
            if (::stat((std::string(folder) + library).c_str(), &status) != 0) continue;
            text += std::string(library) + " " + std::to_string(status.st_size) + " " +
                    std::to_string(status.st_mtim.tv_sec) + "\n";
            break;
        }
    }
    return text;
}

std::string image_key(std::span<const std::byte> guest_library, const std::string& program_identity, bool jitless) {
    const std::string all = "layout " + std::to_string(wire::kFrozenLayout) + "\nguest " +
                            base::hexadecimal(base::fingerprint_of(guest_library)) + "\nprogram " + program_identity +
                            (jitless ? "\njitless\n" : "\n") + describe_system_libraries() + describe_processor();
    return base::hexadecimal(base::fingerprint_of(std::as_bytes(std::span(all))));
}

}  // namespace curfew::engine
