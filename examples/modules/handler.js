import { greet } from "./modules/greeting.js";

export const handler = ({ name, language }) => greet(name, language);
