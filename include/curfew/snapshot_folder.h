// Snapshots in a folder, under names of their own choice: a tag is a name that may come to mean another snapshot, a digest
// is that of one snapshot's content for ever.
//
//   curfew::SnapshotFolder folder("/var/lib/app/snapshots");
//   auto digest = folder.save(snapshot, "nightly");              // Result: "sha256:9f86d0..."
//   auto same = folder.load("nightly");                          // or folder.load(*digest)
#ifndef CURFEW_SNAPSHOT_FOLDER_H
#define CURFEW_SNAPSHOT_FOLDER_H

#include <curfew/language.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_path.h>
#include <curfew/snapshot.h>

namespace curfew {

// A plain value: the folder itself is looked at by each function. Any number of threads and processes may use a folder at
// once. Files in it may be read and written by their owner only.
class CURFEW_EXPORT SnapshotFolder {
  public:
    static constexpr std::size_t kLongestTag = 128;

    // Nothing is looked at before it is used.
    explicit SnapshotFolder(const FilePath& path);

    // Saves a snapshot, and has the tag mean it from now on; what the tag meant before can still be loaded by its digest.
    // Makes the folder if it is not there; not those above it. A tag has letters, digits, '_', '.' and '-' of ASCII, up to
    // kLongestTag, and begins with neither '.' nor '-'. Returns the digest: "sha256:" and 64 digits. Fails with
    // `invalid_argument` for another tag, and as Snapshot::save does.
    [[nodiscard]] Result<std::string> save(const Snapshot& snapshot, std::string_view tag) const;

    // The snapshot that a tag means, or that has this digest. Fails with `invalid_argument` if there is none, if its content
    // is not that of the digest, and as Snapshot::load does.
    [[nodiscard]] Result<Snapshot> load(std::string_view tag_or_digest) const;

    // The same without computing the digest, for folders whose files were checked before. Snapshot::load's own checks remain.
    [[nodiscard]] Result<Snapshot> load_unverified(std::string_view tag_or_digest) const;

    // The digest that a tag means. Fails as load() does.
    [[nodiscard]] Result<std::string> digest_of(std::string_view tag) const;

    // All tags, sorted. None if there is no such folder.
    [[nodiscard]] Result<std::vector<std::string>> tags() const;

    // Forgets a tag. Fails with `invalid_argument` if there is none.
    [[nodiscard]] Result<void> remove(std::string_view tag) const;

    // Deletes the snapshots that no tag means any more, and returns how many. Not while others save into the folder: it could
    // delete what they are about to give a tag.
    [[nodiscard]] Result<std::size_t> remove_untagged() const;

  private:
    std::string path_;
};

}  // namespace curfew

#endif
