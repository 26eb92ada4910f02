/**
 * A long list of which the rows in sight are known: sorted, filtered and cut into pages by the server.
 */
import { Cancelled, type OrreryError } from '../../src/base/errors';
import type { Page } from '../../src/base/schemas';

import { asError } from '../aserror';
import { Store } from '../store';

export const PAGE_ROWS = 100;
const DEBOUNCE_MS = 200;

/** What a list is narrowed by and how it is ordered; the names are the server's. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type FetchPage<T> = (
  query: Query & { readonly offset: number; readonly limit: number },
  signal: AbortSignal
) => Promise<Page<T>>;

export interface ITableState<T> {
  /** By position in the list; what is not known yet is missing. */
  readonly rows: ReadonlyMap<number, T>;
  /** How many there are; undefined before the first answer. */
  readonly total: number | undefined;
  readonly isLoading: boolean;
  readonly error: OrreryError | undefined;
}

const EMPTY = { rows: new Map(), total: undefined, isLoading: true, error: undefined };

/** Fetches the pages of a list as they come in sight. */
export class TableModel<T> {
  constructor(fetchPage: FetchPage<T>, query: Query = {}) {
    this._fetchPage = fetchPage;
    this._query = query;
    this.state = new Store<ITableState<T>>(EMPTY);
  }

  readonly state: Store<ITableState<T>>;

  get query(): Query {
    return this._query;
  }

  /** Narrow or order the list anew; the old rows stay until the new ones come. */
  setQuery(query: Query): void {
    if (JSON.stringify(query) === JSON.stringify(this._query)) {
      return;
    }
    this._query = query;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._restart(), DEBOUNCE_MS);
  }

  /** Have the rows between two positions, both included. */
  ensure(first: number, last: number): void {
    this._sight = [first, last];
    for (let page = pageOf(first); page <= pageOf(last); page++) {
      if (!this._pages.has(page)) {
        void this._load(page);
      }
    }
  }

  /** Ask for the rows in sight again; those out of sight are asked for when they come in sight. */
  refresh(): void {
    clearTimeout(this._timer);
    this._restart();
  }

  /** Show another row in the place of one, after a change of it. */
  replace(matches: (row: T) => boolean, row: T): void {
    const rows = new Map(this.state.value.rows);
    for (const [index, known] of rows) {
      if (matches(known)) {
        rows.set(index, row);
      }
    }
    this._patch({ rows });
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._abort.abort();
  }

  private _restart(): void {
    this._abort.abort();
    this._abort = new AbortController();
    this._pages.clear();
    this._isFresh = true;
    this._patch({ isLoading: true });
    this.ensure(...this._sight);
  }

  private async _load(page: number): Promise<void> {
    const { signal } = this._abort;
    this._pages.add(page);
    try {
      const offset = page * PAGE_ROWS;
      const answer = await this._fetchPage(
        { ...this._query, offset, limit: PAGE_ROWS },
        signal
      );
      if (!signal.aborted) {
        this._show(answer);
      }
    } catch (error) {
      if (signal.aborted || error instanceof Cancelled) {
        return;
      }
      this._pages.delete(page);
      this._patch({ isLoading: false, error: asError(error) });
    }
  }

  private _show(page: Page<T>): void {
    const known = this._isFresh ? [] : this.state.value.rows;
    this._isFresh = false;
    const rows = new Map<number, T>(known);
    page.items.forEach((row, index) => rows.set(page.offset + index, row));
    this._patch({ rows, total: page.total, isLoading: false, error: undefined });
  }

  private _patch(change: Partial<ITableState<T>>): void {
    this.state.set({ ...this.state.value, ...change });
  }

  private readonly _fetchPage: FetchPage<T>;
  private _query: Query;
  private _abort = new AbortController();
  private readonly _pages = new Set<number>();
  private _sight: [number, number] = [0, 0];
  private _isFresh = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}

function pageOf(index: number): number {
  return Math.floor(Math.max(0, index) / PAGE_ROWS);
}
