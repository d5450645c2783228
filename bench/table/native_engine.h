// QuickJS-NG in the host's own process, without any isolation, compiled as it is for cells.
#ifndef CURFEW_BENCH_TABLE_NATIVE_ENGINE_H
#define CURFEW_BENCH_TABLE_NATIVE_ENGINE_H

#include <memory>
#include <string>
#include <string_view>

#include <curfew/error.h>

namespace curfew::bench {

// An engine with one handler. Must be used by the thread that made it, since the engine watches that thread's
// stack.
class NativeEngine {
  public:
    // The script defines function handler(event). It is compiled as a module, as in a cell.
    static Result<NativeEngine> load(std::string_view script);

    NativeEngine(NativeEngine&&) noexcept;
    NativeEngine& operator=(NativeEngine&&) noexcept;
    ~NativeEngine();

    // JSON in, JSON out.
    Result<std::string> call(std::string_view event);

    void collect_garbage();

  private:
    struct Engine;
    explicit NativeEngine(std::unique_ptr<Engine> engine);

    std::unique_ptr<Engine> engine_;
};

}  // namespace curfew::bench

#endif
