/**
 * The places of a running tab-stop session, and where they are after an edit.
 */
import type { ChangeDesc } from '@codemirror/state';

import type { IExpansion, IField } from '../../body/expand';

/** A field in a document. */
export interface IPlace extends IField {
  readonly n: number;
}

/** A session as it is at one moment. */
export interface IState {
  readonly places: readonly IPlace[];
  /** The numbers of the stops in the order of visiting. */
  readonly order: readonly number[];
  readonly choices: ReadonlyMap<number, readonly string[]>;
  /** The stop that is being filled in. */
  readonly active: number;
  /** The whole of the snippet. */
  readonly from: number;
  readonly to: number;
}

/** The session that begins where an expansion was inserted; null when it has nothing to fill in. */
export function begin(expansion: IExpansion, at: number): IState | null {
  const places = expansion.stops
    .flatMap(({ n, ranges }) =>
      ranges.map(range => ({
        ...range,
        n,
        from: range.from + at,
        to: range.to + at
      }))
    )
    .sort((a, b) => a.order - b.order);
  const [first] = expansion.stops;
  if (first.n === 0) {
    return null;
  }
  return {
    places,
    order: expansion.stops.map(stop => stop.n),
    choices: new Map(expansion.stops.map(stop => [stop.n, stop.choices ?? []])),
    active: first.n,
    from: at,
    to: at + expansion.text.length
  };
}

/** The fields of a stop. */
export function placesOf(state: IState, n: number): readonly IPlace[] {
  return state.places.filter(place => place.n === n);
}

/** The field of a stop that the person types in: the first that shows the text as it is. */
export function mainPlace(state: IState, n: number): IPlace {
  const places = placesOf(state, n);
  return places.find(place => !place.transform) ?? places[0];
}

/** The innermost field around a position, one of the active stop before any other. */
export function placeAt(state: IState, position: number): IPlace | null {
  const around = state.places.filter(
    place => place.from <= position && position <= place.to && !place.transform
  );
  return around.find(place => place.n === state.active) ?? around.at(-1) ?? null;
}

/**
 * The state after an edit inside one field: what surrounds it grows, what comes after it moves.
 *
 * Order and not position decides what comes after, because empty fields may stand at one position.
 */
export function editedInside(
  state: IState,
  field: IPlace,
  changes: ChangeDesc
): IState {
  const delta = changes.newLength - changes.length;
  const covered = coveredBy(changes);
  const places = state.places.flatMap(place => {
    if (contains(place, field)) {
      return [{ ...place, to: place.to + delta }];
    }
    if (contains(field, place)) {
      const from = changes.mapPos(place.from, 1);
      return covered(place.from, place.to)
        ? []
        : [{ ...place, from, to: Math.max(from, changes.mapPos(place.to, -1)) }];
    }
    return place.order > field.order
      ? [{ ...place, from: place.from + delta, to: place.to + delta }]
      : [place];
  });
  return reduced({ ...state, places, to: state.to + delta });
}

/** The state after an edit of somebody else, or an undo. */
export function editedAnywhere(state: IState, changes: ChangeDesc): IState | null {
  const active = placesOf(state, state.active);
  // An undo that replaces a field stays in it; what somebody writes before a field does not belong to it.
  const inserted = new Set<number>();
  changes.iterChangedRanges((from, to) => {
    if (from === to) {
      inserted.add(from);
    }
  });
  const places = state.places.map(place => {
    const grows = active.some(range => contains(place, range));
    const empty = place.from === place.to;
    const from = changes.mapPos(
      place.from,
      empty || (grows && !inserted.has(place.from)) ? -1 : 1
    );
    return {
      ...place,
      from,
      to: Math.max(from, changes.mapPos(place.to, grows ? 1 : -1))
    };
  });
  const from = changes.mapPos(state.from, -1);
  const to = changes.mapPos(state.to, 1);
  const isCovered = coveredBy(changes)(state.from, state.to) && state.from < state.to;
  return isCovered ? null : { ...state, places, from, to };
}

/** The state after an edit by a snippet that is nested in the active stop: what it writes belongs to the stop. */
export function editedByNested(state: IState, changes: ChangeDesc): IState | null {
  let [from, to] = [Infinity, -1];
  changes.iterChangedRanges((start, end) => {
    from = Math.min(from, start);
    to = Math.max(to, end);
  });
  const field = placesOf(state, state.active).find(
    place => !place.transform && place.from <= from && to <= place.to
  );
  return field ? editedInside(state, field, changes) : editedAnywhere(state, changes);
}

/** Whether a snippet stands in the active stop of another one. */
export function isNestedIn(inner: IState, outer: IState): boolean {
  return placesOf(outer, outer.active).some(
    place => !place.transform && place.from <= inner.from && inner.to <= place.to
  );
}

/** Whether a field is another one or around it. */
function contains(outer: IPlace, inner: IPlace): boolean {
  return outer.order <= inner.order && inner.order <= outer.last;
}

function coveredBy(changes: ChangeDesc): (from: number, to: number) => boolean {
  const deleted: [number, number][] = [];
  changes.iterChangedRanges((from, to) => {
    if (from < to) {
      deleted.push([from, to]);
    }
  });
  return (from, to) => deleted.some(range => range[0] <= from && to <= range[1]);
}

/** Stops that lost all their fields are not visited. */
function reduced(state: IState): IState {
  const left = new Set(state.places.map(place => place.n));
  return left.size === state.order.length
    ? state
    : { ...state, order: state.order.filter(n => left.has(n)) };
}
