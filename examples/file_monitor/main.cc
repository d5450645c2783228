// A custom monitor: an operator ends running work by writing "stop" to a file.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

#include <curfew/monitor.h>

using namespace std::chrono_literals;

class FileMonitor {
  public:
    explicit FileMonitor(std::filesystem::path path) : path_(std::move(path)) {}

    curfew::Result<curfew::MonitorTask> get_monitor(const curfew::Invocation&) const { return watch(path_); }
    std::string_view name() const noexcept { return "stop-file"; }

  private:
    // By reference, which is safe here: the monitor outlives its tasks.
    static curfew::MonitorTask watch(const std::filesystem::path& path) {
        std::string word;
        while (word != "stop") {
            co_await curfew::monitor::sleep(100ms);
            std::ifstream(path) >> word;  // may block: this thread serves nobody else meanwhile
        }
    }

    std::filesystem::path path_;
};

int main() {
    const std::filesystem::path path = std::filesystem::temp_directory_path() / ("stop-" + std::to_string(getpid()));
    std::ofstream(path) << "go on";
    std::thread operator_thread([&] {
        std::this_thread::sleep_for(300ms);
        std::ofstream(path) << "stop";
    });

    std::atomic<bool> interrupted{false};
    const auto done = curfew::supervise(
        std::tuple{FileMonitor(path), curfew::WallClockMonitor(30s)}, [&] { interrupted = true; },
        [&] {
            while (!interrupted) std::this_thread::sleep_for(1ms);
        });
    operator_thread.join();
    std::filesystem::remove(path);
    std::cout << (done ? "ran to its end" : "ended by " + done.error().terminated_by) << '\n';
}
