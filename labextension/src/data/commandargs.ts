/**
 * What commands are about: what their arguments name, else what is selected in the panel.
 */
import type { Args } from '../base/registry';
import { NotFound } from '../base/errors';
import type { ICommandContext } from './context';
import { nameOf, type INode, type TreeRow } from './model';
import { keyOf, nameOfPath } from './path';
import type { IKnownPlace } from './places';
import type { Location } from './schemas';
import type { IDataPlace } from './tokens';

export const PLACE_ARGS = {
  location: {
    type: 'string',
    description: 'The id of a location, such as `files`; the selected one if left out.'
  },
  path: { type: 'string', description: 'The path of the thing in its location.' }
};

/** The place that arguments name, or the selected one; null when there is none. */
export function placeIn(
  { selection }: Pick<ICommandContext, 'selection'>,
  args: Args
): IDataPlace | null {
  if (typeof args.location === 'string') {
    return {
      location: args.location,
      path: typeof args.path === 'string' ? args.path : ''
    };
  }
  const active = nodesOf(selection.items).at(-1);
  return active ? placeOf(active) : null;
}

/** Like `placeIn`; throws `NotFound` when nothing is named and nothing selected. */
export function requirePlace(context: ICommandContext, args: Args): IDataPlace {
  const place = placeIn(context, args);
  if (!place) {
    throw new NotFound({ message: context.trans.__('Nothing is selected.') });
  }
  return place;
}

/** The rows that are of things: notes are none. */
function nodesOf(rows: readonly TreeRow[]): INode[] {
  return rows.filter((row): row is INode => row.kind === 'node');
}

/** The place of a node. */
export function placeOf({ entry, location }: INode): IDataPlace {
  return { location: location.id, path: entry?.path ?? '' };
}

/** The node of a place, if the tree shows it; else what is selected under that key. */
export function nodeIn(context: ICommandContext, args: Args): INode | null {
  const place = placeIn(context, args);
  if (!place) {
    return null;
  }
  const key = keyOf(place.location, place.path);
  const selected = nodesOf(context.selection.items).find(item => item.key === key);
  return context.model.find(key) ?? selected ?? null;
}

/** The places that a command is about: the one that is named, else all that are selected. */
export function placesIn(context: ICommandContext, args: Args): readonly IDataPlace[] {
  const place = placeIn(context, args);
  if (typeof args.location === 'string' && place) {
    return [place];
  }
  return nodesOf(context.selection.items).map(placeOf);
}

/** The location of a place; throws `NotFound` if it is not there. */
export function locationIn(
  context: ICommandContext,
  { location }: IDataPlace
): Location {
  const known = context.model.location(location);
  if (!known) {
    throw new NotFound({
      message: context.trans.__('There is no such location.'),
      remedy: context.trans.__('Refresh the list.')
    });
  }
  return known;
}

/** A place as it is remembered. */
export function knownPlace(context: ICommandContext, place: IDataPlace): IKnownPlace {
  const node = nodeIn(context, { ...place });
  const location = context.model.location(place.location);
  const plain = location
    ? nameOfPath(location, place.path) || location.title
    : place.path;
  const name = node ? nameOf(node) : plain;
  return {
    ...place,
    name,
    kind: node?.entry?.kind ?? (place.path ? 'file' : 'location')
  };
}
