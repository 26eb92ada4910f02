/**
 * The tree of data as far as it was seen: locations, and below them pages of entries. No DOM.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled, isOutage } from '../base/errors';
import {
  findByPrefix,
  type IListSource,
  type IListStatus,
  type ListState
} from '../base/panel/listsource';
import type {
  Entry,
  EntryPage,
  EntryQuery,
  Location,
  Locations,
  Problem,
  Sort
} from './schemas';
import { keyOf, nameOfPath, parentOf } from './path';

/** What the model asks of the server. */
export interface ITreeClient {
  locations(signal?: AbortSignal): Promise<Locations>;
  entries(query: EntryQuery, signal?: AbortSignal): Promise<EntryPage>;
}

/** A location, or something in one. */
export interface INode {
  readonly kind: 'node';
  readonly key: string;
  readonly location: Location;
  /** Null for the location itself. */
  readonly entry: Entry | null;
  readonly level: number;
  /** Key of the row above it in the tree; empty at the top. */
  readonly parent: string;
}

/** A row in the place of entries: more of them to load, none, or why they cannot be had. */
export interface INote {
  readonly kind: 'more' | 'empty' | 'failed' | 'loading' | 'notice';
  readonly key: string;
  readonly level: number;
  readonly parent: string;
  readonly error: unknown;
  /** What the server said. */
  readonly text: string;
}

/** What a row of the tree is of. */
export type TreeRow = INode | INote;

/** What was loaded below a node. */
interface IBranch {
  node: INode;
  children: INode[];
  next: string;
  state: ListState;
  error: unknown;
  notice: string;
  request: AbortController | null;
}

/** A folder that is shown as the top of the tree. */
export interface IRoot {
  readonly location: Location;
  readonly path: string;
}

const PAGE_SIZE = 200;
const DEBOUNCE_MS = 200;
const RETRY_MS = 5_000;

/** The tree of one lab. */
export class TreeModel implements IListSource<TreeRow>, IListStatus, IDisposable {
  constructor(private readonly client: ITreeClient) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): ListState {
    return this._state;
  }

  /** Why the locations could not be loaded; null when they could. */
  get error(): unknown {
    return this._error;
  }

  get offline(): boolean {
    return isOutage(this._error);
  }

  /** Why connections are missing among the locations. */
  get problem(): Problem | null {
    return this._problem;
  }

  get locations(): readonly Location[] {
    return this._locations;
  }

  get total(): number {
    return this._rows.length;
  }

  get generation(): number {
    return this._generation;
  }

  /** The text that names must hold, or begin with. */
  get query(): string {
    return this._query;
  }

  /** Whether names must begin with the text: a store jumps there, however many entries it has. */
  get isPrefix(): boolean {
    return this._isPrefix;
  }

  get sort(): Sort {
    return this._sort;
  }

  get filtered(): boolean {
    return this._query !== '';
  }

  /** What is shown as the top of the tree; null for all locations. */
  get root(): IRoot | null {
    return this._root;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._typing);
    clearTimeout(this._retry);
    this.pause();
    Signal.clearData(this);
  }

  keyOf(row: TreeRow): string {
    return row.key;
  }

  at(index: number): TreeRow | undefined {
    return this._rows[index];
  }

  indexOf(key: string): number {
    return this._rows.findIndex(row => row.key === key);
  }

  /** The node with a key, if it is in the tree now. */
  find(key: string): INode | undefined {
    const row = this._rows[this.indexOf(key)];
    return row?.kind === 'node' ? row : undefined;
  }

  findByPrefix(text: string, start: number): number {
    const nameAt = (index: number): string | undefined => {
      const row = this._rows[index];
      return row.kind === 'node' ? nameOf(row) : undefined;
    };
    return findByPrefix(nameAt, this.total, text, start);
  }

  /** Load what goes on where the person looks. */
  setVisible(first: number, last: number): void {
    for (const row of this._rows.slice(first, last + 1)) {
      const branch = row.kind === 'more' ? this._branches.get(row.parent) : undefined;
      if (branch && !branch.request) {
        void this._load(branch);
      }
    }
  }

  loadRange(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** Load the locations unless that was done before; go on with what a hidden panel gave up. */
  async open(): Promise<void> {
    if (this._state === 'idle') {
      await this.refresh();
    }
    for (const branch of this._branches.values()) {
      if (branch.state === 'idle' && !branch.request) {
        void this._load(branch);
      }
    }
  }

  /** Give up what is being loaded: nobody looks at it any more. */
  pause(): void {
    for (const branch of this._branches.values()) {
      branch.request?.abort();
    }
  }

  /** Ask again for everything that is shown. */
  async refresh(): Promise<void> {
    await this._loadLocations();
    await Promise.all([...this._branches.values()].map(branch => this._reload(branch)));
  }

  /** Ask again for what is below one node. */
  async reload(key: string): Promise<void> {
    const branch = this._branches.get(key);
    if (branch) {
      await this._reload(branch);
    }
  }

  clearFilters(): void {
    this.filter('');
  }

  /** Narrow what is below the open nodes, on the server. */
  filter(query: string, isPrefix = this._isPrefix): void {
    if (query === this._query && isPrefix === this._isPrefix) {
      return;
    }
    this._query = query;
    this._isPrefix = isPrefix;
    this._generation += 1;
    this._emit();
    clearTimeout(this._typing);
    this._typing = setTimeout(() => this._reloadAll(), DEBOUNCE_MS);
  }

  /** Order what is below the open nodes. */
  order(sort: Sort): void {
    if (sort !== this._sort) {
      this._sort = sort;
      this._reloadAll();
    }
  }

  isExpanded(node: INode): boolean {
    return this._branches.has(node.key);
  }

  /** Whether there can be something below a row. */
  isExpandable(row: TreeRow): row is INode {
    return (
      row.kind === 'node' && (row.entry ? row.entry.has_children : row.location.may_use)
    );
  }

  /** Show or hide what is below a node. */
  async expand(node: INode, isOpen: boolean): Promise<void> {
    const branch = this._branches.get(node.key);
    if (isOpen && !branch && this.isExpandable(node)) {
      await this._load(this._grow(node));
    } else if (!isOpen && branch) {
      this._cut(branch);
      this._emit();
    }
  }

  /** Show a folder as the top of the tree; null shows all locations. */
  async enter(root: IRoot | null): Promise<void> {
    this.pause();
    this._branches.clear();
    this._root = root;
    this._query = '';
    this._generation += 1;
    if (root) {
      await this._load(this._grow(this._rootNode(root)));
    } else {
      this._emit();
    }
  }

  /** Show one thing: the folder that it is in becomes the top, and only names that begin as it does are asked for. */
  async reveal(location: Location, path: string): Promise<void> {
    const parent = parentOf(path);
    await this.enter({ location, path: parent });
    if (path && !this.find(keyOf(location.id, path))) {
      this.filter(nameOfPath(location, path), true);
    }
  }

  /** The location with an id. */
  location(id: string): Location | undefined {
    return this._locations.find(location => location.id === id);
  }

  private _rootNode({ location, path }: IRoot): INode {
    return {
      kind: 'node',
      key: keyOf(location.id, path),
      location,
      entry: null,
      level: 0,
      parent: ''
    };
  }

  private _grow(node: INode): IBranch {
    const branch: IBranch = {
      node,
      children: [],
      next: '',
      state: 'idle',
      error: null,
      notice: '',
      request: null
    };
    this._branches.set(node.key, branch);
    return branch;
  }

  private _cut(branch: IBranch): void {
    branch.request?.abort();
    this._branches.delete(branch.node.key);
    for (const child of branch.children) {
      const below = this._branches.get(child.key);
      if (below) {
        this._cut(below);
      }
    }
  }

  private async _loadLocations(): Promise<void> {
    clearTimeout(this._retry);
    this._state = 'loading';
    this._emit();
    try {
      const { items, problem } = await this.client.locations();
      this._locations = items;
      this._problem = problem;
      this._state = 'ready';
      this._error = null;
      this._dropGone();
    } catch (error) {
      this._state = 'failed';
      this._error = error;
      if (isOutage(error) && !this._isDisposed) {
        this._retry = setTimeout(() => void this.refresh(), RETRY_MS);
      }
    }
    this._emit();
  }

  /** Close what is below locations that are not there any more. */
  private _dropGone(): void {
    const ids = new Set(this._locations.map(({ id }) => id));
    for (const branch of [...this._branches.values()]) {
      if (!ids.has(branch.node.location.id)) {
        this._cut(branch);
      }
    }
    if (this._root && !ids.has(this._root.location.id)) {
      this._root = null;
    }
  }

  private _reloadAll(): void {
    for (const branch of this._branches.values()) {
      void this._reload(branch);
    }
    this._emit();
  }

  private async _reload(branch: IBranch): Promise<void> {
    branch.request?.abort();
    branch.request = null;
    branch.next = '';
    branch.state = 'idle';
    await this._load(branch, true);
  }

  /** Load the next page below a node; the first page of a reload takes the place of what was there. */
  private async _load(branch: IBranch, isReload = false): Promise<void> {
    const request = new AbortController();
    branch.request = request;
    branch.state = 'loading';
    branch.error = null;
    this._emit();
    const { location } = branch.node;
    const path = pathOf(branch.node, this._root);
    const narrowing = this._isPrefix
      ? { prefix: this._query }
      : { filter: this._query };
    try {
      const page = await this.client.entries(
        {
          location: location.id,
          path,
          page_token: branch.next,
          sort: this._sort,
          limit: PAGE_SIZE,
          ...narrowing
        },
        request.signal
      );
      if (branch.request !== request) {
        return;
      }
      const children = page.items.map(entry => this._child(branch.node, entry));
      branch.children = isReload ? children : [...branch.children, ...children];
      branch.next = page.next;
      branch.notice = page.notice;
      branch.state = 'ready';
    } catch (error) {
      if (branch.request !== request) {
        return;
      }
      branch.state = error instanceof Cancelled ? 'idle' : 'failed';
      branch.error = error;
    }
    branch.request = null;
    this._emit();
  }

  private _child(parent: INode, entry: Entry): INode {
    const key = keyOf(parent.location.id, entry.path);
    return {
      kind: 'node',
      key,
      location: parent.location,
      entry,
      level: parent.level + 1,
      parent: parent.key
    };
  }

  private _emit(): void {
    const rows: TreeRow[] = [];
    if (this._root) {
      this._addBranch(rows, this._rootNode(this._root).key);
    } else {
      for (const location of this._locations) {
        const node = this._rootNode({ location, path: '' });
        const isOpen = this._branches.has(node.key);
        if (isOpen || this._matches(location)) {
          rows.push({ ...node, level: 1 });
          this._addBranch(rows, node.key);
        }
      }
    }
    this._rows = rows;
    this._changed.emit();
  }

  private _matches({ description, name, title }: Location): boolean {
    const query = this._query.toLocaleLowerCase();
    const text = `${title}\n${name}\n${description}`.toLocaleLowerCase();
    return this._isPrefix
      ? title.toLocaleLowerCase().startsWith(query)
      : text.includes(query);
  }

  private _addBranch(rows: TreeRow[], key: string): void {
    const branch = this._branches.get(key);
    if (!branch) {
      return;
    }
    const isTop = this._root !== null && branch.node.level === 0;
    const level = isTop ? 1 : Math.max(branch.node.level, 1) + 1;
    const note = (kind: INote['kind'], text = ''): void => {
      const { error } = branch;
      rows.push({ kind, key: `${key}\n${kind}`, level, parent: key, error, text });
    };
    if (branch.notice) {
      note('notice', branch.notice);
    }
    for (const child of branch.children) {
      rows.push({ ...child, level });
      this._addBranch(rows, child.key);
    }
    if (branch.state === 'failed') {
      note('failed');
    } else if (branch.state !== 'ready') {
      note('loading');
    } else if (branch.next) {
      note('more');
    } else if (branch.children.length === 0) {
      note('empty');
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _branches = new Map<string, IBranch>();
  private _rows: TreeRow[] = [];
  private _locations: readonly Location[] = [];
  private _problem: Problem | null = null;
  private _state: ListState = 'idle';
  private _error: unknown = null;
  private _root: IRoot | null = null;
  private _query = '';
  private _isPrefix = false;
  private _sort: Sort = 'name';
  private _generation = 0;
  private _typing: ReturnType<typeof setTimeout> | undefined;
  private _retry: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

/** The path of a node in its location; of the top of the tree that of the folder which it shows. */
function pathOf(node: INode, root: IRoot | null): string {
  return node.entry?.path ?? (root && node.level === 0 ? root.path : '');
}

/** What a person calls a node. */
export function nameOf({ entry, location }: INode): string {
  return entry?.name ?? location.title;
}
