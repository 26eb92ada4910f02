/**
 * What is known here of the snippets: the pages of the list that is shown, and what can be done with them.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled, NetworkDown } from '../base/errors';
import type { ISnippetsClient } from './api';
import type {
  Export,
  ExportFormat,
  Facets,
  Finding,
  ImportIn,
  ImportReport,
  Marks,
  Notice,
  Snippet,
  SnippetCell,
  SnippetIn,
  SnippetPage,
  SnippetVersion,
  Sort
} from './schemas';
import type { ISnippetQuery, ISnippetsModel, ListState } from './tokens';

/** How many snippets one request brings. */
export const PAGE = 100;

/** Typing within this many milliseconds asks once. */
export const DEBOUNCE_MS = 80;

const RETRY_MS = [2_000, 5_000, 15_000, 30_000];
const NO_FACETS: Facets = { tags: [], languages: [], scopes: [] };

export interface IModelOptions {
  client: ISnippetsClient;
  debounceMs?: number;
}

/** The snippets that a person sees. */
export class SnippetsModel implements ISnippetsModel, IDisposable {
  constructor(options: IModelOptions) {
    this._client = options.client;
    this._debounce = options.debounceMs ?? DEBOUNCE_MS;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted with the id of a snippet that was saved, restored or deleted here. */
  get stored(): ISignal<this, string> {
    return this._stored;
  }

  get state(): ListState {
    return this._state;
  }

  get error(): unknown {
    return this._error;
  }

  /** Whether the server was out of reach at the last try. */
  get offline(): boolean {
    return this._error instanceof NetworkDown;
  }

  get query(): Readonly<ISnippetQuery> {
    return this._query;
  }

  get total(): number {
    return this._total;
  }

  /** How many there are without any filter. */
  get overall(): number {
    return this._facets.scopes.reduce((sum, scope) => sum + scope.count, 0);
  }

  get facets(): Facets {
    return this._facets;
  }

  get notices(): readonly Notice[] {
    return this._notices;
  }

  /** Grows whenever another list is shown, so that the view starts at its top. */
  get generation(): number {
    return this._generation;
  }

  /** Whether the list is narrowed by anything but its order. */
  get filtered(): boolean {
    const { q, tag, language, scope, favourite } = this._query;
    return Boolean(q || tag?.length || language || scope || favourite);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (this._disposed) {
      return;
    }
    this._disposed = true;
    this._abort();
    clearTimeout(this._timer);
    clearTimeout(this._retry);
    Signal.clearData(this);
  }

  /** The snippet in a row, when its page is known. */
  at(index: number): Snippet | undefined {
    return this._rows.get(index);
  }

  /** The row of a snippet among the known pages, or -1. */
  indexOf(id: string): number {
    for (const [index, row] of this._rows) {
      if (row.id === id) {
        return index;
      }
    }
    return -1;
  }

  /** The first known row from `start` on, wrapping around, whose name begins with `text`; or -1. */
  seek(text: string, start: number): number {
    const prefix = text.toLocaleLowerCase();
    for (let step = 0; step < this._total; step++) {
      const index = (start + step) % this._total;
      if (this._rows.get(index)?.name.toLocaleLowerCase().startsWith(prefix)) {
        return index;
      }
    }
    return -1;
  }

  /** Say which rows are seen: their pages are asked for, requests for pages out of sight stop. */
  show(from: number, to: number): void {
    this._seen = [from, to];
    if (this._state === 'loading' && !this._rows.size) {
      return;
    }
    const first = Math.floor(from / PAGE);
    const last = Math.floor(Math.min(to, Math.max(this._total - 1, 0)) / PAGE);
    for (const [page, controller] of this._asking) {
      if (page < first || page > last) {
        controller.abort();
        this._asking.delete(page);
      }
    }
    for (let page = first; page <= last; page++) {
      if (
        page * PAGE < this._total &&
        !this._pages.has(page) &&
        !this._asking.has(page)
      ) {
        void this._load(page);
      }
    }
  }

  /** Narrow or reorder the list; a search waits for a pause in typing. */
  narrow(change: ISnippetQuery): void {
    this._query = { ...this._query, ...change };
    this._changed.emit();
    clearTimeout(this._timer);
    if ('q' in change) {
      this._timer = setTimeout(() => void this._restart(), this._debounce);
    } else {
      void this._restart();
    }
  }

  /** Choose the order; before the list was opened, nothing is asked for that. */
  order(sort: Sort): void {
    if (this._state === 'idle') {
      this._query = { ...this._query, sort };
    } else if (sort !== this._query.sort) {
      this.narrow({ sort });
    }
  }

  /** Show everything again, in the order that was chosen. */
  clear(): void {
    const { sort, project } = this._query;
    clearTimeout(this._timer);
    this._query = { sort, project };
    void this._restart();
  }

  /** Load the list when nothing has been asked yet. */
  async open(): Promise<void> {
    if (this._state === 'idle') {
      await this._restart();
    }
  }

  async refresh(): Promise<void> {
    this._abort();
    await this._load(Math.floor(this._seen[0] / PAGE), true);
  }

  find(query: ISnippetQuery, signal?: AbortSignal): Promise<SnippetPage> {
    return this._client.list(query, signal);
  }

  get(id: string): Promise<Snippet> {
    return this._client.get(id);
  }

  /** Create a snippet, or save it in the place of an older version. */
  async save(content: SnippetIn, id: string | null = null): Promise<Snippet> {
    const saved = await (id
      ? this._client.update(id, content)
      : this._client.create(content));
    this._put(saved);
    this._stored.emit(saved.id);
    void this.refresh();
    return saved;
  }

  async remove(id: string): Promise<void> {
    await this._client.remove(id);
    this._drop(id);
    this._stored.emit(id);
    void this.refresh();
  }

  async undelete(id: string): Promise<Snippet> {
    const snippet = await this._client.undelete(id);
    this._stored.emit(id);
    void this.refresh();
    return snippet;
  }

  versions(id: string): Promise<SnippetVersion[]> {
    return this._client.versions(id);
  }

  async restore(id: string, version: number): Promise<Snippet> {
    const snippet = await this._client.restore(id, version);
    this._put(snippet);
    this._stored.emit(id);
    void this.refresh();
    return snippet;
  }

  /** Note something on a snippet; shown at once, taken back when the server refuses. */
  async mark(id: string, marks: Marks): Promise<Snippet> {
    const before = this._rows.get(this.indexOf(id));
    if (before) {
      this._put(marked(before, marks));
    }
    try {
      const snippet = await this._client.mark(id, marks);
      this._put(snippet);
      if (this._query.favourite && marks.favourite === false) {
        void this.refresh();
      }
      return snippet;
    } catch (error) {
      if (before) {
        this._put(before);
      }
      throw error;
    }
  }

  /** Put a row of the person's own order in front of another row. */
  async move(id: string, before: number): Promise<void> {
    const from = this.indexOf(id);
    const moving = this._rows.get(from);
    if (!moving || before === from || before === from + 1) {
      return;
    }
    const next = this._rows.get(before);
    const placed = next?.position;
    let floor = placed === undefined || placed === null ? 0 : placed - 2;
    // Rows that were never placed stand last: those above the new place get theirs first.
    for (let index = 0; index < before; index++) {
      const row = this._rows.get(index);
      if (!row || row.id === id) {
        continue;
      }
      if (row.position === undefined || row.position === null) {
        floor += 1;
        await this.mark(row.id, { position: floor });
      } else {
        floor = row.position;
      }
    }
    const ceiling = placed ?? floor + 2;
    await this.mark(id, { position: (floor + ceiling) / 2 });
    await this.refresh();
  }

  /** Where cells hold what looks like a secret. */
  scan(cells: readonly SnippetCell[]): Promise<Finding[]> {
    return this._client.scan(cells);
  }

  async importFiles(files: ImportIn): Promise<ImportReport> {
    const report = await this._client.importFiles(files);
    await this.refresh();
    return report;
  }

  /** The files of some snippets; of all that the person sees when none is named. */
  exportFiles(ids: readonly string[], format: ExportFormat): Promise<Export> {
    return this._client.exportFiles(ids, format);
  }

  private async _restart(): Promise<void> {
    this._abort();
    this._generation += 1;
    this._seen = [0, 0];
    await this._load(0, true);
  }

  /** Bring one page; a fresh one replaces everything that was known. */
  private async _load(page: number, fresh = false): Promise<void> {
    const controller = new AbortController();
    this._asking.set(page, controller);
    if (fresh) {
      clearTimeout(this._retry);
      this._state = 'loading';
      this._changed.emit();
    }
    try {
      const query = { ...this._query, offset: page * PAGE, limit: PAGE };
      const answer = await this._client.list(query, controller.signal);
      if (this._asking.get(page) === controller) {
        this._take(page, answer, fresh);
      }
    } catch (error) {
      if (this._asking.get(page) === controller && !(error instanceof Cancelled)) {
        this._fail(error);
      }
    } finally {
      if (this._asking.get(page) === controller) {
        this._asking.delete(page);
        this._changed.emit();
      }
    }
  }

  private _take(page: number, answer: SnippetPage, fresh: boolean): void {
    if (fresh) {
      this._rows.clear();
      this._pages.clear();
    }
    answer.items.forEach((row, place) => this._rows.set(page * PAGE + place, row));
    this._pages.add(page);
    this._total = answer.total;
    this._facets = answer.facets;
    this._notices = answer.notices;
    this._state = 'ready';
    this._error = null;
    this._failures = 0;
    if (fresh && page > 0 && answer.items.length === 0) {
      // The list became shorter than where the person was.
      void this._restart();
    }
  }

  private _fail(error: unknown): void {
    this._state = 'failed';
    this._error = error;
    if (error instanceof NetworkDown && !this._disposed) {
      const wait = RETRY_MS[Math.min(this._failures, RETRY_MS.length - 1)];
      this._failures += 1;
      this._retry = setTimeout(() => void this.refresh(), wait);
    }
  }

  private _put(snippet: Snippet): void {
    const index = this.indexOf(snippet.id);
    if (index >= 0) {
      this._rows.set(index, snippet);
      this._changed.emit();
    }
  }

  private _drop(id: string): void {
    const gone = this.indexOf(id);
    if (gone < 0) {
      return;
    }
    const rest = [...this._rows].filter(([index]) => index !== gone);
    this._rows.clear();
    rest.forEach(([index, row]) =>
      this._rows.set(index > gone ? index - 1 : index, row)
    );
    this._total -= 1;
    this._changed.emit();
  }

  private _abort(): void {
    this._asking.forEach(controller => controller.abort());
    this._asking.clear();
  }

  private readonly _client: ISnippetsClient;
  private readonly _debounce: number;
  private readonly _rows = new Map<number, Snippet>();
  private readonly _pages = new Set<number>();
  private readonly _asking = new Map<number, AbortController>();
  private readonly _changed = new Signal<this, void>(this);
  private readonly _stored = new Signal<this, string>(this);
  private _state: ListState = 'idle';
  private _error: unknown = null;
  private _query: ISnippetQuery = {};
  private _total = 0;
  private _facets = NO_FACETS;
  private _notices: readonly Notice[] = [];
  private _generation = 0;
  private _seen: [number, number] = [0, 0];
  private _failures = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _retry: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;
}

function marked(snippet: Snippet, marks: Marks): Snippet {
  return {
    ...snippet,
    favourite: marks.favourite ?? snippet.favourite,
    position: marks.position ?? snippet.position,
    uses: snippet.uses + (marks.used ? 1 : 0),
    unseen: marks.seen ? false : snippet.unseen
  };
}
