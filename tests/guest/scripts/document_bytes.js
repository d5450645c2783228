// event: "Zoë"
// result: {"bytes":[90,111,195,171],"hex":"5a6fc3ab","text":"Zoë","same":true}
function handler(name) {
    const bytes = new TextEncoder().encode(name);
    const copy = structuredClone({ bytes });
    return {
        bytes: [...bytes],
        hex: String.bytesFrom(bytes, "hex"),
        text: new TextDecoder().decode(copy.bytes),
        same: copy.bytes !== bytes && copy.bytes.length === bytes.length,
    };
}
