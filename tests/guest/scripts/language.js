// event: {"name":"Ada","tags":["a","b"]}
// result: ["Ada a b none","Dog Rex barks",[3,2,1],"b1",7,"default",[1,[2,3]],"tag-x",true,[1,2,10],3]
class Animal {
    #name;
    static count = 0;
    constructor(name) {
        this.#name = name;
        ++Animal.count;
    }
    get name() {
        return this.#name;
    }
}
class Dog extends Animal {
    speak() {
        return `Dog ${this.name} barks`;
    }
}
const tag = (parts, ...values) => parts[0] + values[0];
function handler({ name, tags: [first, ...rest], missing = "none" }) {
    const object = { a: 1, ["b" + 1]: 2, ...{ c: 3 } };
    label: for (;;) {
        for (;;) break label;
    }
    const [one, ...others] = [1, 2, 3];
    return [
        `${name} ${first} ${rest} ${missing}`, new Dog("Rex").speak(), [1, 2, 3].toReversed(), Object.keys(object)[1],
        ((a, b = a + 1) => a + b)(3), null ?? "default", [one, others], tag`tag-${"x"}`,
        Reflect.ownKeys(new Proxy({ z: 1 }, { ownKeys: () => ["z"] })).includes("z"), [10, 1, 2].sort((a, b) => a - b),
        [1, 2, 3].at(-1),
    ];
}
