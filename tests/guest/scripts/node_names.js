// event: null
// printed@node: warn [DEP0169] DeprecationWarning: `url.parse()` behavior is not standardized and prone to errors that have security implications. Use the WHATWG URL API instead. CVEs are not issued for `url.parse()` vulnerabilities.
// result: ["/b/c.txt","b","/x/z","../../d",{"root":"/","dir":"/home/u","base":"file.tar.gz","ext":".gz","name":"file.tar"},"/d/f.x","/a/c",false,"","/a","/",":",true,["http:","user:pa ss","host.example:8080","8080","host.example","#hash","?query=string&a=1",{"query":"string","a":"1"},"/p/a/t/h","/p/a/t/h?query=string&a=1","http://user:pa%20ss@host.example:8080/p/a/t/h?query=string&a=1#hash"],"/one/two/four","http://example.com/two","https://a.b/x?a=1&a=2&b=c%20d","https://h/p","xn--espaol-zwa.com","español.com","/a b/c","file:///a%20b/c%23d%25",true,{"a":["1","é x"],"b":"2","c":"","":"d","�":"e"},"a=1&a=true&a=&b=%C3%A9%20~'()&c=&d=1","2","a%20b%26c","A%zz","\n",4,6,0,false,true,false,false]
// Paths, URLs and queries, as Node.js has them.
import path, { basename, join, posix } from "node:path";
import url, { fileURLToPath, pathToFileURL } from "node:url";
import querystring from "querystring";
import { EOL } from "node:os";
import { isIP, isIPv4, isIPv6 } from "node:net";

export function handler() {
    const parsed = url.parse("http://user:pa%20ss@Host.example:8080/p/a/t/h?query=string&a=1#hash", true);
    return [
        join("/a", "..", "b", "./c.txt"), basename("/a/b.html", ".html"), path.resolve("/x", "y", "../z"), path.relative("/a/b/c", "/a/d"),
        path.parse("/home/u/file.tar.gz"), path.format({ dir: "/d", base: "f.x" }), path.normalize("/a//b/../c/."), path.isAbsolute("a"),
        path.extname(".x"), path.dirname("/a/b"), path.sep, path.delimiter, posix === path || posix.join === path.join,
        [parsed.protocol, parsed.auth, parsed.host, parsed.port, parsed.hostname, parsed.hash, parsed.search, { ...parsed.query }, parsed.pathname, parsed.path, parsed.href],
        url.resolve("/one/two/three", "four"), url.resolve("http://example.com/one", "../two"), url.format({ protocol: "https", host: "a.b", pathname: "/x", query: { a: [1, 2], b: "c d" } }),
        url.format(new URL("https://u:p@h/p?q#f"), { auth: false, fragment: false, search: false }), url.domainToASCII("español.com"), url.domainToUnicode("xn--espaol-zwa.com"),
        fileURLToPath("file:///a%20b/c"), pathToFileURL("/a b/c#d%").href, url.URL === URL,
        { ...querystring.parse("a=1&b=2&a=%C3%A9+x&c&=d&%E2%82=e") }, querystring.stringify({ a: [1, true, ""], b: "é ~'()", c: null, d: 1n }),
        querystring.parse("a:1;b:2", ";", ":").b, querystring.escape("a b&c"), querystring.unescape("%41%zz"),
        EOL, isIP("1.2.3.4"), isIP("::1"), isIP("x"), isIPv4("256.1.1.1"), isIPv6("fe80::1%eth0"), isIPv4("01.2.3.4"), isIPv4("1.2.3.4."),
    ];
}
