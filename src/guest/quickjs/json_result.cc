#include "guest/quickjs/json_result.h"

#include "guest/quickjs/inspector.h"
#include "guest/quickjs/object_table.h"
#include "guest/quickjs/value.h"
#include "guest/quickjs/value_place.h"

namespace curfew::guest {

namespace {

struct Step {
    const Step* outer;
    JSAtom name;  // or JS_ATOM_NULL
    int64_t index;
};

class Search {
  public:
    Search(JSContext* context, Writer& found) : context_(context), found_(found), seen_(context) {}

    // True when it was found.
    bool look_at(JSValueConst value, const Step* step) {
        if (!JS_IsObject(value) || JS_IsFunction(context_, value) || JS_IsProxy(value)) return false;
        if (engine_throws_for_deep_stack(context_)) {
            drop_exception(context_);
            return false;
        }
        bool is_new = false;
        if (seen_.find_or_add(value, 0, is_new) < 0) drop_exception(context_);
        if (!is_new || has_to_json(value)) return false;
        switch (engine_kind_of(value)) {
            case ENGINE_ARRAY: return look_at_items(value, step);
            case ENGINE_PLAIN: return look_at_members(value, step);
            case ENGINE_BOXED:
            case ENGINE_DATE:
            case ENGINE_TYPED_ARRAY: return false;
            default: break;
        }
        if (has_members(value)) return false;  // what it has for its own is in the text
        write_class(context_, found_, value);
        if (step) {
            found_ << " at ";
            write_place(step);
        }
        return true;
    }

  private:
    bool has_to_json(JSValueConst value) {
        const Value function = property(context_, value, "toJSON");
        return JS_IsFunction(context_, function.get());
    }

    bool has_members(JSValueConst value) {
        JSPropertyEnum* properties = nullptr;
        uint32_t count = 0;
        if (JS_GetOwnPropertyNames(context_, &properties, &count, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
            drop_exception(context_);
            return false;
        }
        JS_FreePropertyEnum(context_, properties, count);
        return count > 0;
    }

    bool look_at_items(JSValueConst array, const Step* outer) {
        uint32_t count = 0;
        for (uint32_t i = 0;; ++i) {
            const JSValue* const items = engine_items_of(array, &count);
            if (!items || i >= count) return false;
            const Value each(context_, JS_DupValue(context_, items[i]));
            const Step step{outer, JS_ATOM_NULL, i};
            if (look_at(each.get(), &step)) return true;
        }
    }

    struct Visit {
        Search& search;
        const Step* outer;
        bool found;
    };
    bool look_at_members(JSValueConst object, const Step* outer) {
        if (engine_count_members(context_, object) < 0) return look_at_members_by_name(object, outer);
        Visit visit{*this, outer, false};
        engine_each_member(
            context_, object,
            [](void* opaque, JSAtom name, JSValueConst member) {
                Visit& at = *static_cast<Visit*>(opaque);
                const Step step{at.outer, name, 0};
                at.found = at.search.look_at(member, &step);
                return !at.found;
            },
            &visit);
        return visit.found;
    }
    bool look_at_members_by_name(JSValueConst object, const Step* outer) {
        JSPropertyEnum* properties = nullptr;
        uint32_t count = 0;
        if (JS_GetOwnPropertyNames(context_, &properties, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) < 0) {
            drop_exception(context_);
            return false;
        }
        bool found = false;
        for (uint32_t i = 0; !found && i < count; ++i) {
            JSPropertyDescriptor descriptor;
            const int has = JS_GetOwnProperty(context_, &descriptor, object, properties[i].atom);
            if (has < 0) drop_exception(context_);
            if (has <= 0) continue;
            JS_FreeValue(context_, descriptor.getter);
            JS_FreeValue(context_, descriptor.setter);
            const Value member(context_, descriptor.value);
            const Step step{outer, properties[i].atom, 0};
            found = look_at(member.get(), &step);
        }
        JS_FreePropertyEnum(context_, properties, count);
        return found;
    }

    void write_place(const Step* step) {
        constexpr int kMostSteps = 32;
        const Step* steps[kMostSteps];
        int count = 0;
        for (; step && count < kMostSteps; step = step->outer) steps[count++] = step;
        if (step) found_ << "...";
        while (count-- > 0) write_step(context_, found_, steps[count]->name, steps[count]->index);
    }

    JSContext* context_;
    Writer& found_;
    ObjectTable seen_;
};

}  // namespace

bool find_lost_object(JSContext* context, JSValueConst value, Writer& found) {
    return Search(context, found).look_at(value, nullptr);
}

}  // namespace curfew::guest
