/**
 * What can be selected in the panel: dataframes, sources and runs beside each other.
 */
import { Selection } from '../base/panel/selection';
import type { IFrame } from './kernel';
import type { Run, Source, SourceIn } from './schemas';
import { isProfile, nameOf, sourceOf, titleOf } from './source';

/** An item of the panel. */
export type PanelItem =
  | { readonly kind: 'frame'; readonly frame: IFrame }
  | { readonly kind: 'source'; readonly source: Source }
  | { readonly kind: 'run'; readonly run: Run };

export const frameItem = (frame: IFrame): PanelItem => ({ kind: 'frame', frame });
export const sourceItem = (source: Source): PanelItem => ({ kind: 'source', source });
export const runItem = (run: Run): PanelItem => ({ kind: 'run', run });

/** What tells a dataframe from other items. */
export function frameKey({ name }: IFrame): string {
  return `frame ${name}`;
}

/** What tells a source from other items; tables of one database differ. */
export function sourceKey({ kind, location, table, sheet }: Source): string {
  return ['source', kind, location, table, sheet].join(' ');
}

/** What tells a run from other items. */
export function runKey({ id }: Pick<Run, 'id'>): string {
  return `run ${id}`;
}

/** The selection of the panel. */
export function createSelection(): Selection<PanelItem> {
  return new Selection(item => {
    switch (item.kind) {
      case 'frame':
        return frameKey(item.frame);
      case 'source':
        return sourceKey(item.source);
      default:
        return runKey(item.run);
    }
  });
}

interface ILookup<T> {
  find(key: string): T | undefined;
}

/** What is known by now of the item with a key; undefined if it is gone. */
export function findItem(
  key: string,
  { runs, sources }: { runs: ILookup<Run>; sources: ILookup<Source> },
  { items }: { readonly items: readonly IFrame[] }
): PanelItem | undefined {
  const [run, source] = [runs.find(key), sources.find(key)];
  const frame = items.find(candidate => frameKey(candidate) === key);
  return (
    (run && runItem(run)) ??
    (source && sourceItem(source)) ??
    (frame && frameItem(frame))
  );
}

/** What a person calls an item. */
export function nameOfItem(item: PanelItem): string {
  switch (item.kind) {
    case 'frame':
      return item.frame.name;
    case 'source':
      return nameOf(item.source);
    default:
      return titleOf(item.run);
  }
}

/** The source that an item stands for; a dataframe has to be handed over first. */
export function sourceOfItem(item: PanelItem): SourceIn {
  switch (item.kind) {
    case 'frame':
      return sourceOf({ kind: 'frame', location: item.frame.name });
    case 'source':
      return sourceOf(item.source);
    default:
      return sourceOf(item.run.source);
  }
}

/** When an item became what it is, in milliseconds; a dataframe is of now, null is not known. */
export function timeOfItem(item: PanelItem): number | null {
  switch (item.kind) {
    case 'frame':
      return Number.POSITIVE_INFINITY;
    case 'source':
      return item.source.changed ? Date.parse(item.source.changed) : null;
    default:
      return Date.parse(item.run.created);
  }
}

/** How two items can be compared. */
export type Comparison =
  | { kind: 'sources'; older: PanelItem; newer: PanelItem }
  /** Two stored profiles of one source; no data are read. */
  | { kind: 'profiles'; older: Run; newer: Run }
  /** A stored profile with its source as it is now. */
  | { kind: 'now'; profile: Run };

/** How the selected items can be compared, the older one as the reference; null if they cannot. */
export function comparisonOf(items: readonly PanelItem[]): Comparison | null {
  if (items.length !== 2) {
    return null;
  }
  const [first, second] = items.map(timeOfItem);
  // Where the times do not tell, what was selected first is the reference.
  const isReversed = first !== null && second !== null && first > second;
  const [older, newer] = isReversed ? [items[1], items[0]] : items;
  if (identityOf(older) !== identityOf(newer)) {
    return { kind: 'sources', older, newer };
  }
  const [before, after] = [profileOf(older), profileOf(newer)];
  if (!before) {
    return null;
  }
  return after
    ? { kind: 'profiles', older: before, newer: after }
    : { kind: 'now', profile: before };
}

function profileOf(item: PanelItem): Run | null {
  return item.kind === 'run' && isProfile(item.run) ? item.run : null;
}

/** What two items of one source have in common: each handover of a dataframe has another location. */
function identityOf(item: PanelItem): string {
  const { kind, location, table, sheet, name } = sourceOfItem(item);
  return JSON.stringify([kind, kind === 'frame' ? name : location, table, sheet]);
}
