// Every sentence of the page in the chosen language: 文案, from the server's catalogue.

import { fetchJson } from "./server.js";

let sentences = {};
let tag = "zh-CN";

export async function loadStrings(language, from = "/local/strings") {
  sentences = await fetchJson(`${from}?lang=${encodeURIComponent(language)}`);
  tag = language.replace("_", "-");
  document.documentElement.lang = tag;
  document.title = say("title");
  sayAll(document);
}

/** The sentence at `key` with its {placeholders} filled. */
export function say(key, fields = {}) {
  const sentence = sentences[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
}

/** The language as the browser's formatters want it: zh-CN, en. */
export const languageTag = () => tag;

function sayAll(root) {
  for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of root.querySelectorAll("[data-say-hint]")) node.placeholder = say(node.dataset.sayHint);
  for (const node of root.querySelectorAll("[data-say-label]")) name(node, say(node.dataset.sayLabel));
}

function name(node, label) {
  node.setAttribute("aria-label", label);
  if (node.matches("button, a")) node.title = label;
}
