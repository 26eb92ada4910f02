/**
 * What the person has picked in the panel: dataframes, sources and reports beside each other.
 */
import { Signal, type ISignal } from '@lumino/signaling';

import type { IFrame } from './kernel';
import type { Run, Source, SourceIn } from './schemas';
import { isProfile, nameOf, sourceOf, titleOf } from './wanted';

/** One row of the panel. */
export type Pick =
  | { readonly kind: 'frame'; readonly key: string; readonly frame: IFrame }
  | { readonly kind: 'source'; readonly key: string; readonly source: Source }
  | { readonly kind: 'run'; readonly key: string; readonly run: Run };

/** A dataframe as a row. */
export function pickFrame(frame: IFrame): Pick {
  return { kind: 'frame', key: `frame ${frame.name}`, frame };
}

/** A source as a row. */
export function pickSource(source: Source): Pick {
  const { kind, location, table, sheet } = source;
  return {
    kind: 'source',
    key: ['source', kind, location, table, sheet].join(' '),
    source
  };
}

/** A run as a row. */
export function pickRun(run: Run): Pick {
  return { kind: 'run', key: `run ${run.id}`, run };
}

/** What a person calls it. */
export function nameOfPick(pick: Pick): string {
  switch (pick.kind) {
    case 'frame':
      return pick.frame.name;
    case 'source':
      return nameOf(pick.source);
    default:
      return titleOf(pick.run);
  }
}

/** What a row stands for; a dataframe has to be handed over first. */
export function sourceOfPick(pick: Pick): SourceIn {
  switch (pick.kind) {
    case 'frame':
      return sourceOf({ kind: 'frame', location: pick.frame.name });
    case 'source':
      return sourceOf(pick.source);
    default:
      return sourceOf(pick.run.source);
  }
}

/** The profile that a row is, if it is one. */
export function profileOf(pick: Pick): Run | undefined {
  return pick.kind === 'run' && isProfile(pick.run) ? pick.run : undefined;
}

/** When it became what it is, in milliseconds; a dataframe is of now, and null is not known. */
export function timeOf(pick: Pick): number | null {
  switch (pick.kind) {
    case 'frame':
      return Number.POSITIVE_INFINITY;
    case 'source':
      return pick.source.changed ? Date.parse(pick.source.changed) : null;
    default:
      return Date.parse(pick.run.created);
  }
}

/** The rows that are picked, in the order in which they were. */
export class Picks {
  /** Emitted when others are picked. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get all(): readonly Pick[] {
    return this._all;
  }

  /** The one that was picked last. */
  get active(): Pick | null {
    return this._all.at(-1) ?? null;
  }

  /** The two that are picked, the older one first. */
  get inOrder(): readonly Pick[] {
    const [one, other] = this._all;
    const [when, then] = [one && timeOf(one), other && timeOf(other)];
    // Where the times do not tell, what was picked first is the reference.
    return when !== null && then !== null && when > then ? [other, one] : this._all;
  }

  /** Whether two are picked, of different sources. */
  get differ(): boolean {
    const [one, other] = this._all.map(sourceOfPick);
    const said = ({ kind, location, table, sheet, name }: SourceIn): string =>
      JSON.stringify([kind, kind === 'frame' ? name : location, table, sheet]);
    return this._all.length === 2 && said(one) !== said(other);
  }

  /** Whether two are picked that can be compared: of one source, the older must be a profile. */
  get comparable(): boolean {
    return this.differ || (this._all.length === 2 && !!profileOf(this.inOrder[0]));
  }

  has(key: string): boolean {
    return this._all.some(one => one.key === key);
  }

  /** Pick one alone, or none. */
  set(pick: Pick | null): void {
    this._become(pick ? [pick] : []);
  }

  /** Pick one more, or no longer. */
  toggle(pick: Pick): void {
    const rest = this._all.filter(one => one.key !== pick.key);
    this._become(rest.length < this._all.length ? rest : [...rest, pick]);
  }

  /** Take what is known by now of what is picked, and drop what is gone. */
  renew(known: readonly Pick[]): void {
    const fresh = new Map(known.map(one => [one.key, one]));
    const next = this._all.flatMap(one => fresh.get(one.key) ?? []);
    if (next.length !== this._all.length) {
      this._become(next);
    } else {
      this._all = next;
    }
  }

  private _become(picks: readonly Pick[]): void {
    this._all = picks;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _all: readonly Pick[] = [];
}
