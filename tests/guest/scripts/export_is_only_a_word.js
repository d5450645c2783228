// event: 1
// result: ["export","export","export",true,3]
// event: 2
// error: Error: here
// stack: at handler (export_is_only_a_word.js:16:15)
// stack@node: at handler (export_is_only_a_word.js:16:11)
/* export default */
const text = 'export { handler }'.slice(0, 6);
const template = `export ${"`export`"}`.slice(0, 6); // export
const { exports: renamed } = { exports: "export" };
const pattern = /export/.test("export");
const object = { export: 3 };

function handler(event) {
    if (event === 1) return [text, template, renamed, pattern, object.export];
    throw new Error("here");
}
