// The live map's page: 一张图. Comes in by the link of the chat, once; then shows what was chosen.

import { byId } from "./dom.js";
import { wireControls, showControls } from "./map_controls.js";
import { enter, loadMapSession, loadWords, mapSession, wireSession } from "./map_entry.js";
import { openMap, refresh } from "./map_view.js";
import { go, home, onMove } from "./map_state.js";
import { say } from "./strings.js";

async function start() {
  await loadWords();
  byId("gate-enter").addEventListener("click", comeIn);
  const code = location.hash.slice(1);
  if (code) return gate(say("enter_hint"), true);
  return open();
}

async function comeIn() {
  byId("gate-enter").disabled = true;
  try {
    await enter(location.hash.slice(1));
    history.replaceState(null, "", "/map");
    await open();
  } catch (error) {
    gate(error.message || say("not_reached"), false);
  }
}

async function open() {
  try {
    await loadMapSession();
  } catch (error) {
    return gate(say(error.status === 401 ? "no_session" : "not_reached"), false);
  }
  byId("gate").hidden = true;
  byId("page").hidden = false;
  wireSession();
  home(mapSession());
  wireControls(refresh);
  showControls();
  openMap();
  onMove(refresh);
  return go({});
}

function gate(words, canEnter) {
  byId("page").hidden = true;
  byId("gate").hidden = false;
  byId("gate-words").textContent = words;
  byId("gate-enter").hidden = !canEnter;
}

start();
