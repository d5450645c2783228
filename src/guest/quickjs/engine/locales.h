// What the engine says of languages and regions, which it knows none of: it answers as for American English and in UTC where that is what
// was asked for, and throws for the rest, where it would ignore the question. Included behind quickjs.c, whose tables of functions have
// these in place of the engine's own.
#ifndef CURFEW_GUEST_ENGINE_LOCALES_H
#define CURFEW_GUEST_ENGINE_LOCALES_H

static JSValue refuse_locale(JSContext* context, const char* function, const char* what, JSValueConst value) {
    const char* const text = JS_ToCString(context, value);
    if (!text) return JS_EXCEPTION;
    JS_ThrowRangeError(context, "%s: there is no Intl in this engine, which cannot do with the %s \"%s\"", function,
                       what, text);
    JS_FreeCString(context, text);
    return JS_EXCEPTION;
}

// True for undefined, American English, and lists of that. False, with an exception, for all others.
static bool takes_locale(JSContext* context, const char* function, JSValueConst locale) {
    if (JS_IsUndefined(locale)) return true;
    if (JS_IsString(locale)) {
        const char* const text = JS_ToCString(context, locale);
        const bool known = text && (strcmp(text, "en-US") == 0 || strcmp(text, "en") == 0);
        JS_FreeCString(context, text);
        if (!known && text) refuse_locale(context, function, "locale", locale);
        return known;
    }
    if (!JS_IsArray(locale)) {
        JS_ThrowTypeError(context, "%s: a locale is a string, or a list of strings", function);
        return false;
    }
    int64_t count = 0;
    if (JS_GetLength(context, locale, &count) < 0) return false;
    for (int64_t i = 0; i < count; ++i) {
        const JSValue item = JS_GetPropertyInt64(context, locale, i);
        const bool known = JS_IsString(item) && takes_locale(context, function, item);
        const bool is_text = JS_IsString(item);
        JS_FreeValue(context, item);
        if (known) continue;
        if (!is_text && !JS_HasException(context)) {
            JS_ThrowTypeError(context, "%s: a locale is a string, or a list of strings", function);
        }
        return false;
    }
    return true;
}

// Looks at the options that are there, each of which `take` has to know. False, with an exception.
static bool takes_options(JSContext* context, const char* function, JSValueConst options,
                          bool (*take)(JSContext* context, const char* name, JSValueConst value, void* into),
                          void* into) {
    if (JS_IsUndefined(options)) return true;
    if (!JS_IsObject(options)) {
        JS_ThrowTypeError(context, "%s: its options are an object", function);
        return false;
    }
    JSPropertyEnum* names = NULL;
    uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context, &names, &count, options, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0)
        return false;
    bool good = true;
    for (uint32_t i = 0; good && i < count; ++i) {
        const JSValue value = JS_GetProperty(context, options, names[i].atom);
        const char* const name = JS_AtomToCString(context, names[i].atom);
        if (JS_IsException(value) || !name) {
            good = false;
        } else if (!JS_IsUndefined(value) && !take(context, name, value, into)) {
            good = false;
            if (!JS_HasException(context)) {
                const JSValue shown = JS_AtomToString(context, names[i].atom);
                refuse_locale(context, function, "option", shown);
                JS_FreeValue(context, shown);
            }
        }
        JS_FreeCString(context, name);
        JS_FreeValue(context, value);
    }
    JS_FreePropertyEnum(context, names, count);
    return good;
}

static bool take_no_option(JSContext* context, const char* name, JSValueConst value, void* into) { return false; }

// --- Dates ---

static bool take_utc(JSContext* context, const char* name, JSValueConst value, void* into) {
    if (strcmp(name, "timeZone") != 0) return false;
    const char* const zone = JS_ToCString(context, value);
    const bool is_utc =
        zone && (strcasecmp(zone, "UTC") == 0 || strcasecmp(zone, "GMT") == 0 || strcasecmp(zone, "Etc/UTC") == 0);
    JS_FreeCString(context, zone);
    if (zone && !is_utc) refuse_locale(context, "toLocaleString", "time zone", value);
    return is_utc;
}

// "01/02/2018, 03:40:40 AM", as the engine writes it, as "1/2/2018, 3:40:40 AM" with the narrow space that others have there.
static JSValue as_in_english(JSContext* context, JSValue owned) {
    const char* const padded = JS_ToCString(context, owned);
    JS_FreeValue(context, owned);
    if (!padded) return JS_EXCEPTION;
    char text[128];
    size_t size = 0;
    int minutes = 0;  // colons before here
    for (const char* at = padded; *at != '\0' && size + 4 < sizeof(text); ++at) {
        const bool begins = at == padded || at[-1] == '/' || at[-1] == ' ';
        if (begins && minutes == 0 && *at == '0' && at[1] >= '0' && at[1] <= '9') continue;
        if (*at == ':') ++minutes;
        if (minutes > 0 && *at == ' ') {
            memcpy(text + size, "\xe2\x80\xaf", 3);
            size += 3;
        } else {
            text[size++] = *at;
        }
    }
    JS_FreeCString(context, padded);
    return JS_NewStringLen(context, text, size);
}

static JSValue get_date_string(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int magic) {
    const bool is_locale = (magic & 0xf0) == 0x30;
    if (is_locale) {
        const char* const function = magic == 0x31   ? "toLocaleDateString"
                                     : magic == 0x32 ? "toLocaleTimeString"
                                                     : "toLocaleString";
        if ((count > 0 && !takes_locale(context, function, arguments[0])) ||
            (count > 1 && !takes_options(context, function, arguments[1], take_utc, NULL))) {
            return JS_EXCEPTION;
        }
    }
    const JSValue text = get_date_string_of_engine(context, self, count, arguments, magic);
    return is_locale && JS_IsString(text) ? as_in_english(context, text) : text;
}

// --- Numbers ---

typedef struct {
    int least_digits;
    int most_digits;
    bool grouped;
} NumberStyle;

static bool take_number_option(JSContext* context, const char* name, JSValueConst value, void* into) {
    NumberStyle* const style = into;
    if (strcmp(name, "useGrouping") == 0 && (JS_IsBool(value))) {
        style->grouped = JS_ToBool(context, value);
        return true;
    }
    int* const digits = strcmp(name, "minimumFractionDigits") == 0   ? &style->least_digits
                        : strcmp(name, "maximumFractionDigits") == 0 ? &style->most_digits
                                                                     : NULL;
    if (!digits) return false;
    double number = 0;
    if (JS_ToFloat64(context, &number, value) < 0) return false;
    if (!(number >= 0 && number <= 100)) {
        JS_ThrowRangeError(context, "toLocaleString: %s is out of range", name);
        return false;
    }
    *digits = (int)number;
    return true;
}

// Digits, and what stands behind them, with a comma between each three.
static JSValue with_commas(JSContext* context, const char* digits, bool grouped) {
    const size_t length = strlen(digits);
    char* const out = js_malloc(context, length + length / 3 + 2);
    if (!out) return JS_EXCEPTION;
    size_t size = 0;
    if (*digits == '-') out[size++] = *digits++;
    const size_t whole = strcspn(digits, ".");
    for (size_t i = 0; i < whole; ++i) {
        if (grouped && i > 0 && (whole - i) % 3 == 0) out[size++] = ',';
        out[size++] = digits[i];
    }
    const size_t rest = strlen(digits + whole);
    memcpy(out + size, digits + whole, rest);
    const JSValue text = JS_NewStringLen(context, out, size + rest);
    js_free(context, out);
    return text;
}

static JSValue shown_number(JSContext* context, double number, const NumberStyle* style) {
    if (isnan(number)) return JS_NewString(context, "NaN");
    if (isinf(number)) return JS_NewString(context, number < 0 ? "-\xe2\x88\x9e" : "\xe2\x88\x9e");
    char text[512];
    JSDTOATempMem memory;
    js_dtoa(text, number, 10, style->most_digits, JS_DTOA_FORMAT_FRAC | JS_DTOA_EXP_DISABLED, &memory);
    char* const point = strchr(text, '.');
    for (char* end = text + strlen(text); point && end - 1 - point > style->least_digits && end[-1] == '0';) {
        *--end = '\0';
        if (end - 1 == point) *point = '\0';
    }
    if (signbit(number) && text[0] != '-') {  // rounded to zero
        memmove(text + 1, text, strlen(text) + 1);
        text[0] = '-';
    }
    return with_commas(context, text, style->grouped);
}

static JSValue js_number_toString(JSContext* context, JSValueConst self, int count, JSValueConst* arguments,
                                  int magic) {
    if (magic == 0) return js_number_toString_of_engine(context, self, count, arguments, magic);
    NumberStyle style = {.least_digits = 0, .most_digits = -1, .grouped = true};
    if ((count > 0 && !takes_locale(context, "toLocaleString", arguments[0])) ||
        (count > 1 && !takes_options(context, "toLocaleString", arguments[1], take_number_option, &style))) {
        return JS_EXCEPTION;
    }
    if (style.most_digits < 0) style.most_digits = style.least_digits > 3 ? style.least_digits : 3;
    if (style.most_digits < style.least_digits) {
        return JS_ThrowRangeError(context, "toLocaleString: maximumFractionDigits is less than minimumFractionDigits");
    }
    const JSValue value = js_thisNumberValue(context, self);
    double number = 0;
    if (JS_IsException(value) || JS_ToFloat64Free(context, &number, value) < 0) return JS_EXCEPTION;
    return shown_number(context, number, &style);
}

// Of the objects that have no toLocaleString of their own a BigInt is the one that other engines answer for.
static JSValue js_object_toLocaleString(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    if (!JS_IsBigInt(self)) return js_object_toLocaleString_of_engine(context, self, count, arguments);
    NumberStyle style = {.least_digits = 0, .most_digits = 0, .grouped = true};
    if ((count > 0 && !takes_locale(context, "toLocaleString", arguments[0])) ||
        (count > 1 && !takes_options(context, "toLocaleString", arguments[1], take_number_option, &style))) {
        return JS_EXCEPTION;
    }
    const char* const digits = JS_ToCString(context, self);
    if (!digits) return JS_EXCEPTION;
    const JSValue text = with_commas(context, digits, style.grouped);
    JS_FreeCString(context, digits);
    return text;
}

// --- Lists, which hand the question on to what is in them, in the engine without what was asked for ---

static bool takes_list_arguments(JSContext* context, int count, JSValueConst* arguments) {
    return (count == 0 || takes_locale(context, "toLocaleString", arguments[0])) &&
           (count < 2 || takes_options(context, "toLocaleString", arguments[1], take_no_option, NULL));
}

static JSValue js_array_join(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int is_locale) {
    if (is_locale && !takes_list_arguments(context, count, arguments)) return JS_EXCEPTION;
    return js_array_join_of_engine(context, self, count, arguments, is_locale);
}

static JSValue js_typed_array_join(JSContext* context, JSValueConst self, int count, JSValueConst* arguments,
                                   int is_locale) {
    if (is_locale && !takes_list_arguments(context, count, arguments)) return JS_EXCEPTION;
    return js_typed_array_join_of_engine(context, self, count, arguments, is_locale);
}

// --- Strings ---

static JSValue js_string_localeCompare(JSContext* context, JSValueConst self, int count, JSValueConst* arguments) {
    if (count > 1 && !JS_IsUndefined(arguments[1])) {
        return refuse_locale(context, "localeCompare", "locale", arguments[1]);
    }
    if (count > 2 && !takes_options(context, "localeCompare", arguments[2], take_no_option, NULL)) return JS_EXCEPTION;
    return js_string_localeCompare_of_engine(context, self, count, arguments);
}

JSValue engine_change_case(JSContext* context, JSValueConst self, int count, JSValueConst* arguments, int to_lower) {
    const char* const function = to_lower ? "toLocaleLowerCase" : "toLocaleUpperCase";
    if (count > 0 && !JS_IsUndefined(arguments[0])) {
        const JSValue first = JS_IsArray(arguments[0]) ? JS_GetPropertyInt64(context, arguments[0], 0)
                                                       : JS_DupValue(context, arguments[0]);
        const char* const text = JS_IsException(first) ? NULL : JS_ToCString(context, first);
        // Those that have rules of their own.
        static const char* const kOwn[] = {"az", "el", "lt", "tr"};
        bool own = false;
        for (size_t i = 0; text && i < countof(kOwn); ++i) {
            own = own || (strncmp(text, kOwn[i], 2) == 0 && (text[2] == '\0' || text[2] == '-'));
        }
        JS_FreeCString(context, text);
        if (own) refuse_locale(context, function, "locale", first);
        JS_FreeValue(context, first);
        if (own || !text) return JS_EXCEPTION;
    }
    return js_string_toLowerCase(context, self, 0, NULL, to_lower);
}

#endif
