/**
 * A snippet that is being written: what was changed, what was saved, and how it outlives a reload.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import { JSONExt, UUID, type ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Snippet, SnippetCell, SnippetIn } from '../schemas';

/** What a person writes in the form. */
export type IDraftContent = Omit<Required<SnippetIn>, 'base_version' | 'allow_secrets'>;

/** A draft as it is kept. */
export interface IDraftState {
  /** Null while it was never saved. */
  id: string | null;
  version: number | null;
  content: IDraftContent;
  saved: IDraftContent | null;
}

const SAVE_DELAY_MS = 300;

const EMPTY: IDraftContent = {
  name: '',
  description: '',
  language: 'python',
  other_languages: [],
  tags: [],
  prefixes: [],
  syntax: 'plain',
  cells: [{ kind: 'code', source: '' }],
  scope: 'mine',
  project: null
};

/** A snippet that is being written. */
export class Draft {
  constructor(state: Partial<IDraftState> = {}, key?: string) {
    this._id = state.id ?? null;
    this._version = state.version ?? null;
    this._content = state.content ?? EMPTY;
    this._saved = state.saved ?? null;
    this._key = key ?? `new:${UUID.uuid4()}`;
  }

  /** The key of the one draft that there is of a stored snippet. */
  static keyOf(id: string): string {
    return `id:${id}`;
  }

  /** A draft of a stored snippet. */
  static of(snippet: Snippet): Draft {
    const content = contentOf(snippet);
    return new Draft({
      id: snippet.id,
      version: snippet.version,
      content,
      saved: content
    });
  }

  /** A draft of something new. */
  static new(content: Partial<IDraftContent> = {}): Draft {
    return new Draft({ content: { ...EMPTY, ...content } });
  }

  /** What names it: another one once it was saved for the first time. */
  get key(): string {
    return this._id ? Draft.keyOf(this._id) : this._key;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get id(): string | null {
    return this._id;
  }

  /** The version that was edited. */
  get version(): number | null {
    return this._version;
  }

  get content(): Readonly<IDraftContent> {
    return this._content;
  }

  get state(): IDraftState {
    return {
      id: this._id,
      version: this._version,
      content: this._content,
      saved: this._saved
    };
  }

  /** Whether something would be lost by forgetting it. */
  get dirty(): boolean {
    return !JSONExt.deepEqual(asJson(this._content), asJson(this._saved ?? EMPTY));
  }

  /** Change some of what is written. */
  update(change: Partial<IDraftContent>): void {
    this._content = { ...this._content, ...change };
    this._changed.emit();
  }

  /** Change one cell. */
  updateCell(index: number, change: Partial<SnippetCell>): void {
    const cells = this._content.cells.map((cell, place) =>
      place === index ? { ...cell, ...change } : cell
    );
    this.update({ cells });
  }

  /** Add an empty cell after another one. */
  addCell(after: number, kind: SnippetCell['kind'] = 'code'): void {
    const cells = [...this._content.cells];
    cells.splice(after + 1, 0, { kind, source: '' });
    this.update({ cells });
  }

  /** Take a cell away; the last one is emptied instead. */
  removeCell(index: number): void {
    const cells = this._content.cells.filter((_, place) => place !== index);
    this.update({ cells: cells.length ? cells : EMPTY.cells });
  }

  /** Put a cell in the place of a neighbour. */
  moveCell(index: number, to: number): void {
    if (to < 0 || to >= this._content.cells.length) {
      return;
    }
    const cells = [...this._content.cells];
    cells.splice(to, 0, ...cells.splice(index, 1));
    this.update({ cells });
  }

  /** Take over what is stored now; what was written is kept when asked. */
  rebase(snippet: Snippet, keep: boolean): void {
    const stored = contentOf(snippet);
    this._id = snippet.id;
    this._version = snippet.version;
    this._saved = stored;
    if (!keep) {
      this._content = stored;
    }
    this._changed.emit();
  }

  /** Turn it into a draft of something new, under another name. */
  detach(name: string): void {
    this._id = null;
    this._version = null;
    this._saved = null;
    this.update({ name });
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _key: string;
  private _id: string | null;
  private _version: number | null;
  private _content: IDraftContent;
  private _saved: IDraftContent | null;
}

/** What of a stored snippet a person writes. */
export function contentOf(snippet: Snippet): IDraftContent {
  return {
    name: snippet.name,
    description: snippet.description,
    language: snippet.language,
    other_languages: snippet.other_languages,
    tags: snippet.tags,
    prefixes: snippet.prefixes,
    syntax: snippet.syntax,
    cells: snippet.cells,
    scope: snippet.scope,
    project: snippet.project
  };
}

/** Keeps unsaved drafts in the lab's state, so that a reload loses nothing. */
export class DraftStore {
  constructor(state: IStateDB | null) {
    this._state = state;
  }

  /** The draft under a key, as it was left. */
  async load(key: string): Promise<Draft | null> {
    const stored = await this._state?.fetch(address(key));
    return isState(stored) ? new Draft(stored, key) : null;
  }

  /** Keep a draft for as long as it differs from what is saved; returns what stops that. */
  follow(draft: Draft): () => void {
    let key = draft.key;
    const writing = new Debouncer(async () => {
      if (key !== draft.key) {
        await this.forget(key);
        key = draft.key;
      }
      await this._save(draft);
    }, SAVE_DELAY_MS);
    const write = (): void => void writing.invoke().catch(() => undefined);
    draft.changed.connect(write);
    return () => {
      draft.changed.disconnect(write);
      writing.dispose();
    };
  }

  async forget(key: string): Promise<void> {
    await this._state?.remove(address(key));
  }

  private async _save(draft: Draft): Promise<void> {
    if (draft.dirty) {
      await this._state?.save(address(draft.key), asJson(draft.state));
    } else {
      await this.forget(draft.key);
    }
  }

  private readonly _state: IStateDB | null;
}

function address(key: string): string {
  return `orrery-snippets:draft:${key}`;
}

function asJson(value: unknown): ReadonlyPartialJSONValue {
  return value as ReadonlyPartialJSONValue;
}

function isState(value: unknown): value is IDraftState {
  const content = (value as IDraftState | undefined)?.content as unknown;
  return (
    typeof content === 'object' &&
    content !== null &&
    Array.isArray((content as IDraftContent).cells) &&
    Array.isArray((content as IDraftContent).tags) &&
    Array.isArray((content as IDraftContent).prefixes)
  );
}
