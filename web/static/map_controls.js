// What to colour by, over which months, by which division: 选择.

import { byId, element } from "./dom.js";
import { mapSession } from "./map_entry.js";
import { allDivisions, allMonths, home, go, monthAt, view } from "./map_state.js";
import { MEASURES } from "./measures.js";
import { languageTag, say } from "./strings.js";

export function wireControls(refresh) {
  const changed = (id, work) => byId(id).addEventListener("input", () => {
    work(byId(id));
    showMonth();
    view.offset = 0;
    refresh();
  });
  changed("measure", ({ value }) => { view.measure = value; });
  changed("mode", ({ value }) => { view.mode = value; });
  changed("month", ({ value }) => { view.month = Number(value); });
  changed("division", ({ value }) => { view.division = value; view.grid = view.record = null; });
  changed("tiles", ({ checked }) => { view.tiles = checked; });
  changed("places", ({ checked }) => { view.places = checked; });
  changed("problems", ({ checked }) => { view.problems = checked; });
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
}

export function showControls() {
  options("measure", Object.keys(MEASURES).map((name) => [name, say(`measure_${name}`)]), view.measure);
  options("mode", [["year", say("mode_year")], ["to_date", say("mode_to_date")], ["month", say("mode_month")], ["all", say("mode_all")]], view.mode);
  options("division", [["", say("division_auto")], ...allDivisions().map(({ from, to }) => [from, to ? say("division_between", { from, to }) : say("division_since", { from })])], view.division);
  Object.assign(byId("month"), { min: 0, max: allMonths().length - 1, value: view.month });
  byId("tiles").checked = view.tiles;
  byId("tiles-label").hidden = !mapSession().tiles;
  byId("places").checked = view.places;
  byId("places-label").hidden = !mapSession().places;
  byId("problems").checked = view.problems;
  showAreas();
  showMonth();
}

/** Whoever is the office of several areas chooses between them. */
function showAreas() {
  const { areas } = mapSession();
  if (areas.length < 2) return byId("area-name").replaceChildren(areas[0].name);
  const select = element("select", { "aria-label": say("area"), oninput: () => {
    home({ ...mapSession(), areas: [areas[select.selectedIndex]] });
    go({});
  } }, ...areas.map(({ name }) => element("option", { text: name })));
  return byId("area-name").replaceChildren(select);
}

function showMonth() {
  const month = monthAt(view.month);
  const words = monthName(month);
  byId("month-name").textContent = words;
  byId("month").setAttribute("aria-valuetext", words);
  byId("month").disabled = view.mode === "all";
}

export const monthName = (month) => new Intl.DateTimeFormat(languageTag(), { year: "numeric", month: "long", timeZone: "UTC" })
  .format(new Date(`${month}-15T00:00:00Z`));

function options(id, pairs, chosen) {
  byId(id).replaceChildren(...pairs.map(([value, text]) => element("option", { value, text, selected: value === chosen })));
}
