#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace curfew::base {
namespace {

struct Item {
    char name;
    ListLink<Item> link{};
};
using List = IntrusiveList<Item, &Item::link>;

class IntrusiveLists : public ::testing::Test {
  protected:
    static std::string names(const List& list) {
        std::string text;
        for (const Item& item : list) text += item.name;
        return text;
    }

    std::array<Item, 3> items_{{{'a'}, {'b'}, {'c'}}};
    List list_;
};

TEST_F(IntrusiveLists, AreEmptyAtFirst) {
    EXPECT_TRUE(list_.empty());
    EXPECT_EQ(list_.front(), nullptr);
    EXPECT_EQ(names(list_), "");
}

TEST_F(IntrusiveLists, TakeItemsAtBothEnds) {
    list_.push_back(items_[1]);
    list_.push_back(items_[2]);
    list_.push_front(items_[0]);
    EXPECT_EQ(names(list_), "abc");
    EXPECT_EQ(list_.front(), &items_[0]);
    EXPECT_EQ(List::next(items_[0]), &items_[1]);
    EXPECT_EQ(List::next(items_[2]), nullptr);
}

TEST_F(IntrusiveLists, LetItemsGoFromAnyPlace) {
    for (const std::size_t gone : {0, 1, 2}) {
        for (Item& item : items_) list_.push_back(item);
        list_.remove(items_[gone]);
        EXPECT_EQ(names(list_), std::string("abc").erase(gone, 1));
        EXPECT_EQ(items_[gone].link.next, nullptr);
        EXPECT_EQ(items_[gone].link.previous, nullptr);
        list_.push_front(items_[gone]);
        EXPECT_EQ(names(list_)[0], items_[gone].name);
        for (Item& item : items_) list_.remove(item);
        EXPECT_TRUE(list_.empty());
    }
}

TEST_F(IntrusiveLists, ForgetAllAtOnce) {
    for (Item& item : items_) list_.push_back(item);
    list_.clear();
    EXPECT_TRUE(list_.empty());
    list_.push_back(items_[1]);
    EXPECT_EQ(names(list_), "b");
}

}  // namespace
}  // namespace curfew::base
