// Folders and files that are trusted because of whose they are: programs that will be run and images that become the memory of cells
// lie in them. What belongs to this process's user or to root, and can be written by nobody else, is taken; all else is not.
#ifndef CURFEW_ENGINE_FOLDER_H
#define CURFEW_ENGINE_FOLDER_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <curfew/error.h>

#include "base/descriptor.h"

namespace curfew::engine {

// Where engines' packages and images are kept: CURFEW_CACHE_DIR, else "curfew" in XDG_CACHE_HOME, else ".cache/curfew" in HOME.
// Empty if the environment names none of these.
std::string cache_folder();

// A file that was looked at once it was open.
struct OwnFile {
    base::Descriptor descriptor{};
    std::uint64_t size = 0;
    std::int64_t changed = 0;  // seconds since 1970
};

// Errors of all that follows are `unavailable`, in words that name the path.
class Folder {
  public:
    // Nothing if there is none of that name. Fails if it is not to be trusted, or cannot be entered.
    static Result<std::optional<Folder>> open(std::string path);

    // Makes it, and what is missing above it, for everybody to read and this user to write.
    static Result<Folder> make(const std::string& path);

    const std::string& path() const noexcept { return path_; }
    std::string path_of(const std::string& name) const { return path_ + "/" + name; }

    // Opens a file of the folder for reading, or for both if this user may write it. No link is followed.
    Result<std::optional<OwnFile>> open_file(const std::string& name) const;

    // Waits until no other process and no other thread has the lock of that name, but not for ever. It is had until the
    // descriptor is dropped.
    Result<base::Descriptor> lock(const std::string& name, std::chrono::milliseconds longest_wait) const;

    // A new file, under a name that nobody has, and which starts with a point.
    struct Draft {
        base::Descriptor descriptor;
        std::string name;
    };
    Result<Draft> begin_file(bool executable = false) const;

    // Gives a file that was begun its name, in the place of one that has it, once all of it is on the disk. The draft is gone on failure.
    Result<void> finish_file(const Draft& draft, const std::string& name) const;

    // Nothing happens if there is none.
    void remove_file(const std::string& name) const noexcept;

    // The names in it that do not start with a point, in order; empty if it cannot be read.
    std::vector<std::string> names() const;

    // Those files that processes have begun and never finished: an hour ago or longer.
    void remove_old_drafts() const noexcept;

    int descriptor() const noexcept { return descriptor_.get(); }

  private:
    Folder(base::Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    base::Descriptor descriptor_;
    std::string path_;
};

// Writes all of it, at the end of what was written. Unlike write() it does not end a process that has a limit on the size of
// files, but fails.
Result<void> write_all(int descriptor, const std::string& path, std::span<const std::byte> bytes);

}  // namespace curfew::engine

#endif
