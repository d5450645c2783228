import shout from "shout";

import words from "./words.json" with { type: "json" };

export const greet = (name, language) => shout(`${words[language]}, ${name}`);
