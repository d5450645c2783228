// A set of pages, by number.
#ifndef CURFEW_GUEST_NODE_PAGE_SET_H
#define CURFEW_GUEST_NODE_PAGE_SET_H

#include <stddef.h>
#include <stdint.h>

namespace curfew::guest {

// Has no constructor that runs code: in zeroed memory it is empty. All operations go by words of 64 pages.
template <size_t kPages>
class PageSet {
  public:
    void set(size_t page, size_t count) {
        for_words(page, count, [this](size_t word, uint64_t mask) { words_[word] |= mask; });
    }

    // Pages that are not in the set leave its memory as it is.
    void clear(size_t page, size_t count) {
        for_words(page, count, [this](size_t word, uint64_t mask) {
            if ((words_[word] & mask) != 0) words_[word] &= ~mask;
        });
    }

    size_t count(size_t page, size_t pages) const {
        size_t sum = 0;
        for_words(page, pages, [&](size_t word, uint64_t mask) {
            sum += static_cast<size_t>(__builtin_popcountll(words_[word] & mask));
        });
        return sum;
    }

    // The first page from `page` on that is in the set, or is not; `end` if there is none below.
    size_t find(size_t page, size_t end) const {
        return find_in(page, end, [this](size_t word) { return words_[word]; });
    }
    size_t find_clear(size_t page, size_t end) const {
        return find_in(page, end, [this](size_t word) { return ~words_[word]; });
    }

  private:
    static constexpr size_t kBits = 64;
    static_assert(kPages % kBits == 0);

    template <typename Do>
    static void for_words(size_t page, size_t count, Do&& then) {
        const size_t end = page + count;
        while (page < end) {
            const size_t bit = page % kBits;
            const size_t some = end - page < kBits - bit ? end - page : kBits - bit;
            const uint64_t ones = some == kBits ? ~uint64_t{0} : (uint64_t{1} << some) - 1;
            then(page / kBits, ones << bit);
            page += some;
        }
    }

    template <typename Word>
    static size_t find_in(size_t page, size_t end, Word&& word_at) {
        if (page >= end) return end;
        uint64_t word = word_at(page / kBits) & (~uint64_t{0} << page % kBits);
        for (size_t index = page / kBits;;) {
            if (word != 0) {
                const size_t found = index * kBits + static_cast<size_t>(__builtin_ctzll(word));
                return found < end ? found : end;
            }
            if (++index * kBits >= end) return end;
            word = word_at(index);
        }
    }

    uint64_t words_[kPages / kBits];
};

}  // namespace curfew::guest

#endif
