// Images of Node.js: made when they are first needed, and kept in files for all processes of this user.
//
//   <cache folder>/images/KEY.image   what wire/frozen_image.h states
//   <cache folder>/images/KEY.lock    held by the process that makes it
//
// Cells map the file itself, so that all processes share its memory and a start costs no copy. Nobody but its owner can write it, and
// this library never does: another file takes its place. Where it cannot be mapped as code (a file system that is mounted noexec),
// a sealed copy in memory serves.
#ifndef CURFEW_ENGINE_IMAGE_CACHE_H
#define CURFEW_ENGINE_IMAGE_CACHE_H

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <curfew/error.h>

#include "cell/memory_file.h"
#include "engine/node/freezer.h"

namespace curfew::engine {

using Freeze = std::function<Result<void>(const FreezeRequest&)>;

struct ImageRequest {
    std::string key;  // 32 characters: image_key()
    int program = -1;
    Freeze freeze;
    std::function<void()> on_making{};                                 // called if it has to be made, before it is
    std::chrono::milliseconds longest_wait = std::chrono::minutes(2);  // for another process that makes it
    bool is_damaged = false;  // the caller had it, and it was of no use: it is made anew
};

struct ReadyImage {
    cell::MemoryFile file;  // sealed, or of the file that is kept
    std::string path;       // where it is kept; empty: in this process only
    bool was_made = false;  // by this call
    std::string
        warning{};  // why it is not kept, or why the one that was there was not taken; a sentence without its full stop
};

// In a cache folder; with none, "", images are in memory only. Whatever is wrong with the folder costs time in the next process and
// is a warning, never a failure: fails only as the freezer does, or with `unavailable` where there is no memory. Thread-safe.
Result<ReadyImage> ready_image(const std::string& cache_folder, const ImageRequest& request);

struct ImageFile {
    std::string path;
    std::uint64_t bytes;
};
// The file of that key, if it is there and may be trusted. Its content is not looked at.
std::optional<ImageFile> find_image(const std::string& cache_folder, const std::string& key);

// Removes all images. Cells that are made of them are not affected.
void remove_images(const std::string& cache_folder);

}  // namespace curfew::engine

#endif
