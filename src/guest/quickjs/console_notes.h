// What a console remembers by labels: how often it has counted to each, and when it began to measure a time.
#ifndef CURFEW_GUEST_RUNTIME_CONSOLE_NOTES_H
#define CURFEW_GUEST_RUNTIME_CONSOLE_NOTES_H

#include "guest/platform/exchange.h"
#include "guest/quickjs/engine/engine.h"

namespace curfew::guest {

class ConsoleNotes {
  public:
    static constexpr int kCount = 0;
    static constexpr int kTime = 1;

    // The number at a label; null if there is none.
    double* find(int kind, Bytes label) const;
    // A new one, zero. Null, with an exception, when memory runs out.
    double* add(JSContext* context, int kind, Bytes label);
    void drop(JSContext* context, int kind, Bytes label);
    void clear(JSRuntime* engine);

  private:
    struct Note {
        Note* next;
        int kind;
        double value;
        size_t size;
        char label[];
    };
    Note* first_;
};

}  // namespace curfew::guest

#endif
