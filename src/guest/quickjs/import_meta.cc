#include "guest/quickjs/import_meta.h"

#include <string.h>

#include "guest/quickjs/value.h"
#include "guest/quickjs/writer.h"

namespace curfew::guest {

namespace {

bool define(JSContext* context, JSValueConst object, const char* name, Bytes text) {
    return JS_DefinePropertyValueStr(context, object, name, JS_NewStringLen(context, text.data, text.size),
                                     JS_PROP_C_W_E) >= 0;
}

// What a path says in a file: URL.
void write_escaped(Writer& out, Bytes path) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < path.size; ++i) {
        const char c = path.data[i];
        const auto byte = static_cast<uint8_t>(c);
        if (byte > 0x20 && byte < 0x7f && !strchr("\"#%<>?[\\]^`{|}", c)) {
            out << c;
        } else {
            out << '%' << kDigits[byte >> 4] << kDigits[byte & 15];
        }
    }
}

}  // namespace

bool describe_module(JSContext* context, JSModuleDef* module, const char* name) {
    const Value meta(context, JS_GetImportMeta(context, module));
    if (meta.failed()) return false;
    Writer path;
    if (name[0] != '/') path << '/';
    path << bytes_of(name);
    Writer url;
    url << "file://";
    write_escaped(url, path.text());
    Bytes folder = path.text();
    while (folder.size > 1 && folder.data[folder.size - 1] != '/') --folder.size;
    if (folder.size > 1) --folder.size;
    return define(context, meta.get(), "dirname", folder) && define(context, meta.get(), "filename", path.text()) &&
           define(context, meta.get(), "url", url.text());
}

}  // namespace curfew::guest
