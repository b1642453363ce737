// Problems as signs on the map, as a list, and one with its steps: 问题.

import { element, icon } from "./dom.js";
import { fill, list } from "./map_panel.js";
import { go, query, view } from "./map_state.js";
import { fetchJson } from "./server.js";
import { say } from "./strings.js";

/** The problems of the area and the period that are shown. */
export async function loadProblems() {
  const { problems } = await fetchJson(`/map/data/problems?${query(view.area.code)}`);
  return problems.map((one) => ({ ...one, problem: true, kind: `problem_${one.state === "closed" ? "closed" : one.overdue ? "overdue" : "open"}`,
    name: [one.number, one.type_name, one.state_name].join(" · ") }));
}

/** The list that opens them, overdue ones first, closed ones last; null where there are none. */
export function listProblems(problems) {
  const sorted = RANK.flatMap((rank) => problems.filter(({ kind }) => kind === rank));
  return sorted.length ? element("section", {}, element("h3", { text: say("problems_here", { n: sorted.length }) }),
    element("ul", { class: "records" }, ...sorted.map(line))) : null;
}

/** Shows a problem and gives it, for its place on the map. */
export async function showProblem(number) {
  const problem = await fetchJson(`/map/data/problems/${encodeURIComponent(number)}`);
  fill(problem.number, back(), list(rowsOf(problem)), stepsOf(problem));
  return problem;
}

const RANK = ["problem_overdue", "problem_open", "problem_closed"];

function line(one) {
  return element("li", {}, element("button", { type: "button", onclick: () => go({ problem: one.number }) },
    element("strong", { text: one.type_name }), element("span", { text: say(`kind_${one.kind}`) }),
    element("small", { text: [one.number, one.found_on, one.state_name].join(" · ") })));
}

function back() {
  const before = { grid: view.grid };
  return element("button", { type: "button", class: "back", onclick: () => go(before) }, icon("reply"), say("back"));
}

function rowsOf(problem) {
  const { due } = problem;
  return [
    ["problem_type", problem.type], ["problem_severity", problem.severity], ["problem_state", problem.state],
    ["problem_found", problem.found_on], ["problem_due", due && problem.overdue ? say("problem_late", { due }) : due],
    ["problem_place", problem.place], ["position", problem.lon === null ? say("no_position") : `${problem.lat.toFixed(5)}, ${problem.lon.toFixed(5)}`],
  ].filter(([, text]) => text).map(([key, text]) => [say(key), text]);
}

function stepsOf({ steps }) {
  return element("section", {}, element("h3", { text: say("problem_steps") }), element("ol", { class: "history" }, ...steps.map((step) => element("li", {},
    element("time", { text: step.at }), ` ${[step.what, step.by, step.why].filter(Boolean).join(" · ")}`))));
}
