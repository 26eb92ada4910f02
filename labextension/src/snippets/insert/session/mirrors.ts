/**
 * Typing in one field of a stop writes into all of them.
 */
import { ChangeSet, type ChangeSpec, type Transaction } from '@codemirror/state';
import { ySyncAnnotation } from '@jupyterlab/codemirror';

import { BodyTooLarge, Budget } from '../../body/budget';
import type { Transform } from '../../body/transform';
import { editedInside, placesOf, type IPlace, type IState } from './fields';

/** A further change, of the document after the edit, and the state after both. */
export interface IMirrored {
  changes: ChangeSet;
  state: IState;
}

/** Whether an edit was made here and now, and is not one of somebody else, an undo or a redo. */
export function isOwnEdit(transaction: Transaction): boolean {
  return (
    transaction.docChanged &&
    transaction.annotation(ySyncAnnotation) === undefined &&
    !transaction.isUserEvent('undo') &&
    !transaction.isUserEvent('redo')
  );
}

/** What an edit of the active stop means for its other fields; null when it is not inside one field. */
export function mirror(state: IState, transaction: Transaction): IMirrored | null {
  const field = editedField(state, transaction);
  if (!field) {
    return null;
  }
  const before = transaction.startState.sliceDoc(field.from, field.to);
  let doc = transaction.newDoc;
  let next = editedInside(state, field, transaction.changes);
  const edited = same(next, field);
  const after = doc.sliceString(edited.from, edited.to);
  let changes = ChangeSet.empty(doc.length);
  const budget = new Budget();
  for (const { order } of placesOf(next, state.active)) {
    const place = next.places.find(candidate => candidate.order === order);
    if (!place || order === field.order) {
      continue;
    }
    const present = doc.sliceString(place.from, place.to);
    const text = place.transform
      ? transformed(place.transform, after, budget, present)
      : after;
    if (text !== present) {
      const alike = !place.transform && present === before;
      const parts = alike
        ? moved(transaction.changes, place.from - field.from)
        : { from: place.from, to: place.to, insert: text };
      const step = ChangeSet.of(parts, doc.length);
      next = editedInside(next, place, step);
      doc = step.apply(doc);
      changes = changes.compose(step);
    }
  }
  return { changes, state: next };
}

/** The text of a transformed field; the present one when the fields of a stop take too many steps together. */
function transformed(
  transform: Transform,
  text: string,
  budget: Budget,
  present: string
): string {
  try {
    return transform(text, budget);
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return present;
    }
    throw error;
  }
}

/** The field of the active stop in which all changes lie; of several the one with the cursor. */
function editedField(state: IState, transaction: Transaction): IPlace | null {
  let from = Infinity;
  let to = -1;
  transaction.changes.iterChangedRanges((start, end) => {
    from = Math.min(from, start);
    to = Math.max(to, end);
  });
  const head = transaction.startState.selection.main.head;
  const fits = placesOf(state, state.active).filter(
    place => !place.transform && place.from <= from && to <= place.to
  );
  return fits.find(place => place.from <= head && head <= place.to) ?? fits[0] ?? null;
}

function same(state: IState, place: IPlace): IPlace {
  return state.places.find(({ order }) => order === place.order) ?? place;
}

/** The same changes elsewhere. */
function moved(changes: ChangeSet, by: number): ChangeSpec[] {
  const specs: ChangeSpec[] = [];
  changes.iterChanges((from, to, _from, _to, insert) => {
    specs.push({ from: from + by, to: to + by, insert });
  });
  return specs;
}
