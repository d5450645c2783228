// Snapshots with a signature, in folders, and what is known of one.
#include <span>

#include <curfew/json.h>

#include "c/boundary.h"

using namespace curfew;
using namespace curfew::c;

curfew_error* curfew_signing_key_new(const void* bytes, size_t length, curfew_signing_key** out) {
    if (out == nullptr) return missing("the place for the key");
    *out = nullptr;
    if (bytes == nullptr) return missing("the key's secret");
    return guarded([&] {
        return hand_over(SigningKey::from_bytes(std::span(static_cast<const std::byte*>(bytes), length)), out);
    });
}

curfew_error* curfew_signing_key_from_file(const char* path, curfew_signing_key** out) {
    if (out == nullptr) return missing("the place for the key");
    *out = nullptr;
    if (path == nullptr) return missing("the file's path");
    return guarded([&] { return hand_over(SigningKey::from_file(path), out); });
}

void curfew_signing_key_free(curfew_signing_key* key) { delete key; }  // NOLINT: C's

curfew_error* curfew_snapshot_save_signed(const curfew_snapshot* snapshot, const char* path,
                                          const curfew_signing_key* key) {
    if (snapshot == nullptr) return missing("the snapshot");
    if (path == nullptr) return missing("the file's path");
    if (key == nullptr) return missing("the key");
    return guarded([&] { return outcome_of(snapshot->snapshot.save(path, key->key)); });
}

curfew_error* curfew_snapshot_load_signed(const char* path, const curfew_signing_key* key, curfew_snapshot** out) {
    if (out == nullptr) return missing("the place for the snapshot");
    *out = nullptr;
    if (path == nullptr) return missing("the file's path");
    if (key == nullptr) return missing("the key");
    return guarded([&] { return hand_over(Snapshot::load(path, key->key), out); });
}

void curfew_snapshot_look(const curfew_snapshot* snapshot, curfew_snapshot_info* info) {
    if (snapshot == nullptr) return;
    const Snapshot& known = snapshot->snapshot;
    give_out({.struct_size = sizeof(curfew_snapshot_info),
              .kind = known.kind() == SnapshotKind::sandbox ? CURFEW_SNAPSHOT_OF_SANDBOX : CURFEW_SNAPSHOT_OF_LOADED,
              .size = known.size(),
              .heap_size = known.heap_size(),
              .stack_size = known.stack_size(),
              .jitless = known.jitless() ? 1 : 0,
              .waits = known.waiting() ? 1 : 0},
             info);
}

curfew_error* curfew_snapshot_handlers(const curfew_snapshot* snapshot, curfew_text** out) {
    if (out == nullptr) return missing("the place for the names");
    *out = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&] { return hand_over_text(nlohmann::json(snapshot->snapshot.handlers()).dump(), out); });
}

curfew_error* curfew_snapshot_requirements(const curfew_snapshot* snapshot, curfew_text** out) {
    if (out == nullptr) return missing("the place for the requirements");
    *out = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    return guarded([&] {
        nlohmann::json modules = nlohmann::json::object();
        for (const auto& module : snapshot->snapshot.requirements().host_modules) {
            modules[module.module] = module.functions;
        }
        return hand_over_text(modules.dump(), out);
    });
}

curfew_error* curfew_snapshot_save_as(const curfew_snapshot* snapshot, const char* folder, const char* tag,
                                      curfew_text** digest) {
    if (digest != nullptr) *digest = nullptr;
    if (snapshot == nullptr) return missing("the snapshot");
    if (folder == nullptr) return missing("the folder");
    if (tag == nullptr) return missing("the tag");
    return guarded([&]() -> curfew_error* {
        auto saved = SnapshotFolder(folder).save(snapshot->snapshot, tag);
        if (!saved) return give(std::move(saved.error()));
        return digest == nullptr ? nullptr : hand_over_text(std::move(*saved), digest);
    });
}

curfew_error* curfew_snapshot_load_from(const char* folder, const char* tag_or_digest, curfew_snapshot** out) {
    if (out == nullptr) return missing("the place for the snapshot");
    *out = nullptr;
    if (folder == nullptr) return missing("the folder");
    if (tag_or_digest == nullptr) return missing("the tag or digest");
    return guarded([&] { return hand_over(SnapshotFolder(folder).load(tag_or_digest), out); });
}

curfew_error* curfew_folder_tags(const char* folder, curfew_text** out) {
    if (out == nullptr) return missing("the place for the tags");
    *out = nullptr;
    if (folder == nullptr) return missing("the folder");
    return guarded([&]() -> curfew_error* {
        auto tags = SnapshotFolder(folder).tags();
        return tags ? hand_over_text(nlohmann::json(*tags).dump(), out) : give(std::move(tags.error()));
    });
}

curfew_error* curfew_folder_digest(const char* folder, const char* tag, curfew_text** out) {
    if (out == nullptr) return missing("the place for the digest");
    *out = nullptr;
    if (folder == nullptr) return missing("the folder");
    if (tag == nullptr) return missing("the tag");
    return guarded([&] { return hand_over(SnapshotFolder(folder).digest_of(tag), out); });
}

curfew_error* curfew_folder_remove(const char* folder, const char* tag) {
    if (folder == nullptr) return missing("the folder");
    if (tag == nullptr) return missing("the tag");
    return guarded([&] { return outcome_of(SnapshotFolder(folder).remove(tag)); });
}

curfew_error* curfew_folder_remove_untagged(const char* folder, size_t* count) {
    if (count != nullptr) *count = 0;
    if (folder == nullptr) return missing("the folder");
    return guarded([&]() -> curfew_error* {
        auto removed = SnapshotFolder(folder).remove_untagged();
        if (!removed) return give(std::move(removed.error()));
        if (count != nullptr) *count = *removed;
        return nullptr;
    });
}
