// What this process and its cells take.
#ifndef CURFEW_BENCH_TABLE_PROCESS_MEMORY_H
#define CURFEW_BENCH_TABLE_PROCESS_MEMORY_H

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include <curfew/error.h>

namespace curfew::bench {

// Sandboxes hold descriptors; the usual limit is for programs that need few.
void raise_descriptor_limit();

// The number in the line that begins with `key` of one of /proc's files.
std::optional<std::uint64_t> number_in(const std::filesystem::path& path, std::string_view key);

// Bytes of memory that this process and its cells take; what they share counts once. The cells are the
// processes that this one has descriptors of.
Result<std::uint64_t> memory_of_all(bool page_tables);

}  // namespace curfew::bench

#endif
