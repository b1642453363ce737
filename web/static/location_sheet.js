// The sheet to send a location: 发送位置. A tap on the offline map, or the position of the device.

import { byId, closable } from "./dom.js";
import { union } from "./geometry.js";
import { fullName, gridAt, loadGrids } from "./grids.js";
import { GridMap } from "./map.js";
import { send } from "./outgoing.js";
import { say } from "./strings.js";

const OWN_MARGIN_M = 350;
const NEAR_M = 450;
const WAIT_MS = 15_000;
const COMPLAINTS = { 1: "device_denied", 2: "device_unavailable", 3: "device_timeout" };

let map = null;
let atlas = null;
let chosen = null;
let asked = 0;

export function wireLocationSheet() {
  closable(byId("location-sheet"));
  map = new GridMap(byId("map"), (point) => atlas && choose(point, "map"));
  byId("map-in").addEventListener("click", () => atlas && map.zoom(1.6));
  byId("map-out").addEventListener("click", () => atlas && map.zoom(1 / 1.6));
  byId("map-own").addEventListener("click", showOwn);
  byId("locate").addEventListener("click", locate);
  byId("location-send").addEventListener("click", sendChosen);
  byId("location-sheet").addEventListener("close", () => { asked += 1; });
}

export async function openLocationSheet() {
  byId("location-sheet").showModal();
  clear();
  try {
    atlas = await loadGrids();
    map.show(atlas);
    showOwn();
  } catch {
    atlas = null;
    tell(say("map_missing"), "warn");
  }
}

function clear() {
  chosen = null;
  asked += 1;
  map.setPin(null);
  byId("location-send").disabled = true;
  byId("map-hint").hidden = false;
  busy(false);
  tell(say("place_none"), "");
}

function showOwn() {
  if (!atlas) return;
  const own = atlas.grids.filter((grid) => grid.own);
  if (own.length === 0 || own.length === atlas.grids.length) return map.fit(atlas.box);
  const { left, top, right, bottom } = union(own.map((grid) => grid.box));
  return map.fit({ left: left - OWN_MARGIN_M, top: top - OWN_MARGIN_M, right: right + OWN_MARGIN_M, bottom: bottom + OWN_MARGIN_M });
}

function choose(point, source, accuracy_m = null) {
  const [lon, lat] = atlas.plane.toEarth(point);
  asked += 1;
  busy(false);
  choosePlace({ lon, lat, accuracy_m, source });
  const grid = gridAt(atlas, point);
  map.setPin(point, grid ? grid.name : say("outside_grids"), accuracy_m);
  if (!grid) return tell(say("outside_grids_hint"), "warn");
  const ownKnown = atlas.grids.some((one) => one.own);
  const where = ownKnown ? say(grid.own ? "place_own" : "place_other", { grid: fullName(grid) }) : fullName(grid);
  return tell(where, grid.own || !ownKnown ? "good" : "warn");
}

function choosePlace({ lon, lat, accuracy_m, source }) {
  chosen = { lon: round(lon), lat: round(lat), accuracy_m, source };
  byId("location-send").disabled = false;
  byId("map-hint").hidden = true;
}

function locate() {
  if (!window.isSecureContext || !navigator.geolocation) return tell(say("device_insecure"), "warn");
  const mine = ++asked;
  busy(true);
  tell(say("locating"), "");
  const current = (work) => (answer) => mine === asked && work(answer);
  return navigator.geolocation.getCurrentPosition(current(located), current(notLocated),
    { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 });
}

function located({ coords: { longitude, latitude, accuracy } }) {
  busy(false);
  if (!atlas) { // the place can be sent without a map
    choosePlace({ lon: longitude, lat: latitude, accuracy_m: Math.round(accuracy), source: "device" });
    return tell(say("place_device", { metres: Math.round(accuracy) }), "good");
  }
  const [x, y] = atlas.plane.toPlane([longitude, latitude]);
  choose([x, y], "device", Math.round(accuracy));
  return map.fit({ left: x - NEAR_M, right: x + NEAR_M, top: y - NEAR_M, bottom: y + NEAR_M });
}

function notLocated({ code }) {
  busy(false);
  tell(say(COMPLAINTS[code] ?? "device_unavailable"), "warn");
}

function sendChosen() {
  send({ location: chosen });
  byId("location-sheet").close();
}

function busy(locating) {
  byId("locate").disabled = locating;
  byId("locate").setAttribute("aria-busy", String(locating));
}

function tell(sentence, mood) {
  byId("place").textContent = sentence;
  byId("place").dataset.mood = mood;
}

const round = (degrees) => Number(degrees.toFixed(6));
