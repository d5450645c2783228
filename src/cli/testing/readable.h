// Something to read, for tests.
#ifndef CURFEW_CLI_TESTING_READABLE_H
#define CURFEW_CLI_TESTING_READABLE_H

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/descriptor.h"

namespace curfew::cli {

// A file of this content, at its beginning.
inline base::Descriptor readable(std::string_view text) {
    base::Descriptor file(::memfd_create("curfew-test", MFD_CLOEXEC));
    EXPECT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_SET), 0);
    return file;
}

// A pipe into which nobody writes, but could.
class OpenPipe {
  public:
    OpenPipe() {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(::pipe(ends.data()), 0);
        read_ = base::Descriptor(ends[0]);
        write_ = base::Descriptor(ends[1]);
    }
    int get() const noexcept { return read_.get(); }

  private:
    base::Descriptor read_, write_;
};

}  // namespace curfew::cli

#endif
