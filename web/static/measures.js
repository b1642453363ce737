// What the map colours by, and its classes: 指标与分级. Each class has a number 0 to 5 for its colour, -1 where nothing is known.

import { say } from "./strings.js";

const CLASSES = 5;

/** `tone` names the colours; `value` is the number of a grid or null; `limits` the upper bounds of the classes 1 to 4. */
export const MEASURES = {
  patrols: { tone: "green", value: ({ patrols }) => patrols, limits: equalShares, text: ({ patrols }) => String(patrols) },
  days: { tone: "brown", value: ({ days }) => days, limits: () => [7, 14, 30, 60], text: ({ days }) => (days === null ? say("never") : String(days)) },
  rate: { tone: "blue", value: ({ met, owed }) => (owed ? (100 * met) / owed : null), limits: () => [49.99, 74.99, 89.99, 99.99], text: ({ met, owed }) => (owed ? `${met}/${owed}` : "–") },
  problems: { tone: "brown", value: ({ problems }) => problems, limits: () => [1, 2, 4, 9], text: ({ problems }) => String(problems) },
};

const STARTS_AT_ZERO = new Set(["patrols", "problems"]);

/** The classes over some grids: `classOf(facts)` and the legend as pairs of class and words. */
export function classesOf(name, all) {
  const measure = MEASURES[name];
  const values = all.map(measure.value);
  const limits = measure.limits(values.filter((value) => value > 0));
  const zero = STARTS_AT_ZERO.has(name);
  const numberOf = (value) => {
    if (value === null) return -1;
    if (zero && value === 0) return 0;
    return 1 + limits.filter((limit) => value > limit).length;
  };
  const used = new Map([-1, 0, 1, 2, 3, 4, 5].map((number) => [number, 0]));
  for (const value of values) used.set(numberOf(value), used.get(numberOf(value)) + 1);
  const shown = (number) => (number === -1 ? used.get(-1) > 0 : number === 0 ? zero : number <= limits.length + 1);
  return {
    classOf: (facts) => numberOf(measure.value(facts)),
    legend: [...used.keys()].filter(shown).map((number) => ({ number, words: wordsOf(name, number, limits, zero), grids: used.get(number) })),
  };
}

function wordsOf(name, number, limits, zero) {
  if (number === -1) return say(`class_${name === "days" ? "never" : "none"}`);
  if (number === 0) return "0";
  if (name === "rate") return say(`class_rate_${number}`);
  const low = number === 1 ? (zero ? 1 : 0) : limits[number - 2] + 1;
  const high = limits[number - 1];
  if (high === undefined) return say("class_from", { low });
  return low === high ? String(low) : say("class_between", { low, high });
}

/** Limits that part the values into classes of about equal size. */
function equalShares(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const cuts = Array.from({ length: CLASSES - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / CLASSES)]);
  return [...new Set(cuts.filter((cut) => cut !== undefined && cut < sorted.at(-1)))];
}
