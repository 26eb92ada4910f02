/**
 * The columns of a run: fetched page by page as they come into view, and again when they were refined.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled } from '../../base/errors';
import type { ColumnProfile, ColumnQuery, ColumnType } from '../schemas';
import type { IViewClient } from './options';

/** How many columns one request brings. */
export const PAGE = 50;

/** Typing within this many milliseconds asks once. */
export const DEBOUNCE_MS = 150;

/** How many columns can be asked for by their indices at once. */
const MOST_REQUESTED = 200;

export type Sort = NonNullable<ColumnQuery['sort']>;

/** Which columns, in which order. */
export interface IColumnFilter {
  q: string;
  type: ColumnType | null;
  alerts: boolean;
  sort: Sort;
}

export const ALL: IColumnFilter = {
  q: '',
  type: null,
  alerts: false,
  sort: 'position'
};

export interface IPagesOptions {
  client: Pick<IViewClient, 'columns'>;
  id: string;
  side?: 'source' | 'against';
  debounceMs?: number;
}

interface IPage {
  /** The revision of the run that it shows. */
  revision: number;
  items: readonly ColumnProfile[];
}

/** A list of columns of which only what is in view is known. */
export class ColumnPages implements IDisposable {
  constructor(options: IPagesOptions) {
    this._options = options;
    this._debounce = options.debounceMs ?? DEBOUNCE_MS;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get filter(): Readonly<IColumnFilter> {
    return this._filter;
  }

  get filtered(): boolean {
    const { q, type, alerts } = this._filter;
    return q !== '' || type !== null || alerts;
  }

  /** Whether a column's place in the list is its place in the table. */
  get plain(): boolean {
    return !this.filtered && this._filter.sort === 'position';
  }

  /** How many there are; of a run that is under way, how many there will be. */
  get total(): number {
    return this.plain ? Math.max(this._total, this._expected) : this._total;
  }

  /** Whether the present filter has been answered. */
  get known(): boolean {
    return this._pages.size > 0 || (this.plain && this._expected > 0);
  }

  get error(): unknown {
    return this._error;
  }

  /** Grows when other columns are listed. */
  get generation(): number {
    return this._generation;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
    this._abort.abort();
    Signal.clearData(this);
  }

  /** The column at a place of the list, if it is known. */
  at(place: number): ColumnProfile | undefined {
    return this._rows.get(place);
  }

  /** The columns of the places in view, as far as they are known. */
  get seen(): ColumnProfile[] {
    const [from, to] = this._range;
    return Array.from({ length: to - from + 1 }, (_, step) =>
      this.at(from + step)
    ).filter(column => column !== undefined);
  }

  /** A column by its index in the table, if it has been seen. */
  column(index: number): ColumnProfile | undefined {
    return this._columns.get(index);
  }

  /** Fetch columns by their index in the table: something names them that are not in the list. */
  async know(indices: readonly number[]): Promise<void> {
    const missing = [...new Set(indices)]
      .filter(index => !this._columns.has(index) && !this._requested.has(index))
      .slice(0, MOST_REQUESTED);
    if (!missing.length || this._disposed) {
      return;
    }
    missing.forEach(index => this._requested.add(index));
    const { client, id, side } = this._options;
    try {
      const query = { index: missing, side, limit: MOST_REQUESTED };
      const { items } = await client.columns(id, query);
      items.forEach(column => this._columns.set(column.index, column));
    } catch {
      // Without their names they are told by their places; they are asked for again when next drawn.
      missing.forEach(index => this._requested.delete(index));
      return;
    }
    if (!this._disposed) {
      this._changed.emit();
    }
  }

  /** Places that came into view. */
  show(from: number, to: number): void {
    this._range = [from, to];
    this._fetch();
  }

  /** List other columns; typing is waited for. */
  narrow(part: Partial<IColumnFilter>): void {
    this._filter = { ...this._filter, ...part };
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._restart(), 'q' in part ? this._debounce : 0);
    this._changed.emit();
  }

  /** What is in view is asked for again, and stays as it is until the answer is there. */
  refine(revision: number, expected: number): void {
    const more = expected !== this._expected;
    this._revision = revision;
    this._expected = expected;
    if (more) {
      this._changed.emit();
    }
    this._fetch();
  }

  /** Try again after a failure. */
  retry(): void {
    this._error = null;
    this._changed.emit();
    this._fetch();
  }

  private _restart(): void {
    this._abort.abort();
    this._abort = new AbortController();
    this._asking.clear();
    this._pages.clear();
    this._rows.clear();
    this._total = 0;
    this._error = null;
    this._range = [0, PAGE - 1];
    this._generation++;
    this._changed.emit();
    this._fetch();
  }

  private _fetch(): void {
    if (this._disposed || this._error || this._revision < 0) {
      return;
    }
    const [from, to] = this._range;
    for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page++) {
      const known = this._pages.get(page);
      if (!this._asking.has(page) && (known?.revision ?? -1) < this._revision) {
        void this._ask(page);
      }
    }
  }

  private async _ask(page: number): Promise<void> {
    const { client, id, side } = this._options;
    const { q, type, alerts, sort } = this._filter;
    const { signal } = this._abort;
    const revision = this._revision;
    this._asking.add(page);
    try {
      const query = { q, type, alerts, sort, side, offset: page * PAGE, limit: PAGE };
      const answer = await client.columns(id, query, signal);
      if (!signal.aborted) {
        this._asking.delete(page);
        this._take(page, revision, answer.items, answer.total);
      }
    } catch (error) {
      if (!signal.aborted && !(error instanceof Cancelled)) {
        this._asking.delete(page);
        this._error = error;
        this._changed.emit();
      }
    }
  }

  private _take(
    page: number,
    revision: number,
    items: readonly ColumnProfile[],
    total: number
  ): void {
    this._pages.set(page, { revision, items });
    this._total = total;
    items.forEach((column, place) => {
      this._columns.set(column.index, column);
      this._rows.set(this.plain ? column.index : page * PAGE + place, column);
    });
    this._changed.emit();
    this._fetch();
  }

  private readonly _options: IPagesOptions;
  private readonly _debounce: number;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _pages = new Map<number, IPage>();
  private readonly _rows = new Map<number, ColumnProfile>();
  private readonly _columns = new Map<number, ColumnProfile>();
  private readonly _asking = new Set<number>();
  private readonly _requested = new Set<number>();
  private _filter = ALL;
  private _total = 0;
  private _expected = 0;
  private _revision = -1;
  private _generation = 0;
  private _range: [number, number] = [0, PAGE - 1];
  private _error: unknown = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _abort = new AbortController();
  private _disposed = false;
}
