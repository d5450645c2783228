// Lists whose links are members of what is listed: nothing is allocated, and whoever is listed can leave at once.
#ifndef CURFEW_BASE_INTRUSIVE_LIST_H
#define CURFEW_BASE_INTRUSIVE_LIST_H

namespace curfew::base {

// An item's place in one list. Null while it is in none.
template <typename T>
struct ListLink {
    T* next = nullptr;
    T* previous = nullptr;
};

// Does not own its items: each has to leave before it is destroyed. `link` is the member of T that this list uses: a ListLink
// or, where that cannot be included, something with the same two members.
// A list that is destroyed, or cleared, touches no item.
template <typename T, auto link>
class IntrusiveList {
  public:
    constexpr IntrusiveList() noexcept = default;
    IntrusiveList(const IntrusiveList&) = delete;
    IntrusiveList& operator=(const IntrusiveList&) = delete;

    bool empty() const noexcept { return first_ == nullptr; }
    T* front() const noexcept { return first_; }  // null: empty
    static T* next(const T& item) noexcept { return (item.*link).next; }

    // REQUIRES: the item is in no list through this link.
    void push_front(T& item) noexcept {
        (item.*link).next = first_;
        (item.*link).previous = nullptr;
        (first_ == nullptr ? last_ : (first_->*link).previous) = &item;
        first_ = &item;
    }
    void push_back(T& item) noexcept {
        (item.*link).next = nullptr;
        (item.*link).previous = last_;
        (last_ == nullptr ? first_ : (last_->*link).next) = &item;
        last_ = &item;
    }

    // REQUIRES: the item is in this list.
    void remove(T& item) noexcept {
        auto& gone = item.*link;
        (gone.previous == nullptr ? first_ : (gone.previous->*link).next) = gone.next;
        (gone.next == nullptr ? last_ : (gone.next->*link).previous) = gone.previous;
        gone.next = gone.previous = nullptr;
    }

    // Forgets the items without touching them.
    void clear() noexcept { first_ = last_ = nullptr; }

    class Iterator {
      public:
        explicit Iterator(T* at) noexcept : at_(at) {}
        T& operator*() const noexcept { return *at_; }
        Iterator& operator++() noexcept {
            at_ = next(*at_);
            return *this;
        }
        friend bool operator==(Iterator, Iterator) noexcept = default;

      private:
        T* at_;
    };
    // The item that an iterator stands at must not leave.
    Iterator begin() const noexcept { return Iterator(first_); }
    Iterator end() const noexcept { return Iterator(nullptr); }

  private:
    T* first_ = nullptr;
    T* last_ = nullptr;
};

}  // namespace curfew::base

#endif
