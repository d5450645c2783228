// What a call of a cell rests on, bare: a second process that takes the turn, and gives it back at once.
#ifndef CURFEW_BENCH_TABLE_ECHO_PROCESS_H
#define CURFEW_BENCH_TABLE_ECHO_PROCESS_H

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include <curfew/error.h>

namespace curfew::bench {

class EchoProcess {
  public:
    enum class Way : std::uint8_t { futex, spin };

    // A process that is bound to this CPU. Starts asleep.
    static Result<std::unique_ptr<EchoProcess>> start(Way way, int cpu);
    ~EchoProcess();
    EchoProcess(const EchoProcess&) = delete;
    EchoProcess& operator=(const EchoProcess&) = delete;

    // One round trip. One that spins must be awake; one that does not is always ready.
    void call() noexcept;

    // One that spins takes a whole CPU while it is awake.
    void wake_up() noexcept;
    void sleep() noexcept;

  private:
    struct Shared;
    EchoProcess(Way way, Shared* shared) : way_(way), shared_(shared) {}
    [[noreturn]] static void serve(Way way, Shared& shared) noexcept;

    Way way_;
    Shared* shared_;  // mapped for both processes
    pid_t pid_ = -1;
};

}  // namespace curfew::bench

#endif
