// The page begins here: 本地聊天. Log in, then the conversation.

import { emptyComposer, wireComposer } from "./composer.js";
import { dropPending, emptyConversation, showErased, showMessage, showPending, showSpent, wireConversation } from "./conversation.js";
import { byId, icon } from "./dom.js";
import { listen } from "./events.js";
import { forgetGrids } from "./grids.js";
import { wireLocationSheet } from "./location_sheet.js";
import { showLogin, wireLogin } from "./login.js";
import { showMenu } from "./menu.js";
import { retryNow, startOutgoing, stopOutgoing } from "./outgoing.js";
import { followLanguage, loadSession, logOut, personKey, session, wireLanguage } from "./session.js";
import { say } from "./strings.js";
import { wireViewer } from "./viewer.js";

const AGAIN_MS = 3000;
const KIND_MS = 1500;
const MENU_MS = 300; // the history may bring older menus first
let stopListening = () => {};
let lostTimer = 0;
let menuTimer = 0;
let connection = null;

async function begin() {
  try {
    await loadSession();
  } catch {
    setTimeout(begin, AGAIN_MS);
    return;
  }
  byId("splash").hidden = true;
  if (session().person) enter();
  else await showLogin();
}

async function enter() {
  emptyConversation();
  emptyComposer();
  forgetGrids();
  byId("chat").hidden = false;
  showHeader();
  await startOutgoing(personKey(), { onChange: showPending, onGone: dropPending, onLoggedOut: leave });
  stopListening = listen({
    onMessage: showMessage, onSpent: showSpent, onErased: showErased, onMenu: takeMenu, onState: showConnection, onLoggedOut: leave,
  });
}

/** New quick buttons; they come in the language that the bot now speaks. */
function takeMenu(menu) {
  showMenu(menu);
  clearTimeout(menuTimer);
  if (menu.language && menu.language !== session().language) menuTimer = setTimeout(followLanguage, MENU_MS);
}

/** Back to the first page; what is unsent waits on this device for the same person. */
async function leave() {
  stopListening();
  connection = null;
  stopOutgoing();
  emptyConversation();
  byId("chat").hidden = true;
  showMenu({ buttons: [] });
  await loadSession().catch(() => location.reload());
  await showLogin();
}

function showHeader() {
  const { person, login } = session();
  byId("who").textContent = person.name;
  byId("area").textContent = person.area;
  const label = say(login === "pick" ? "switch_person" : "log_out");
  byId("leave").setAttribute("aria-label", label);
  byId("leave").title = label;
  byId("leave").replaceChildren(icon(login === "pick" ? "switch" : "leave"));
}

/** A short break is not worth a word. */
function showConnection(state) {
  if (state === connection) return;
  clearTimeout(lostTimer);
  connection = state;
  if (state === "open") retryNow();
  lostTimer = setTimeout(sayConnection, state === "open" ? 0 : KIND_MS);
}

function sayConnection() {
  const words = { connecting: "connecting", lost: "connection_lost" }[connection];
  byId("connection").hidden = !words;
  byId("connection").textContent = words ? say(words) : "";
}

/** The room above an on-screen keyboard, where the browser does not make it by itself. */
function fitKeyboard() {
  document.documentElement.style.setProperty("--height", `${window.visualViewport.height}px`);
}

wireLanguage();
wireLogin(enter);
wireConversation();
wireComposer();
wireLocationSheet();
wireViewer();
byId("leave").addEventListener("click", () => logOut().catch(() => {}).then(leave));
document.addEventListener("language", () => session().person && (showHeader(), sayConnection()));
window.addEventListener("online", retryNow);
window.visualViewport?.addEventListener("resize", fitKeyboard);
begin();
