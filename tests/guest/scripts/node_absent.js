// result: [false,"ERR_NOT_IN_SANDBOX fs.readFileSync is not available in a cell of the engine quickjs","fs.promises.readFile is not available in a cell of the engine quickjs","ERR_NOT_IN_SANDBOX child_process.spawn is not available in a cell of the engine quickjs","ERR_NOT_IN_SANDBOX http.get is not available in a cell of the engine quickjs","ERR_NOT_IN_SANDBOX http.Server.listen is not available in a cell of the engine quickjs","ERR_NOT_IN_SANDBOX net.connect is not available in a cell of the engine quickjs","ERR_NOT_IN_SANDBOX worker_threads.Worker is not available in a cell of the engine quickjs","ERR_NOT_IN_SANDBOX zlib.gzipSync is not available in a cell of the engine quickjs",true,false,"ERR_NOT_IN_SANDBOX os.cpus is not available in a cell of the engine quickjs","","browser",true,false,true,true,true,"function",true,true,"undefined",true,true]
// result@node: "Node.js"
// What no cell of QuickJS has. Some modules are there for packages that load them, and their functions say that they do nothing; others cannot
// be imported.
import fs, { existsSync, readFileSync } from "node:fs";
import { spawn } from "child_process";
import http from "node:http";
import net from "node:net";
import { createRequire, isBuiltin } from "node:module";
import { isMainThread, Worker } from "node:worker_threads";
import { gzipSync } from "zlib";
import os from "os";
import tty from "tty";
export async function handler() {
    if (process.versions.node) return "Node.js";
    const why = (f) => { try { return f(); } catch (error) { return `${error.code} ${error.message}`; } };
    const require = createRequire("/");
    return [
        existsSync("/etc/passwd"), why(() => readFileSync("/etc/passwd")), await fs.promises.readFile("/x").catch((error) => error.message), why(() => spawn("ls")),
        why(() => http.get("http://a")), why(() => http.createServer().listen(80)), why(() => net.connect(80)), why(() => new Worker("x")), why(() => gzipSync("x")), isMainThread,
        tty.isatty(1), why(() => os.cpus()), os.hostname(), os.platform(), isBuiltin("node:fs"), isBuiltin("nope"), require("fs") === fs, require("node:path") === (await import("path")).default,
        require("events") === (await import("node:events")).default, typeof require("console").log,
        (await import("node:dgram").catch((error) => error.message)).includes("imports \"node:dgram\", but"), why(() => require("cluster")).includes("imports \"cluster\", but"), typeof process.versions.node, process === (await import("process")).default,
        global === globalThis,
    ];
}
