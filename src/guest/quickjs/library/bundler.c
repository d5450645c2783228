// bundler BUNDLE.js ENTRY.js PACKAGES OUT: writes the bytecode of a script that BUNDLE.js makes of ENTRY.js, with the very engine that will
// read it. Runs while Curfew is built.
#include <quickjs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char* read_file(const char* path, size_t* size) {
    FILE* const file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char* const text = malloc(*size + 1);
    if (!text || fread(text, 1, *size, file) != *size) abort();
    text[*size] = '\0';
    fclose(file);
    return text;
}

static JSValue read_file_as_text(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    (void)self;
    (void)count;
    const char* const path = JS_ToCString(context, arguments[0]);
    if (!path) return JS_EXCEPTION;
    size_t size = 0;
    char* const text = read_file(path, &size);
    const JSValue value =
        text ? JS_NewStringLen(context, text, size) : JS_ThrowPlainError(context, "cannot read %s", path);
    JS_FreeCString(context, path);
    free(text);
    return value;
}

// Ends the program when the value is an exception.
static JSValue need(JSContext* context, JSValue value) {
    if (!JS_IsException(value)) return value;
    const JSValue thrown = JS_GetException(context);
    const JSValue stack = JS_GetPropertyStr(context, thrown, "stack");
    fprintf(stderr, "bundler: %s\n%s", JS_ToCString(context, thrown), JS_ToCString(context, stack));
    exit(1);
}

int main(int count, char** arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: bundler BUNDLE.js ENTRY.js PACKAGES OUT\n");
        return 2;
    }
    JSRuntime* const engine = JS_NewRuntime();
    JSContext* const context = JS_NewContext(engine);
    size_t size = 0;
    char* const maker = read_file(arguments[1], &size);
    if (!maker) {
        fprintf(stderr, "bundler: cannot read %s\n", arguments[1]);
        return 1;
    }
    const JSValue bundle = need(context, JS_Eval(context, maker, size, arguments[1], JS_EVAL_TYPE_GLOBAL));
    JSValue call[] = {JS_NewString(context, arguments[2]), JS_NewString(context, arguments[3]),
                      JS_NewCFunction(context, read_file_as_text, "readFile", 1)};
    const JSValue made = need(context, JS_Call(context, bundle, JS_UNDEFINED, 3, call));
    size_t text_size = 0;
    const char* const text = JS_ToCStringLen(context, &text_size, made);

    const char* name = strrchr(arguments[2], '/');
    char file[256];
    snprintf(file, sizeof(file), "curfew:%s", name ? name + 1 : arguments[2]);
    const JSValue script =
        need(context, JS_Eval(context, text, text_size, file, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY));
    size_t written = 0;
    uint8_t* const bytecode =
        JS_WriteObject(context, &written, script, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
    if (!bytecode) need(context, JS_EXCEPTION);
    FILE* const out = fopen(arguments[4], "wb");
    if (!out || fwrite(bytecode, 1, written, out) != written || fclose(out) != 0) {
        fprintf(stderr, "bundler: cannot write %s\n", arguments[4]);
        return 1;
    }
    return 0;  // the system takes back what the engine had
}
