// Sets of pages, against a plain list of booleans.
#include "guest/node/page_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <vector>

namespace curfew::guest {
namespace {

constexpr std::size_t kPages = 1024;

class PageSets : public ::testing::Test {
  protected:
    void expect_the_same(std::size_t from, std::size_t end) const {
        const auto first = [&](bool value) {
            const auto found = std::find(model_.begin() + from, model_.begin() + end, value);
            return static_cast<std::size_t>(found - model_.begin());
        };
        EXPECT_EQ(set_->find(from, end), first(true)) << from << " to " << end;
        EXPECT_EQ(set_->find_clear(from, end), first(false)) << from << " to " << end;
        EXPECT_EQ(set_->count(from, end - from),
                  static_cast<std::size_t>(std::count(model_.begin() + from, model_.begin() + end, true)));
    }

    void set(std::size_t page, std::size_t count) {
        set_->set(page, count);
        std::fill_n(model_.begin() + page, count, true);
    }
    void clear(std::size_t page, std::size_t count) {
        set_->clear(page, count);
        std::fill_n(model_.begin() + page, count, false);
    }

    // In zeroed memory, as guests have it.
    std::unique_ptr<PageSet<kPages>> set_ = std::make_unique<PageSet<kPages>>();
    std::vector<char> model_ = std::vector<char>(kPages, false);
};

TEST_F(PageSets, AreEmptyAtFirst) {
    expect_the_same(0, kPages);
    expect_the_same(63, 65);
    expect_the_same(5, 5);
}

TEST_F(PageSets, FindAcrossWords) {
    for (const std::size_t page : {0U, 1U, 63U, 64U, 65U, 127U, 128U, 1000U, 1023U}) {
        set(page, 1);
        for (const std::size_t from : {0U, 1U, 63U, 64U, 65U, 129U, 1001U}) expect_the_same(from, kPages);
        clear(page, 1);
    }
    set(0, kPages);
    expect_the_same(0, kPages);
    clear(64, 64);
    expect_the_same(0, kPages);
    expect_the_same(70, 128);
}

TEST_F(PageSets, AgreeWithAModel) {
    std::mt19937 random(1);
    const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit)(random); };
    for (int i = 0; i < 2000; ++i) {
        const std::size_t page = below(kPages);
        const std::size_t count = below(std::min<std::size_t>(kPages - page, 200));
        if (below(1) == 0) {
            set(page, count);
        } else {
            clear(page, count);
        }
        const std::size_t from = below(kPages);
        expect_the_same(from, from + below(kPages - from));
    }
}

}  // namespace
}  // namespace curfew::guest
