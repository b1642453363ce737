// Coming in and leaving the live map, its language and its words: 进出.

import { byId } from "./dom.js";
import { fetchJson } from "./server.js";
import { loadStrings, say } from "./strings.js";

let current = null;

export const mapSession = () => current;

export const loadWords = () => loadStrings(navigator.language.startsWith("zh") ? "zh_CN" : "en", "/map/strings");

export const enter = (code) => fetchJson("/map/session", "POST", { code });

export async function loadMapSession() {
  current = await fetchJson("/map/session");
  await loadStrings(current.language, "/map/strings");
}

export function wireSession() {
  byId("leave").addEventListener("click", leave);
  byId("print").addEventListener("click", () => window.print());
  const { languages, language } = current;
  const next = languages[(languages.indexOf(language) + 1) % languages.length];
  byId("language").textContent = say(`language_${next}`);
  byId("language").lang = next.replace("_", "-");
  byId("language").addEventListener("click", () => change("/map/language", "POST", { language: next }));
}

const leave = () => change("/map/session", "DELETE", null);

async function change(address, method, body) {
  await fetchJson(address, method, body, { "X-CSRF-Token": current.token }).catch(() => {});
  location.reload();
}
