// What is known of objects, by their identity. Holds the objects, so that no address is used twice.
#ifndef CURFEW_GUEST_RUNTIME_OBJECT_TABLE_H
#define CURFEW_GUEST_RUNTIME_OBJECT_TABLE_H

#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

class ObjectTable {
  public:
    struct Entry {
        JSValue object;
        uint32_t offset;  // where it was written
        uint32_t number;  // among the marked ones
        bool is_referred;
    };
    // Where the number of an object goes that was written before.
    struct Reference {
        uint32_t behind;
        uint32_t entry;
    };

    explicit ObjectTable(JSContext* context) : context_(context) {}
    ObjectTable(const ObjectTable&) = delete;
    ObjectTable& operator=(const ObjectTable&) = delete;
    ~ObjectTable();

    // The place of the object's entry, which is new if `is_new`. -1, with an exception, when memory runs out.
    int64_t find_or_add(JSValueConst object, uint32_t offset, bool& is_new);

    [[nodiscard]] bool add_reference(uint32_t behind, uint32_t entry);

    // In the order in which they were added.
    Entry* entries() { return entries_; }
    uint32_t count() const { return count_; }
    const Reference* references() const { return references_; }
    uint32_t reference_count() const { return reference_count_; }

  private:
    bool grow();
    static size_t hash(const void* address) {
        return static_cast<size_t>((reinterpret_cast<uintptr_t>(address) >> 4) * 0x9e3779b97f4a7c15 >> 20);
    }

    JSContext* context_;
    Entry* entries_ = nullptr;
    uint32_t* slots_ = nullptr;  // entries' numbers plus one, by hash; 0 is free
    Reference* references_ = nullptr;
    uint32_t count_ = 0;
    uint32_t capacity_ = 0;  // of entries, half of the slots; a power of two
    uint32_t reference_count_ = 0;
    uint32_t reference_capacity_ = 0;
};

}  // namespace curfew::guest

#endif
