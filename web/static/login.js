// The first page: pick who you are (demo), or log in by invite code: 登录.

import { byId, element, icon } from "./dom.js";
import { fetchJson } from "./server.js";
import { logIn, session } from "./session.js";
import { say } from "./strings.js";

const ICONS = { community: "tree", street: "pin", district: "target", office: "file" };
let enter = () => {};
let asked = 0;

/** Wires the page once; `onEnter` is called when somebody is in. */
export function wireLogin(onEnter) {
  enter = onEnter;
  byId("login-code").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt({ code: byId("code").value.trim() });
  });
  byId("people-search").addEventListener("input", debounced(showPeople, 200));
  document.addEventListener("language", () => byId("login").hidden || showLogin());
}

export function showLogin() {
  const picking = session().login === "pick";
  byId("login").hidden = false;
  byId("login-pick").hidden = !picking;
  byId("login-code").hidden = picking;
  byId("login-error").hidden = true;
  byId("people-search").value = "";
  if (picking) return showPeople();
  return byId("code").focus();
}

async function showPeople() {
  const mine = ++asked;
  const query = byId("people-search").value.trim();
  try {
    const asking = new URLSearchParams({ lang: session().language, ...(query && { q: query }) });
    const { groups } = await fetchJson(`/local/people?${asking}`);
    if (mine === asked) byId("people").replaceChildren(...people(groups));
  } catch (error) {
    complain(error);
  }
}

function people(groups) {
  const filled = groups.filter((group) => group.people.length > 0);
  if (filled.length === 0) return [element("p", { class: "nobody", text: say("nobody_found") })];
  return filled.map((group) => element("section", { class: "people-group" },
    element("h3", {}, icon(ICONS[group.role] ?? "tree"), element("span", { text: group.label })),
    element("ul", {}, ...group.people.map((person) => element("li", {}, personButton(person))))));
}

function personButton(person) {
  return element("button", { type: "button", class: "person", onclick: () => attempt({ pick: person.id }) },
    element("strong", { text: person.name }), " ",
    element("span", { class: "person-area", text: person.area }), " ",
    element("span", { class: "person-title", text: person.title }));
}

async function attempt(proof) {
  byId("login-error").hidden = true;
  try {
    await logIn(proof);
    byId("login").hidden = true;
    byId("code").value = "";
    enter();
  } catch (error) {
    complain(error);
  }
}

function complain(error) {
  byId("login-error").textContent = error.message || say(error.status === 0 ? "error_network" : "error_unknown");
  byId("login-error").hidden = false;
}

function debounced(work, wait_ms) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait_ms);
  };
}
