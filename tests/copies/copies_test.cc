// Two shared objects of one process, each with a copy of the monitors inside: each copy's limits hold.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include "plugin.h"

namespace curfew::test {
namespace {

// Never closed: the copy's threads run in it.
RunLimited* load(const char* plugin) {
    void* const loaded = ::dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
    if (loaded == nullptr) ADD_FAILURE() << ::dlerror();
    return loaded == nullptr ? nullptr : reinterpret_cast<RunLimited*>(::dlsym(loaded, "run_limited"));
}

TEST(Copies, EachLimitsItsOwnCalls) {
    RunLimited* const one = load(CURFEW_COPY_1);
    RunLimited* const other = load(CURFEW_COPY_2);
    ASSERT_NE(one, nullptr);
    ASSERT_NE(other, nullptr);
    ASSERT_NE(one, other);
    EXPECT_STREQ(one(), "");
    EXPECT_STREQ(other(), "");
    EXPECT_STREQ(one(), "");
}

}  // namespace
}  // namespace curfew::test
