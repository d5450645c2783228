#include "guest/quickjs/object_table.h"

#include <string.h>

namespace curfew::guest {

ObjectTable::~ObjectTable() {
    for (uint32_t i = 0; i < count_; ++i) JS_FreeValue(context_, entries_[i].object);
    js_free(context_, entries_);
    js_free(context_, slots_);
    js_free(context_, references_);
}

bool ObjectTable::grow() {
    const uint32_t capacity = capacity_ == 0 ? 32 : capacity_ * 2;
    auto* const entries = static_cast<Entry*>(js_realloc(context_, entries_, capacity * sizeof(Entry)));
    if (!entries) return false;
    entries_ = entries;
    const size_t slots = size_t{2} * capacity;
    auto* const grown = static_cast<uint32_t*>(js_mallocz(context_, slots * sizeof(uint32_t)));
    if (!grown) return false;
    for (uint32_t i = 0; i < count_; ++i) {
        size_t place = hash(JS_VALUE_GET_PTR(entries_[i].object)) & (slots - 1);
        while (grown[place] != 0) place = (place + 1) & (slots - 1);
        grown[place] = i + 1;
    }
    js_free(context_, slots_);
    slots_ = grown;
    capacity_ = capacity;
    return true;
}

int64_t ObjectTable::find_or_add(JSValueConst object, uint32_t offset, bool& is_new) {
    if (count_ == capacity_ && !grow()) return -1;
    const size_t mask = size_t{2} * capacity_ - 1;
    const void* const address = JS_VALUE_GET_PTR(object);
    size_t place = hash(address) & mask;
    for (; slots_[place] != 0; place = (place + 1) & mask) {
        if (JS_VALUE_GET_PTR(entries_[slots_[place] - 1].object) != address) continue;
        is_new = false;
        return slots_[place] - 1;
    }
    is_new = true;
    entries_[count_] = {.object = JS_DupValue(context_, object), .offset = offset, .number = 0, .is_referred = false};
    slots_[place] = ++count_;
    return count_ - 1;
}

bool ObjectTable::add_reference(uint32_t behind, uint32_t entry) {
    if (reference_count_ == reference_capacity_) {
        const uint32_t capacity = reference_capacity_ == 0 ? 16 : reference_capacity_ * 2;
        auto* const grown = static_cast<Reference*>(js_realloc(context_, references_, capacity * sizeof(Reference)));
        if (!grown) return false;
        references_ = grown;
        reference_capacity_ = capacity;
    }
    references_[reference_count_++] = {.behind = behind, .entry = entry};
    entries_[entry].is_referred = true;
    return true;
}

}  // namespace curfew::guest
