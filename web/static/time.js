// Days and times as people read them: 时间.

import { languageTag } from "./strings.js";
import { session } from "./session.js";

const zone = () => session()?.timezone;

export function clock(at) {
  return new Intl.DateTimeFormat(languageTag(), { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone() })
    .format(new Date(at));
}

/** The local date as a key that sorts: 2026-11-24. */
export function dayOf(at) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone() }).format(new Date(at));
}

/** Today, yesterday, or the date with its weekday. */
export function dayName(day) {
  const passed = (Date.parse(dayOf(Date.now())) - Date.parse(day)) / 86_400_000;
  if (passed === 0 || passed === 1) {
    const word = new Intl.RelativeTimeFormat(languageTag(), { numeric: "auto" }).format(-passed, "day");
    return word.charAt(0).toUpperCase() + word.slice(1);
  }
  const year = day.slice(0, 4) === dayOf(Date.now()).slice(0, 4) ? undefined : "numeric";
  return new Intl.DateTimeFormat(languageTag(), { year, month: "long", day: "numeric", weekday: "long", timeZone: "UTC" })
    .format(new Date(day));
}
