// Who is using the page, and in which language: 会话.

import { fetchJson } from "./server.js";
import { loadStrings, say } from "./strings.js";

const PREFERRED = "xunlin-language";

let current = null;

export const session = () => current;

export async function loadSession() {
  return take(await fetchJson("/local/session"));
}

/** Comes in; the language that was chosen on this device is kept. */
export async function logIn(proof) {
  const language = localStorage.getItem(PREFERRED);
  await take(await fetchJson("/local/session", "POST", { ...proof, ...(language && { language }) }));
}

/** Speaks the language that was chosen in the conversation. */
export async function followLanguage() {
  const before = current.language;
  await loadSession().catch(() => {});
  if (current.language === before) return;
  localStorage.setItem(PREFERRED, current.language);
  document.dispatchEvent(new CustomEvent("language"));
}

export async function logOut() {
  await fetchJson("/local/session", "DELETE");
}

/** Names the person on this device, so that nobody's unsent message leaves under another's name. */
export function personKey() {
  const { id, role, area, name } = current.person;
  return id ?? [role, area, name].join("/");
}

/** Makes each language button offer the next language, written in that language. */
export function wireLanguage() {
  for (const button of document.querySelectorAll("[data-language-switch]")) {
    button.addEventListener("click", () => switchLanguage().catch(() => location.reload()));
  }
}

async function take(answer) {
  const preferred = localStorage.getItem(PREFERRED);
  if (!answer.person && answer.languages.includes(preferred)) answer.language = preferred;
  const changed = answer.language !== current?.language;
  current = answer;
  if (changed) await loadStrings(current.language);
  offerLanguage();
  return current;
}

async function switchLanguage() {
  const next = nextLanguage();
  localStorage.setItem(PREFERRED, next);
  await chooseLanguage(next);
  document.dispatchEvent(new CustomEvent("language"));
}

async function chooseLanguage(language) {
  await take(await fetchJson("/local/language", "POST", { language }));
}

function nextLanguage() {
  const { languages, language } = current;
  return languages[(languages.indexOf(language) + 1) % languages.length];
}

function offerLanguage() {
  const next = nextLanguage();
  for (const button of document.querySelectorAll("[data-language-switch]")) {
    button.textContent = say(`language_${next}`);
    button.lang = next.replace("_", "-");
  }
}
