/**
 * A list that the server cuts into pages: loading, filtering, retry, and changes that show at once.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled, isOutage } from '../errors';
import type { Page } from '../schemas';
import {
  findByPrefix,
  type IItemTraits,
  type IListSource,
  type IListStatus,
  type ListState
} from './listsource';

/** Which part of a list a request brings. */
export interface IPageQuery {
  offset: number;
  limit: number;
}

export interface IListModelOptions<
  T,
  Q extends object,
  P extends Page<T>
> extends IItemTraits<T> {
  /** Brings one page; aborted when the page is out of sight or another list is asked for. */
  load: (query: Partial<Q> & IPageQuery, signal: AbortSignal) => Promise<P>;
  /** Fields that a person types: the request waits for a pause in typing. */
  typed?: readonly (keyof Q)[];
  /** Fields that do not narrow the list, such as its order: `clearFilters` leaves them. */
  lasting?: readonly (keyof Q)[];
  /** Number of items that one request brings. */
  pageSize?: number;
  debounceMs?: number;
  /** Whether an answer is what was known before an outage: it is asked for again until it is whole. */
  isPartial?: (page: P) => boolean;
}

const PAGE_SIZE = 100;
const DEBOUNCE_MS = 150;
const RETRY_MS = [2_000, 5_000, 10_000];

/** Pages of a list, as far as they were seen. */
export class ListModel<T, Q extends object = object, P extends Page<T> = Page<T>>
  implements IListSource<T>, IListStatus, IDisposable
{
  constructor(private readonly options: IListModelOptions<T, Q, P>) {
    this.pageSize = options.pageSize ?? PAGE_SIZE;
  }

  readonly pageSize: number;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when the rows are there that another narrowing of the list leaves; not for another order. */
  get narrowed(): ISignal<this, void> {
    return this._narrowed;
  }

  get state(): ListState {
    return this._state;
  }

  /** Why the last request failed; null when it did not. */
  get error(): unknown {
    return this._error;
  }

  /** Whether the server was out of reach at the last request. */
  get offline(): boolean {
    return isOutage(this._error);
  }

  /** Whether what is known answers another query than the present one. */
  get outdated(): boolean {
    return this._answered !== this._query;
  }

  get query(): Readonly<Partial<Q>> {
    return this._query;
  }

  get total(): number {
    return this._total;
  }

  /** The page that was loaded last, for what the server tells beside the items; null before the first. */
  get latest(): P | null {
    return this._latest;
  }

  get generation(): number {
    return this._generation;
  }

  /** Whether the query leaves items out. */
  get filtered(): boolean {
    const { lasting = [] } = this.options;
    return Object.entries(this._query).some(
      ([field, value]) => !lasting.includes(field as keyof Q) && !isEmpty(value)
    );
  }

  /** The items of all loaded pages, in order. */
  get items(): readonly T[] {
    return [...this._items].sort(([a], [b]) => a - b).map(([, item]) => item);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._abort();
    clearTimeout(this._typing);
    clearTimeout(this._retry);
    Signal.clearData(this);
  }

  keyOf(item: T): string {
    return this.options.keyOf(item);
  }

  at(index: number): T | undefined {
    return this._items.get(index);
  }

  indexOf(key: string): number {
    for (const [index, item] of this._items) {
      if (this.keyOf(item) === key) {
        return index;
      }
    }
    return -1;
  }

  /** The loaded item with a key. */
  find(key: string): T | undefined {
    return this._items.get(this.indexOf(key));
  }

  findByPrefix(text: string, start: number): number {
    const nameAt = (index: number): string | undefined => {
      const item = this._items.get(index);
      return item && this.options.nameOf(item);
    };
    return findByPrefix(nameAt, this._total, text, start);
  }

  setVisible(first: number, last: number): void {
    this._visible = [first, last];
    if (this._reload) {
      // It brings another list: what is in sight of this one is no reason to give it up, or to ask for more.
      return;
    }
    const from = this._pageOf(first);
    const to = this._pageOf(Math.min(last, Math.max(this._total - 1, 0)));
    for (const [page, controller] of this._requests) {
      if ((page < from || page > to) && !this._ranges.has(page)) {
        controller.abort();
        this._requests.delete(page);
      }
    }
    for (let page = from; page <= to; page++) {
      const isKnown = this._pages.has(page) || this._requests.has(page);
      if (!isKnown && page * this.pageSize < this._total) {
        void this._load(page);
      }
    }
  }

  async loadRange(first: number, last: number): Promise<boolean> {
    const { generation } = this;
    const isSame = (): boolean => this.generation === generation && !this.outdated;
    const end = this._pageOf(Math.min(last, this._total - 1));
    for (let page = this._pageOf(first); page <= end && isSame(); page++) {
      // A request that is under way may be given up with its rows out of sight: this one is not.
      if (!this._pages.has(page)) {
        this._ranges.add(page);
        await this._load(page).finally(() => this._ranges.delete(page));
      }
      if (!this._pages.has(page)) {
        return false;
      }
    }
    return isSame();
  }

  /** Load the list unless that was done before. */
  async open(): Promise<void> {
    if (this._state === 'idle') {
      await this._restart();
    }
  }

  /** Load what is in sight again; `quiet` says nothing of it until the answer is there. */
  async refresh({ quiet = false } = {}): Promise<void> {
    this._abort();
    await this._load(this._pageOf(this._visible[0]), quiet ? 'quiet' : 'loud');
  }

  /** Change the query and show the list from its top. */
  filter(change: Partial<Q>): void {
    this._query = { ...this._query, ...change };
    this._changed.emit();
    clearTimeout(this._typing);
    if ((this.options.typed ?? ['q']).some(field => field in change)) {
      const wait = this.options.debounceMs ?? DEBOUNCE_MS;
      this._typing = setTimeout(() => void this._restart(), wait);
    } else {
      void this._restart();
    }
  }

  /** Change lasting fields; a list that was not opened yet asks for nothing. */
  configure(change: Partial<Q>): void {
    if (this._state === 'idle') {
      this._query = { ...this._query, ...change };
    } else if (
      Object.entries(change).some(
        ([field, value]) => this._query[field as keyof Q] !== value
      )
    ) {
      this.filter(change);
    }
  }

  /** Show everything again. */
  clearFilters(): void {
    const { lasting = [] } = this.options;
    this._query = Object.fromEntries(
      Object.entries(this._query).filter(([field]) =>
        lasting.includes(field as keyof Q)
      )
    ) as Partial<Q>;
    clearTimeout(this._typing);
    void this._restart();
  }

  /** Show another state of a loaded item. */
  put(item: T): void {
    const index = this.indexOf(this.keyOf(item));
    if (index >= 0) {
      this._items.set(index, item);
      this._changed.emit();
    }
  }

  /** Show a new item at the top. */
  prepend(item: T): void {
    const before = [...this._items];
    this._items.clear();
    before.forEach(([index, other]) => this._items.set(index + 1, other));
    this._items.set(0, item);
    this._total += 1;
    this._changed.emit();
  }

  /** Take items away. */
  drop(...keys: readonly string[]): void {
    const unlisted = new Set(keys);
    const before = [...this._items].sort(([a], [b]) => a - b);
    let dropped = 0;
    this._items.clear();
    for (const [index, item] of before) {
      if (unlisted.has(this.keyOf(item))) {
        dropped += 1;
      } else {
        this._items.set(index - dropped, item);
      }
    }
    if (dropped > 0) {
      this._total -= dropped;
      this._changed.emit();
    }
  }

  /**
   * Change an item at once and save it: the server's answer takes its place, a refusal takes it back.
   *
   * Rejects with what `save` rejects with.
   */
  async change(key: string, next: (item: T) => T, save: () => Promise<T>): Promise<T> {
    const before = this.find(key);
    if (before) {
      this.put(next(before));
    }
    try {
      const saved = await save();
      this.put(saved);
      return saved;
    } catch (error) {
      if (before) {
        this.put(before);
      }
      throw error;
    }
  }

  private _pageOf(index: number): number {
    return Math.floor(index / this.pageSize);
  }

  private async _restart(): Promise<void> {
    this._abort();
    this._generation += 1;
    this._visible = [0, 0];
    await this._load(0, 'loud');
  }

  /** Bring one page; a reload, loud or quiet, replaces everything that was known. */
  private async _load(page: number, reload?: 'loud' | 'quiet'): Promise<void> {
    const controller = new AbortController();
    this._requests.set(page, controller);
    const query = this._query;
    const isNarrowed = this._answered !== null && !this._narrowsLike(query);
    const isCurrent = (): boolean => this._requests.get(page) === controller;
    if (reload) {
      clearTimeout(this._retry);
      this._reload = controller;
    }
    if (reload === 'loud') {
      this._state = 'loading';
      this._changed.emit();
    }
    try {
      const range = { offset: page * this.pageSize, limit: this.pageSize };
      const answer = await this.options.load({ ...query, ...range }, controller.signal);
      if (isCurrent()) {
        this._answered = query;
        this._accept(page, answer, reload !== undefined);
        if (isNarrowed) {
          this._narrowed.emit();
        }
      }
    } catch (error) {
      if (isCurrent() && !(error instanceof Cancelled)) {
        this._answered = query;
        this._fail(error);
      }
    } finally {
      if (this._reload === controller) {
        this._reload = null;
      }
      if (isCurrent()) {
        this._requests.delete(page);
        this._changed.emit();
      }
    }
  }

  /** Whether a query leaves out what the one does that was answered last. */
  private _narrowsLike(query: Partial<Q>): boolean {
    const { lasting = [] } = this.options;
    const answered = this._answered ?? {};
    const fields = Object.keys({ ...answered, ...query }) as (keyof Q)[];
    const valueIn = (of: Partial<Q>, field: keyof Q): string =>
      isEmpty(of[field]) ? '' : JSON.stringify(of[field]);
    return fields.every(
      field =>
        lasting.includes(field) || valueIn(query, field) === valueIn(answered, field)
    );
  }

  private _accept(page: number, answer: P, reload: boolean): void {
    if (reload) {
      this._items.clear();
      this._pages.clear();
      this._reload = null;
    }
    answer.items.forEach((item, index) =>
      this._items.set(page * this.pageSize + index, item)
    );
    this._pages.add(page);
    this._total = answer.total;
    this._latest = answer;
    this._state = 'ready';
    this._error = null;
    clearTimeout(this._retry);
    if (this.options.isPartial?.(answer)) {
      this._retryLater();
    } else {
      this._failures = 0;
    }
    if (reload && page > 0 && answer.items.length === 0) {
      // The list became shorter than where the person was.
      void this._restart();
    } else if (reload) {
      this.setVisible(...this._visible);
    }
  }

  private _fail(error: unknown): void {
    this._state = 'failed';
    this._error = error;
    if (isOutage(error)) {
      this._retryLater();
    }
  }

  /** Ask again, less and less often, until the answer is whole. */
  private _retryLater(): void {
    if (!this._isDisposed) {
      const wait = RETRY_MS[Math.min(this._failures, RETRY_MS.length - 1)];
      this._failures += 1;
      this._retry = setTimeout(() => void this.refresh({ quiet: true }), wait);
    }
  }

  private _abort(): void {
    this._requests.forEach(controller => controller.abort());
    this._requests.clear();
    this._reload = null;
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _narrowed = new Signal<this, void>(this);
  private readonly _items = new Map<number, T>();
  private readonly _pages = new Set<number>();
  private readonly _requests = new Map<number, AbortController>();
  /** Pages that are loaded whether they are in sight or not. */
  private readonly _ranges = new Set<number>();
  private _reload: AbortController | null = null;
  private _query: Partial<Q> = {};
  private _answered: Partial<Q> | null = null;
  private _state: ListState = 'idle';
  private _error: unknown = null;
  private _total = 0;
  private _latest: P | null = null;
  private _generation = 0;
  private _visible: [number, number] = [0, 0];
  private _failures = 0;
  private _typing: ReturnType<typeof setTimeout> | undefined;
  private _retry: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : !value;
}
