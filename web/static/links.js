// Addresses in the bot's sentences become links: 链接. Only http and https, and shown as they are.

import { element } from "./dom.js";

const ADDRESS = /(https?:\/\/[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+)/;

/** A piece of a sentence as nodes, with its addresses as links; anything but text stays as it is. */
export function withLinks(part) {
  if (typeof part !== "string") return [part];
  return part.split(ADDRESS).filter((piece) => piece !== "").map((piece) => (ADDRESS.test(piece)
    ? element("a", { class: "link", href: piece, target: "_blank", rel: "noopener noreferrer", text: piece })
    : piece));
}
