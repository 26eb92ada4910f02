/**
 * Expanded bodies put together: their text changes, and their fields stay where they were in it.
 */
import { ending, type IExpansion, type IField, type IStop } from './expand';

/** A text that is no body, as one: nothing in it has a meaning. */
export function literal(text: string): IExpansion {
  return {
    text,
    stops: [{ n: 0, default: '', choices: null, ranges: [ending(text, 0)] }]
  };
}

/** The expansion with every line but the first indented; an empty line stays empty. */
export function indented(expansion: IExpansion, indent: string): IExpansion {
  if (!indent || !expansion.text.includes('\n')) {
    return expansion;
  }
  const fields = expansion.stops.flatMap(stop => stop.ranges);
  const bounds = new Set(fields.flatMap(({ from, to }) => [from, to]));
  const begins: number[] = [];
  let text = '';
  let at = 0;
  for (const { index } of expansion.text.matchAll(/\n/g)) {
    const begin = index + 1;
    text += expansion.text.slice(at, begin);
    at = begin;
    if (bounds.has(begin) || !/[\r\n]|$/y.test(expansion.text.charAt(begin))) {
      text += indent;
      begins.push(begin);
    }
  }
  text += expansion.text.slice(at);
  const { isUnexpanded } = expansion;
  const moved = (offset: number) => offset + indent.length * countUpTo(begins, offset);
  return {
    text,
    isUnexpanded,
    stops: expansion.stops.map(stop => {
      const ranges = stop.ranges.map(range => ({
        ...range,
        from: moved(range.from),
        to: moved(range.to)
      }));
      return { ...stop, ranges, default: text.slice(ranges[0].from, ranges[0].to) };
    })
  };
}

/** How many of the sorted numbers are not above a limit. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= limit) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The expansion between two texts. */
export function surrounded(
  expansion: IExpansion,
  before: string,
  after: string
): IExpansion {
  return {
    isUnexpanded: expansion.isUnexpanded,
    text: before + expansion.text + after,
    stops: expansion.stops.map(stop => ({
      ...stop,
      ranges: stop.ranges.map(moveBy(before.length))
    }))
  };
}

/**
 * Several expansions as one, visited in their order; the last stop of the last one is the last of all.
 */
export function joined(
  expansions: readonly IExpansion[],
  separator: string
): IExpansion {
  const stops: IStop[] = [];
  let text = '';
  let highest = 0;
  let fields = 0;
  expansions.forEach((expansion, index) => {
    text += index > 0 ? separator : '';
    const move = moveBy(text.length, fields);
    const numbered = expansion.stops.filter(
      stop => stop.n > 0 || index === expansions.length - 1
    );
    stops.push(
      ...numbered.map(stop => ({
        ...stop,
        n: stop.n > 0 ? stop.n + highest : 0,
        ranges: stop.ranges.map(move)
      }))
    );
    text += expansion.text;
    highest = stops.reduce((most, stop) => Math.max(most, stop.n), highest);
    fields = stops.reduce(
      (most, stop) =>
        stop.ranges.reduce((last, range) => Math.max(last, range.last + 1), most),
      fields
    );
  });
  return { text, stops, isUnexpanded: expansions.some(part => part.isUnexpanded) };
}

/** Whether there is something to fill in. */
export function hasStops(expansion: IExpansion): boolean {
  return expansion.stops[0].n > 0;
}

function moveBy(offset: number, fields = 0): (field: IField) => IField {
  return field => ({
    ...field,
    from: field.from + offset,
    to: field.to + offset,
    order: field.order + fields,
    last: field.last + fields
  });
}
