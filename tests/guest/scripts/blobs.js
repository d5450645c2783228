// result: [6,"text/plain","Zoë!?",[90,111,195,171,33,63],6,"!?","Zo","a/b",6,"[object Blob]","a.txt",6,5,true,"[object File]","Zoë!?","text/plain","x","TypeError","TypeError"]
// Blob and File.
export async function handler() {
    const blob = new Blob(["Zoë", new Uint8Array([33]), new Blob(["?"])], { type: "Text/Plain" });
    const file = new File([blob], "a.txt", { type: "x/y", lastModified: 5 });
    const thrown = (f) => { try { f(); return "no error"; } catch (error) { return error.name; } };
    const pieces = [];
    for await (const piece of blob.stream()) pieces.push(...piece);
    return [
        blob.size, blob.type, await blob.text(), [...await blob.bytes()], (await blob.arrayBuffer()).byteLength, await blob.slice(-2).text(),
        await blob.slice(0, 2, "A/B").text(), blob.slice(0, 2, "A/B").type, pieces.length, String(blob), file.name, file.size, file.lastModified,
        file instanceof Blob, String(file), await new Response(file).text(), new Response(blob).headers.get("content-type"),
        await (await new Response("x", { headers: { "content-type": "a/b" } }).blob()).text(), thrown(() => new Blob("x")), thrown(() => new File([])),
    ];
}
