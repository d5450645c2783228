#include "guest/quickjs/console_notes.h"

#include <string.h>

namespace curfew::guest {

double* ConsoleNotes::find(int kind, Bytes label) const {
    for (Note* note = first_; note; note = note->next) {
        if (note->kind == kind && note->size == label.size && memcmp(note->label, label.data, label.size) == 0) {
            return &note->value;
        }
    }
    return nullptr;
}

double* ConsoleNotes::add(JSContext* context, int kind, Bytes label) {
    auto* const note = static_cast<Note*>(js_malloc(context, sizeof(Note) + label.size));
    if (!note) return nullptr;
    note->next = first_;
    note->kind = kind;
    note->value = 0;
    note->size = label.size;
    memcpy(note->label, label.data, label.size);
    first_ = note;
    return &note->value;
}

void ConsoleNotes::drop(JSContext* context, int kind, Bytes label) {
    for (Note** link = &first_; *link; link = &(*link)->next) {
        Note* const note = *link;
        if (note->kind != kind || note->size != label.size || memcmp(note->label, label.data, label.size) != 0)
            continue;
        *link = note->next;
        js_free(context, note);
        return;
    }
}

void ConsoleNotes::clear(JSRuntime* engine) {
    while (first_) {
        Note* const note = first_;
        first_ = note->next;
        js_free_rt(engine, note);
    }
}

}  // namespace curfew::guest
