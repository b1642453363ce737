// What the live map shows at present: 当前视图. Where one is goes into the browser's history, so that "back" goes back.

export const view = { top: null, area: null, trail: [], grid: null, record: null, tree: null, problem: null, measure: "patrols", mode: "year", month: 0, division: "", places: true, problems: true, tiles: true, counted: true, offset: 0 };

let months = [];
let divisions = [];
let moved = () => {};

export const monthAt = (at) => months[at];
export const allMonths = () => months;
export const allDivisions = () => divisions;
export const onMove = (work) => { moved = work; };

export function home(session) {
  months = monthsBetween(...session.months);
  divisions = session.divisions;
  [view.top] = session.areas;
  Object.assign(view, { area: view.top, trail: [view.top], month: Math.max(months.indexOf(session.month), 0) });
  history.replaceState(place(), "");
  addEventListener("popstate", ({ state }) => state && moved(Object.assign(view, state)));
}

/** Goes to an area, a grid or a record; what is not named is left. */
export function go({ area = view.area, trail = view.trail, grid = null, record = null, tree = null, problem = null, counted = true, offset = 0 }) {
  const before = JSON.stringify(place());
  Object.assign(view, { area, trail, grid, record, tree, problem, counted, offset });
  if (JSON.stringify(place()) !== before) history.pushState(place(), "");
  moved(view);
}

/** First and last month of the chosen period. */
export function span() {
  const month = months[view.month];
  const year = month.slice(0, 4);
  return { month: [month, month], year: [`${year}-01`, `${year}-12`], to_date: [`${year}-01`, month], all: [months[0], months.at(-1)] }[view.mode];
}

/** The first day of the division that is shown: the chosen one, else that of the period's end. */
export function division() {
  if (view.division) return view.division;
  const end = `${span()[1]}-31`;
  return (divisions.findLast(({ from }) => from <= end) ?? divisions[0])?.from ?? "";
}

export function query(area, more = {}) {
  const [first, last] = span();
  return new URLSearchParams({ area, first, last, division: division(), ...more });
}

const place = () => ({ area: view.area, trail: view.trail, grid: view.grid, record: view.record, tree: view.tree, problem: view.problem, counted: view.counted, offset: view.offset });

function monthsBetween(first, last) {
  const [from, to] = [first, last].map((month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1);
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const n = from + at;
    return `${Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}`;
  });
}
