#include "sandbox/engine_images.h"

#include <curfew/engine_store.h>
#include <curfew/observer.h>

#include "sandbox/event_source.h"

namespace curfew {

namespace sandbox {

Result<std::shared_ptr<const cell::GuestImage>> image_of(engine::ImageKind kind,
                                                         const engine::ImageListener& listener) {
    return engine::image(kind, {.on_making = listener.on_making, .on_ready = [&](const engine::ImageNews& news) {
                                    EventSource().tell(&Observer::engine_ready, {.engine = kind.engine,
                                                                                 .jitless = kind.jitless,
                                                                                 .was_made = news.was_made,
                                                                                 .time = news.time,
                                                                                 .image = news.path,
                                                                                 .warning = news.warning});
                                    if (listener.on_ready) listener.on_ready(news);
                                }});
}

}  // namespace sandbox

Result<PreparedEngine> prepare_engine(Engine engine, const EngineProgress& progress, bool jitless) {
    PreparedEngine prepared;
    engine::ImageListener listener;
    if (progress) {
        listener.on_making = [&] {
            std::string product(name_of(engine));
            for (const EngineInfo& info : engines()) {
                if (info.engine == engine) product = info.product;
            }
            progress("Making " + product +
                     (jitless ? " without its compiler ready, which is done once" : " ready, which is done once"));
        };
    }
    listener.on_ready = [&prepared](const engine::ImageNews& news) {
        prepared = {.was_made = news.was_made, .time = news.time, .image = news.path, .warning = news.warning};
    };
    if (const auto image = sandbox::image_of({engine, jitless}, listener); !image)
        return std::unexpected(image.error());
    return prepared;
}

}  // namespace curfew
