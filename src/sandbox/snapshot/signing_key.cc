#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <curfew/signing_key.h>

#include "cell/descriptor.h"
#include "sandbox/failure.h"

namespace curfew {

struct SigningKey::Secret {
    explicit Secret(std::span<const std::byte> key) : bytes(key.begin(), key.end()) {}
    ~Secret() { ::explicit_bzero(bytes.data(), bytes.size()); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    std::vector<std::byte> bytes;
};

SigningKey::SigningKey(std::shared_ptr<const Secret> secret) noexcept : secret_(std::move(secret)) {}

Result<SigningKey> SigningKey::from_bytes(std::span<const std::byte> bytes) {
    if (bytes.size() < kLeastBytes || bytes.size() > kMostBytes) {
        return sandbox::fail(ErrorCode::invalid_argument, "a key for signing has " + std::to_string(bytes.size()) +
                                                              " bytes, and may have " + std::to_string(kLeastBytes) +
                                                              " to " + std::to_string(kMostBytes) +
                                                              "; take 32 random ones");
    }
    return SigningKey(std::make_shared<const Secret>(bytes));
}

Result<SigningKey> SigningKey::from_file(const FilePath& path) {
    const auto failed = [&](const std::string& why) {
        return sandbox::fail(ErrorCode::invalid_argument,
                             "the key for signing cannot be read from " + path.text() + ": " + why);
    };
    const cell::Descriptor file(::open(path.text().c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return failed(std::generic_category().message(errno));
    std::array<std::byte, kMostBytes + 1> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into below
    std::size_t size = 0;
    ssize_t got = 1;
    while (got != 0 && size < bytes.size()) {
        got = ::read(file.get(), &bytes[size], bytes.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(std::generic_category().message(errno));
        size += static_cast<std::size_t>(got);
    }
    auto key = from_bytes(std::span(bytes).first(size));
    ::explicit_bzero(bytes.data(), bytes.size());
    if (!key) return failed(key.error().message);
    return key;
}

std::span<const std::byte> SigningKey::bytes() const noexcept {
    return secret_ ? std::span<const std::byte>(secret_->bytes) : std::span<const std::byte>();
}

}  // namespace curfew
