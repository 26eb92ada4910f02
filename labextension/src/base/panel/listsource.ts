/**
 * What a list is drawn from.
 */
import { Signal, type ISignal } from '@lumino/signaling';

/** State of a list: nothing was asked for, loading, known, or failed. */
export type ListState = 'idle' | 'loading' | 'ready' | 'failed';

/** Items by their index, known page by page or all at once. */
export interface IListSource<T> {
  /** Emitted whenever anything that is shown may have changed. */
  readonly changed: ISignal<unknown, void>;
  readonly state: ListState;
  /** Number of items over all pages. */
  readonly total: number;
  /** Grows whenever another list is shown, so that the view starts at its top. */
  readonly generation: number;
  keyOf(item: T): string;
  /** The item at an index; undefined while its page is not loaded. */
  at(index: number): T | undefined;
  /** Index of the item with a key among the loaded pages, or -1. */
  indexOf(key: string): number;
  /** Index of the first loaded item from `start` on, wrapping around, whose name begins with `text`; or -1. */
  findByPrefix(text: string, start: number): number;
  /** Load the pages of the rows in sight. */
  setVisible(first: number, last: number): void;
  /** Load every item between two indices; false when that failed, or the list is another one by then. */
  loadRange(first: number, last: number): Promise<boolean>;
}

/** The items from one index to another, in that order, loaded first where they are not yet; null when that failed. */
export async function itemsBetween<T>(
  source: IListSource<T>,
  from: number,
  to: number
): Promise<readonly T[] | null> {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  if (!(await source.loadRange(first, last))) {
    return null;
  }
  const items: T[] = [];
  for (let index = first; index <= last; index++) {
    const item = source.at(index);
    if (item !== undefined) {
      items.push(item);
    }
  }
  return from <= to ? items : items.reverse();
}

/** How the loading of a list goes, whatever its items are. */
export interface IListStatus {
  readonly changed: ISignal<unknown, void>;
  readonly state: ListState;
  readonly total: number;
  /** Why the last request failed; null when it did not. */
  readonly error: unknown;
  /** Whether the server was out of reach at the last request. */
  readonly offline: boolean;
  /** Whether the query leaves items out. */
  readonly filtered: boolean;
  refresh(): Promise<void>;
  clearFilters(): void;
}

/** Load a list again whenever a signal says that it is another one, unless it was never asked for. */
export function reloadOn(
  signal: ISignal<unknown, unknown>,
  list: Pick<IListStatus, 'state' | 'refresh'>
): void {
  signal.connect(() => {
    if (list.state !== 'idle') {
      void list.refresh();
    }
  });
}

/** The first index from `start` on, wrapping around, at which a name begins with `text`; or -1. */
export function findByPrefix(
  nameAt: (index: number) => string | undefined,
  total: number,
  text: string,
  start: number
): number {
  const prefix = text.toLocaleLowerCase();
  for (let step = 0; step < total; step++) {
    const index = (start + step) % total;
    if (nameAt(index)?.toLocaleLowerCase().startsWith(prefix)) {
      return index;
    }
  }
  return -1;
}

/** How the items of a list are told apart and called. */
export interface IItemTraits<T> {
  /** What stays the same when an item is loaded again. */
  keyOf: (item: T) => string;
  /** What type-ahead compares with. */
  nameOf: (item: T) => string;
}

/** A list whose items are all in memory, such as the dataframes of a kernel. */
export class ArraySource<T> implements IListSource<T> {
  constructor(private readonly traits: IItemTraits<T>) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): ListState {
    return this._state;
  }

  get items(): readonly T[] {
    return this._items;
  }

  get total(): number {
    return this._items.length;
  }

  readonly generation = 0;

  /** Replace all items. */
  set(items: readonly T[], state: ListState = 'ready'): void {
    this._items = items;
    this._state = state;
    this._changed.emit();
  }

  keyOf(item: T): string {
    return this.traits.keyOf(item);
  }

  at(index: number): T | undefined {
    return this._items[index];
  }

  indexOf(key: string): number {
    return this._items.findIndex(item => this.keyOf(item) === key);
  }

  findByPrefix(text: string, start: number): number {
    const { nameOf } = this.traits;
    return findByPrefix(index => nameOf(this._items[index]), this.total, text, start);
  }

  setVisible(): void {
    // Everything is loaded.
  }

  loadRange(): Promise<boolean> {
    return Promise.resolve(true);
  }

  private readonly _changed = new Signal<this, void>(this);
  private _items: readonly T[] = [];
  private _state: ListState = 'idle';
}
