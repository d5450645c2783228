#include "sandbox/snapshot/snapshot_description.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include <curfew/version.h>

#include "base/text.h"
#include "base/utf8.h"
#include "cell/make_cell.h"
#include "sandbox/byte_text.h"
#include "sandbox/engine_images.h"
#include "sandbox/failure.h"
#include "sandbox/modules/module_path.h"
#include "sandbox/names.h"
#include "sandbox/runtime_image.h"
#include "sandbox/snapshot/waiting_description.h"
#include "wire/layout.h"

namespace curfew::sandbox {

namespace {

constexpr std::uint64_t kNumber = 8;

// What a noted script is.
constexpr std::uint64_t kProgram = 1;
constexpr std::uint64_t kTypeScript = 2;

// Behind the name of an engine that goes without its compiler.
constexpr const char* kJitless = " --jitless";

std::unexpected<Error> refuse(std::string why) { return fail(ErrorCode::invalid_argument, std::move(why)); }

bool is_page_aligned(std::uint64_t value) { return value % wire::kPageSize == 0; }

// As SandboxBuilder::build() leaves them.
bool possible(const Settings& settings) {
    return settings.heap_size >= Settings::kMinHeapSize && settings.heap_size <= Settings::kMaxHeapSize &&
           is_page_aligned(settings.heap_size) && settings.stack_size >= Settings::kMinStackSize &&
           settings.stack_size <= Settings::kMaxStackSize && is_page_aligned(settings.stack_size);
}

// Settings that are added later belong here.
void write_settings(ByteWriter& out, const Settings& settings) {
    out.number(settings.heap_size);
    out.number(settings.stack_size);
    out.number(settings.output_limit);
    out.number(settings.wait_mode == WaitMode::spin ? 1 : 0);
    out.number(settings.side_channels == SideChannels::strict ? 1 : 0);
    out.number(settings.restore_mode == RestoreMode::strict ? 1 : 0);
    out.number(static_cast<std::uint64_t>(settings.branch_barrier));
    // The engine stands before the settings: what follows depends on it.
    static_assert(sizeof(Settings) == 6 * kNumber);
}

Result<Settings> read_settings(ByteReader& in, Engine engine) {
    Settings settings{.heap_size = in.number(), .stack_size = in.number(), .output_limit = in.number()};
    settings.engine = engine;
    const std::uint64_t spins = in.number();
    const std::uint64_t strict_channels = in.number();
    const std::uint64_t strict_restores = in.number();
    const std::uint64_t barrier = in.number();
    if (in.failed() || spins > 1 || strict_channels > 1 || strict_restores > 1 ||
        barrier > static_cast<std::uint64_t>(BranchBarrier::required) || !possible(settings)) {
        return refuse("its settings make no sense");
    }
    settings.wait_mode = spins == 1 ? WaitMode::spin : WaitMode::automatic;
    settings.side_channels = strict_channels == 1 ? SideChannels::strict : SideChannels::basic;
    settings.restore_mode = strict_restores == 1 ? RestoreMode::strict : RestoreMode::fast;
    settings.branch_barrier = static_cast<BranchBarrier>(barrier);
    return settings;
}

// The pieces of a saved state are whole pages of what the program can write. Null if they are not.
std::shared_ptr<cell::MemoryImage> read_memory_image(ByteReader& in, std::shared_ptr<const cell::GuestImage> program,
                                                     cell::MemorySizes sizes, std::uint64_t& size) {
    const std::uint64_t stack_pointer = in.number();
    std::vector<cell::Piece> pieces(in.count(2 * kNumber));
    size = 0;
    for (cell::Piece& piece : pieces) {
        piece.address = in.number();
        piece.length = in.number();
        if (in.failed() || !is_page_aligned(piece.address) || !is_page_aligned(piece.length)) return nullptr;
    }
    auto memory = in.failed() ? nullptr : cell::saved_state(std::move(program), sizes, stack_pointer, pieces);
    if (!memory) return nullptr;
    for (const cell::Piece& piece : pieces) size += piece.length;  // cannot wrap around: they lie side by side
    const bool on_stack = std::ranges::any_of(memory->pieces, [&](const cell::Piece& piece) {
        return piece.content == cell::Content::state && stack_pointer >= piece.address && stack_pointer < piece.end();
    });
    return on_stack && stack_pointer % 8 == 0 ? memory : nullptr;
}

bool read_hot_pages(ByteReader& in, const cell::MemoryImage& memory) {
    const std::uint64_t count = in.count(2 * kNumber);
    if (count > cell::HotPages::kMaxRanges) return false;
    cell::HotPages::Ranges ranges(count);
    std::uint64_t size = 0;
    for (auto& range : ranges) {
        range = {.address = in.number(), .length = in.number()};
        if (in.failed() || range.length == 0 || !is_page_aligned(range.address) || !is_page_aligned(range.length)) {
            return false;
        }
        const bool saved = std::ranges::any_of(memory.pieces, [&](const cell::Piece& piece) {
            return piece.content != cell::Content::zero && range.address >= piece.address &&
                   range.length <= piece.length && range.address - piece.address <= piece.length - range.length;
        });
        if (!saved) return false;
        size += range.length;  // cannot wrap around: each is within a piece, and they are few
    }
    if (size > cell::HotPages::kMaxSize) return false;
    if (!ranges.empty()) memory.hot.learn(std::move(ranges));
    return !in.failed();
}

bool read_runs(ByteReader& in, Description& description) {
    description.runs.resize(in.count(2 * kNumber));
    std::uint64_t end = 0;
    for (PageRun& run : description.runs) {
        run = {.offset = in.number(), .length = in.number()};
        if (in.failed() || run.offset < end || run.length == 0 || !is_page_aligned(run.offset) ||
            !is_page_aligned(run.length) || run.offset > description.size ||
            run.length > description.size - run.offset) {
            return false;
        }
        end = run.offset + run.length;
        description.length_of_runs += run.length;
    }
    return !in.failed();
}

// Names and folders are what Sandbox::add_handler and ProtoSandbox::host_module would have taken, and no more of them.
bool read_handlers(ByteReader& in, SavedState& state) {
    const std::uint64_t count = in.count(kNumber);
    if (count > kMaxHandlers) return false;
    std::set<std::string_view> seen;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view name = in.text();
        if (!is_name(name) || !seen.insert(name).second) return false;
        state.handlers.emplace_back(name);
    }
    return !in.failed();
}

bool read_script_folders(ByteReader& in, SavedState& state) {
    const std::uint64_t count = in.count(2 * kNumber);
    if (count > kMaxHandlers) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view script = in.text();
        const std::string_view folder = in.text();
        if (!is_script_name(script) || !is_normal_path(folder)) return false;
        if (!state.script_folders.emplace(script, folder).second) return false;
    }
    return !in.failed();
}

bool read_host_functions(ByteReader& in, SavedState& state) {
    const std::uint64_t count = in.count(3 * kNumber);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view module = in.text();
        const std::string_view function = in.text();
        const std::string_view signature = in.text();
        if (!is_name(module) || (!function.empty() && !is_name(function)) || !base::is_utf8(signature)) return false;
        state.host_functions.push_back({std::string(module), std::string(function), std::string(signature)});
    }
    return !in.failed();
}

// As add_handler() would have taken them, in the order of the handlers' names.
bool read_scripts(ByteReader& in, SavedState& state) {
    for (const std::string& handler : state.handlers) {
        const std::uint64_t language = in.number();
        const std::string_view map = in.text();
        const std::string_view source = in.text();
        const std::string_view name = in.text();
        const std::string_view folder = in.text();
        if (in.failed() || language > (kProgram | kTypeScript) || !base::is_utf8(map) || !base::is_utf8(source) ||
            !is_script_name(name))
            return false;
        if (!folder.empty() && !is_normal_path(folder)) return false;
        auto script = (language & kTypeScript) != 0 ? Script::typescript(std::string(source), std::string(name))
                                                    : Script::from_content(std::string(source), std::string(name));
        if ((language & kProgram) != 0) script = std::move(script).as_program();
        script = std::move(script).with_source_map(std::string(map));
        state.noted.emplace_back(handler, std::move(script).with_virtual_base(std::string(folder)));
    }
    return true;
}

bool read_named_modules(ByteReader& in, SavedState& state) {
    const std::uint64_t count = in.count(2 * kNumber);
    if (count > kMaxNamedModules) return false;
    NamedModules modules;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view name = in.text();
        const std::string_view source = in.text();
        if (!is_module_specifier(name) || !base::is_utf8(source)) return false;
        if (!modules.emplace(name, source).second) return false;
    }
    if (!modules.empty()) state.named_modules = std::make_shared<const NamedModules>(std::move(modules));
    return !in.failed();
}

bool read_script_maps(ByteReader& in, SavedState& state) {
    const std::uint64_t count = in.count(2 * kNumber);
    if (count > kMaxHandlers) return false;
    ScriptMaps maps;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view script = in.text();
        const std::string_view map = in.text();
        if (!is_script_name(script) || !base::is_utf8(map) || !maps.emplace(script, map).second) return false;
    }
    if (!maps.empty()) state.script_maps = std::make_shared<const ScriptMaps>(std::move(maps));
    return !in.failed();
}

bool read_names(ByteReader& in, SavedState& state) {
    return read_handlers(in, state) && read_script_folders(in, state) && read_host_functions(in, state) &&
           read_named_modules(in, state) && read_script_maps(in, state);
}

void write_memory(ByteWriter& out, const cell::MemoryImage& memory, const std::vector<PageRun>& runs) {
    out.number(memory.stack_pointer);
    const std::vector<cell::Piece> pieces = cell::saved_pieces(memory);
    out.number(pieces.size());
    for (const cell::Piece& piece : pieces) {
        out.number(piece.address);
        out.number(piece.length);
    }
    const auto hot = memory.hot.ranges();
    out.number(hot ? hot->size() : 0);
    if (hot) {
        for (const auto& range : *hot) {
            out.number(range.address);
            out.number(range.length);
        }
    }
    out.number(runs.size());
    for (const PageRun& run : runs) {
        out.number(run.offset);
        out.number(run.length);
    }
}

}  // namespace

Result<std::string> describe(const SavedState& state, const std::vector<PageRun>& runs) {
    using Program = Result<std::shared_ptr<const cell::GuestImage>>;
    const Program program = state.memory ? Program(state.memory->program) : image_of(image_kind(state.settings));
    if (!program) return std::unexpected(program.error());
    ByteWriter out;
    out.text(CURFEW_VERSION);
    out.text(std::string(name_of(state.settings.engine)) + (image_kind(state.settings).jitless ? kJitless : ""));
    out.text((*program)->build_id());
    out.text(cell::back_end().name);
    out.number(cell::back_end().checksum);
    write_settings(out, state.settings);
    out.number(state.kind == SnapshotKind::sandbox ? 1 : 0);
    if (state.kind == SnapshotKind::loaded_sandbox) write_memory(out, *state.memory, runs);
    out.number(state.handlers.size());
    for (const std::string& handler : state.handlers) out.text(handler);
    out.number(state.script_folders.size());
    for (const auto& [script, folder] : state.script_folders) {
        out.text(script);
        out.text(folder);
    }
    const std::vector<HostFunctionShape> functions = host_functions_of(state);
    out.number(functions.size());
    for (const HostFunctionShape& shape : functions) {
        out.text(shape.module);
        out.text(shape.function);
        out.text(shape.signature);
    }
    out.number(state.named_modules ? state.named_modules->size() : 0);
    if (state.named_modules) {
        for (const auto& [name, source] : *state.named_modules) {
            out.text(name);
            out.text(source);
        }
    }
    out.number(state.script_maps ? state.script_maps->size() : 0);
    if (state.script_maps) {
        for (const auto& [script, map] : *state.script_maps) {
            out.text(script);
            out.text(map);
        }
    }
    for (const auto& [name, script] : state.noted) {
        out.number((script.is_program() ? kProgram : 0) | (script.is_typescript() ? kTypeScript : 0));
        out.text(script.source_map());
        out.text(script.source());
        out.text(script.name());
        out.text(script.folder());
    }
    write_waiting(out, state);
    return out.bytes();
}

Result<Description> parse_description(std::string_view bytes) {
    ByteReader in(bytes);
    const std::string version(in.text());
    std::string engine_name(in.text());
    const std::string_view build_id = in.text();
    const std::string back_end(in.text());
    const std::uint64_t back_end_checksum = in.number();
    const auto is_short_text = [](const std::string& text) { return text.size() <= 64 && base::is_utf8(text); };
    if (in.failed() || !is_short_text(version) || !is_short_text(engine_name) || !is_short_text(back_end)) {
        return refuse("its description makes no sense");
    }
    if (back_end != cell::back_end().name) {
        return refuse("its sandbox ran in cells of the kind " + base::in_quotes(back_end) +
                      ", and this build of Curfew makes cells of the kind " + base::in_quotes(cell::back_end().name) +
                      "; save it again with this one");
    }
    const bool jitless = engine_name.ends_with(kJitless);
    if (jitless) engine_name.resize(engine_name.size() - std::string_view(kJitless).size());
    const auto engine = find_engine(engine_name);
    if (!engine) {
        return refuse("its sandbox had the engine " + base::in_quotes(engine_name) +
                      ", which this build of Curfew does not have");
    }
    auto program = image_of({*engine, jitless});
    if (!program) return std::unexpected(program.error());
    if (build_id != (*program)->build_id() || back_end_checksum != cell::back_end().checksum) {
        return refuse("it was saved by another build of Curfew (version " + version +
                      "; this is " CURFEW_VERSION
                      "), and a snapshot goes on only with the guest and the cells that it was saved with; save it "
                      "again with this one");
    }
    auto settings = read_settings(in, *engine);
    if (!settings) return std::unexpected(settings.error());
    settings->jitless = jitless;

    Description description{};
    const std::uint64_t kind = in.number();
    if (in.failed() || kind > 1) return refuse("its kind makes no sense");
    description.state.kind = kind == 1 ? SnapshotKind::sandbox : SnapshotKind::loaded_sandbox;
    if (description.state.kind == SnapshotKind::loaded_sandbox) {
        auto memory = read_memory_image(in, std::move(*program),
                                        {.heap = settings->heap_size, .stack = settings->stack_size}, description.size);
        if (!memory || !read_hot_pages(in, *memory) || !read_runs(in, description)) {
            return refuse("its description of the memory makes no sense");
        }
        description.memory = std::move(memory);
    }
    description.state.settings = *settings;
    if (!read_names(in, description.state) || (kind == 1 && !read_scripts(in, description.state))) {
        return refuse("its description of the handlers makes no sense");
    }
    if (!read_waiting(in, description.state) || !in.at_end()) {
        return refuse("its description of what it was in the middle of makes no sense");
    }
    return description;
}

}  // namespace curfew::sandbox
