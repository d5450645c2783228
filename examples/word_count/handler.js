// Counts the words of a text: {"text":"to be or not to be"} gives {"be":2,"not":1,"or":1,"to":2}.
export function handler({ text }) {
    const counts = {};
    for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
        counts[word] = (counts[word] ?? 0) + 1;
    }
    return Object.fromEntries(Object.entries(counts).sort());
}
