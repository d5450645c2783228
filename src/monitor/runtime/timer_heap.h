// A pairing heap of timers, linked through the timers themselves: arming cannot fail, and costs no
// allocation.
//
// Arming is O(1). Disarming is O(1) for the newest timers, which is what calls do that end before their
// limit, and O(log n) amortised otherwise.
#ifndef CURFEW_SRC_MONITOR_TIMER_HEAP_H
#define CURFEW_SRC_MONITOR_TIMER_HEAP_H

#include <cassert>
#include <cstddef>
#include <utility>

#include <curfew/monitor/detail/timer.h>

namespace curfew::monitor::detail {

// Not thread-safe: a TimerShard guards it.
class TimerHeap {
  public:
    bool empty() const noexcept { return root_ == nullptr; }
    std::size_t size() const noexcept { return size_; }
    TimerTime earliest() const noexcept { return root_ == nullptr ? kNever : root_->link.due; }
    Timer* first() const noexcept { return root_; }

    void insert(Timer& timer, TimerTime due) noexcept {
        assert(!timer.link.queued);
        timer.link.due = due;
        timer.link.child = timer.link.next = timer.link.previous = nullptr;
        timer.link.queued = true;
        root_ = root_ == nullptr ? &timer : meld(root_, &timer);
        ++size_;
    }

    void remove(Timer& timer) noexcept {
        assert(timer.link.queued);
        if (&timer == root_) {
            root_ = meld_siblings(timer.link.child);
        } else {
            cut(timer);
            if (Timer* orphans = meld_siblings(timer.link.child)) root_ = meld(root_, orphans);
        }
        timer.link.child = timer.link.next = timer.link.previous = nullptr;
        timer.link.queued = false;
        --size_;
    }

  private:
    // Joins two trees: the later root becomes the first child of the earlier one.
    static Timer* meld(Timer* a, Timer* b) noexcept {
        if (b->link.due < a->link.due) std::swap(a, b);
        b->link.previous = a;
        b->link.next = a->link.child;
        if (b->link.next != nullptr) b->link.next->link.previous = b;
        a->link.child = b;
        return a;
    }

    // Takes a timer that is not the root out of its parent's list of children.
    static void cut(Timer& timer) noexcept {
        if (timer.link.previous->link.child == &timer) {
            timer.link.previous->link.child = timer.link.next;
        } else {
            timer.link.previous->link.next = timer.link.next;
        }
        if (timer.link.next != nullptr) timer.link.next->link.previous = timer.link.previous;
    }

    // Joins a list of trees to one, in two passes: neighbours first, then from the last pair backwards.
    static Timer* meld_siblings(Timer* first) noexcept {
        Timer* pairs = nullptr;  // a stack, linked by next_
        while (first != nullptr) {
            Timer* a = first;
            Timer* b = a->link.next;
            first = b == nullptr ? nullptr : b->link.next;
            a->link.next = a->link.previous = nullptr;
            if (b != nullptr) {
                b->link.next = b->link.previous = nullptr;
                a = meld(a, b);
            }
            a->link.next = pairs;
            pairs = a;
        }
        Timer* root = nullptr;
        while (pairs != nullptr) {
            Timer* next = pairs->link.next;
            pairs->link.next = nullptr;
            root = root == nullptr ? pairs : meld(root, pairs);
            pairs = next;
        }
        return root;
    }

    Timer* root_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace curfew::monitor::detail

#endif
