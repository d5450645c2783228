// The secret by which a host knows its own snapshot files again.
#ifndef CURFEW_SIGNING_KEY_H
#define CURFEW_SIGNING_KEY_H

#include <curfew/language.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <curfew/error.h>
#include <curfew/export.h>
#include <curfew/file_path.h>

namespace curfew {

// A key for HMAC-SHA256. Copies share one, which is overwritten when the last of them goes. Immutable, so any number of threads
// may use it.
class CURFEW_EXPORT SigningKey {
  public:
    static constexpr std::size_t kLeastBytes = 16;
    static constexpr std::size_t kMostBytes = 4096;

    // Any bytes that nobody can guess; 32 random ones are what the method has use for. Fails with `invalid_argument` for fewer
    // than kLeastBytes, or more than kMostBytes.
    [[nodiscard]] static Result<SigningKey> from_bytes(std::span<const std::byte> bytes);

    // The content of a file, all of it, line feeds included. Fails as from_bytes() does, and if the file cannot be read.
    [[nodiscard]] static Result<SigningKey> from_file(const FilePath& path);

    std::span<const std::byte> bytes() const noexcept;

  private:
    struct Secret;
    explicit SigningKey(std::shared_ptr<const Secret> secret) noexcept;
    std::shared_ptr<const Secret> secret_;
};

}  // namespace curfew

#endif
