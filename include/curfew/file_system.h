// Where the modules that scripts import come from.
//
// A FileSystem is a namespace of folders and files, which need not have anything to do with the machine's own. Three are
// here; write another to take modules from somewhere else. docs/modules.md says how an import becomes a path.
#ifndef CURFEW_FILE_SYSTEM_H
#define CURFEW_FILE_SYSTEM_H

#include <curfew/language.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_path.h>

namespace curfew {

// Paths are UTF-8 without NUL and backslash, begin with '/', and are normal: no empty segment, no "." or "..", no '/' at
// the end but in "/" itself. Only such paths are passed in, up to kLongestPath bytes; what they name comes from the guest.
//
// Const functions must be thread-safe: one file system serves any number of sandboxes at once. They run on the thread
// that calls into the sandbox, and the time that they take is charged to the invocation.
class CURFEW_EXPORT FileSystem {
  public:
    static constexpr std::size_t kLongestPath = 4096;

    enum class Kind { file, folder };

    struct Entry {
        Kind kind;
        std::string
            path;  // the one path of this file, whichever links led to it; as a rule, the path that was asked for
    };

    virtual ~FileSystem() = default;

    // What is at a path; nothing if nothing is. An error stops the import that looks: its message is passed on.
    [[nodiscard]] virtual Result<std::optional<Entry>> find(std::string_view path) const = 0;

    // A file's content; nothing if no file is there. It has to be UTF-8, which the caller checks.
    [[nodiscard]] virtual Result<std::optional<std::string>> read(std::string_view path) const = 0;

  protected:
    FileSystem() = default;
    FileSystem(const FileSystem&) = default;
    FileSystem& operator=(const FileSystem&) = default;
};

// A file that is part of the program. Neither is copied: both have to stay valid.
struct EmbeddedFile {
    std::string_view path;
    std::string_view content;
};

// Files that are part of the program: given inline as literals, or compiled in by the CMake function
// curfew_embed_modules. Only the list is copied, never the content.
class CURFEW_EXPORT EmbeddedFileSystem final : public FileSystem {
  public:
    // Throws std::invalid_argument for a path that is not normal, is there twice, or is both a file and a folder.
    EmbeddedFileSystem(std::initializer_list<EmbeddedFile> files);
    explicit EmbeddedFileSystem(std::span<const EmbeddedFile> files);

    // Moving copies: one that was moved from keeps its files.
    EmbeddedFileSystem(const EmbeddedFileSystem&) = default;
    EmbeddedFileSystem& operator=(const EmbeddedFileSystem&) = default;

    [[nodiscard]] Result<std::optional<Entry>> find(std::string_view path) const override;
    [[nodiscard]] Result<std::optional<std::string>> read(std::string_view path) const override;

  private:
    struct Files;
    std::shared_ptr<const Files> files_;
};

// Files in memory, which may be added and removed at any time, from any thread. A sandbox keeps the modules that it has
// loaded: changes are seen by what is imported later.
class CURFEW_EXPORT MemoryFileSystem final : public FileSystem {
  public:
    MemoryFileSystem();
    ~MemoryFileSystem() override;
    MemoryFileSystem(const MemoryFileSystem&) = delete;
    MemoryFileSystem& operator=(const MemoryFileSystem&) = delete;

    // Adds a file, or replaces its content. Fails with `invalid_argument` for a path that is not normal, or that would
    // be both a file and a folder. Folders come and go with their files.
    [[nodiscard]] Result<void> add(std::string_view path, std::string content);

    // False if there is no such file.
    bool remove(std::string_view path);

    [[nodiscard]] Result<std::optional<Entry>> find(std::string_view path) const override;
    [[nodiscard]] Result<std::optional<std::string>> read(std::string_view path) const override;

  private:
    struct Files;
    std::unique_ptr<Files> files_;
};

// The files below a folder of the machine, and nothing else: `..`, absolute paths and symbolic links do not lead out of
// it. The kernel holds to that while it looks a path up (openat2), so that nothing can be moved or replaced in between.
// Symbolic links that stay inside work if they are relative; absolute ones are refused, wherever they lead. Only regular
// files are read. What is mounted below the folder belongs to it, and so do hard links.
class CURFEW_EXPORT DirectoryFileSystem final : public FileSystem {
  public:
    static constexpr std::uint64_t kDefaultMaxFileSize = 16 << 20;

    struct Options {
        std::string mount_point{};  // where the folder's content appears; the folder's real path if empty
        std::uint64_t max_file_size = kDefaultMaxFileSize;  // bytes; larger files are refused
    };

    // Fails with `invalid_argument` if the folder cannot be opened or the mount point is not a normal path, and with
    // `unavailable` where the kernel has no openat2 (Linux 5.6), or a container profile forbids it. The folder stays the
    // same one if it is renamed later.
    [[nodiscard]] static Result<std::shared_ptr<const DirectoryFileSystem>> open(const FilePath& folder,
                                                                                 Options options);
    [[nodiscard]] static Result<std::shared_ptr<const DirectoryFileSystem>> open(const FilePath& folder) {
        return open(folder, Options());
    }

    ~DirectoryFileSystem() override;
    DirectoryFileSystem(const DirectoryFileSystem&) = delete;
    DirectoryFileSystem& operator=(const DirectoryFileSystem&) = delete;

    const std::string& mount_point() const noexcept { return mount_point_; }

    [[nodiscard]] Result<std::optional<Entry>> find(std::string_view path) const override;
    [[nodiscard]] Result<std::optional<std::string>> read(std::string_view path) const override;

  private:
    struct Folder;
    DirectoryFileSystem(std::unique_ptr<const Folder> folder, std::string mount_point, std::uint64_t max_file_size);

    // The path below the folder; nothing if it is not below the mount point.
    std::optional<std::string> below(std::string_view path) const;
    std::string path_of(int file, std::string_view asked) const;

    std::unique_ptr<const Folder> folder_;
    std::string mount_point_;
    std::uint64_t max_file_size_;
};

}  // namespace curfew

#endif
