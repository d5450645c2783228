// Where a snapshot's bytes go, and where they come from: a file, or memory.
#ifndef CURFEW_SANDBOX_SNAPSHOT_STREAM_H
#define CURFEW_SANDBOX_SNAPSHOT_STREAM_H

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <curfew/error.h>

#include "cell/descriptor.h"

namespace curfew::sandbox {

class SnapshotSink {
  public:
    SnapshotSink() = default;
    virtual ~SnapshotSink() = default;
    SnapshotSink(const SnapshotSink&) = delete;
    SnapshotSink& operator=(const SnapshotSink&) = delete;

    virtual Result<void> open() = 0;
    virtual Result<void> write(std::span<const std::byte> bytes) = 0;
    virtual Result<void> finish(std::span<const std::byte> beginning) = 0;  // that the first bytes are to be
    virtual std::unexpected<Error> refuse(ErrorCode code, const std::string& why) const = 0;
};

// A file that takes its name only when it is complete; it is gone otherwise.
class FileSink final : public SnapshotSink {
  public:
    explicit FileSink(std::filesystem::path path);
    ~FileSink() override;

    Result<void> open() override;
    Result<void> write(std::span<const std::byte> bytes) override;
    Result<void> finish(std::span<const std::byte> beginning) override;
    std::unexpected<Error> refuse(ErrorCode code, const std::string& why) const override;

  private:
    bool write_all(std::span<const std::byte> bytes);
    bool give_name();

    std::filesystem::path path_;
    std::filesystem::path folder_;
    cell::Descriptor file_;
    std::string name_{};  // empty: it was not made, or has its final name
};

class MemorySink final : public SnapshotSink {
  public:
    Result<void> open() override { return {}; }
    Result<void> write(std::span<const std::byte> bytes) override;
    Result<void> finish(std::span<const std::byte> beginning) override;
    std::unexpected<Error> refuse(ErrorCode code, const std::string& why) const override;

    std::vector<std::byte> take() noexcept { return std::move(bytes_); }

  private:
    std::vector<std::byte> bytes_;
};

// Read from its beginning to its end.
class SnapshotSource {
  public:
    SnapshotSource() = default;
    virtual ~SnapshotSource() = default;
    SnapshotSource(const SnapshotSource&) = delete;
    SnapshotSource& operator=(const SnapshotSource&) = delete;

    virtual Result<void> open() = 0;
    virtual std::uint64_t size() const noexcept = 0;
    virtual Result<void> read(std::span<std::byte> to) = 0;
    virtual std::unexpected<Error> refuse(const std::string& why) const = 0;
};

class FileSource final : public SnapshotSource {
  public:
    explicit FileSource(std::filesystem::path path) : path_(std::move(path)) {}

    Result<void> open() override;
    std::uint64_t size() const noexcept override { return size_; }
    Result<void> read(std::span<std::byte> to) override;
    std::unexpected<Error> refuse(const std::string& why) const override;

  private:
    std::filesystem::path path_;
    cell::Descriptor file_;
    std::uint64_t size_ = 0;
};

class MemorySource final : public SnapshotSource {
  public:
    explicit MemorySource(std::span<const std::byte> bytes) : size_(bytes.size()), rest_(bytes) {}

    Result<void> open() override { return {}; }
    std::uint64_t size() const noexcept override { return size_; }
    Result<void> read(std::span<std::byte> to) override;
    std::unexpected<Error> refuse(const std::string& why) const override;

  private:
    std::size_t size_;
    std::span<const std::byte> rest_;
};

}  // namespace curfew::sandbox

#endif
