// result: ["AQID_v8","AQID/v8=","010203feff","buffer","buffer","buffer","buffer","buffer","buffer","é😊","{\"sub\":\"é\"}","a�b","","","aGk","RangeError: there is no encoding \"latin1\" here: use \"utf-8\", \"hex\", \"base64\" or \"base64url\"","TypeError: an encoding is \"utf-8\", \"hex\", \"base64\" or \"base64url\", not null","TypeError: the data is no text in base64","TypeError: the data is no text in base64url","TypeError: the data is no text in hex","TypeError: the data is no text in hex","TypeError"]
export function handler() {
    const error = (wrong) => {
        try {
            return wrong();
        } catch (e) {
            return String(e);
        }
    };
    const bytes = [1, 2, 3, 254, 255];
    const buffer = [0x62, 0x75, 0x66, 0x66, 0x65, 0x72];
    return [
        String.bytesFrom(bytes, "base64url"),
        String.bytesFrom(new Uint8Array(bytes), "base64"),
        String.bytesFrom(new Uint8Array(bytes).buffer, "hex"),
        String.bytesFrom(buffer),
        String.bytesFrom(buffer, "utf-8"),
        String.bytesFrom(new DataView(new Uint8Array(buffer).buffer), "utf8"),
        String.bytesFrom("YnVmZmVy", "base64"),
        String.bytesFrom("YnVmZmVy", "base64url"),
        String.bytesFrom("627566666572", "hex"),
        String.bytesFrom([0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x8a]),
        String.bytesFrom("eyJzdWIiOiLDqSJ9", "base64url"),
        String.bytesFrom([0x61, 0xff, 0x62]),
        String.bytesFrom([], "hex"),
        String.bytesFrom("", "base64"),
        String.bytesFrom("aGk", "utf-8"),
        error(() => String.bytesFrom(bytes, "latin1")),
        error(() => String.bytesFrom(bytes, null)),
        error(() => String.bytesFrom("a-_b", "base64")),
        error(() => String.bytesFrom("a+/b", "base64url")),
        error(() => String.bytesFrom("abc", "hex")),
        error(() => String.bytesFrom("zz", "hex")),
        error(() => String.bytesFrom(7, "hex")).split(":")[0],
    ];
}
