/**
 * The libraries that read-only snippets come from.
 */
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ISnippetsCalls } from '../model';
import type { Library, LibraryIn } from '../schemas';

const LIBRARIES_LIMIT = 200;
const WATCH_MS = 1_000;

/** The libraries, watched for as long as one of them is being refreshed. */
export class LibrariesModel {
  /** @param onReady Told when a refresh is over, for there may be other snippets now. */
  constructor(calls: ISnippetsCalls, onReady: () => void) {
    this._calls = calls;
    this._onReady = onReady;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Null until they were asked for. */
  get items(): readonly Library[] | null {
    return this._items;
  }

  get error(): unknown {
    return this._error;
  }

  get busy(): boolean {
    return this._items?.some(({ state }) => state === 'refreshing') ?? false;
  }

  async load(): Promise<void> {
    const before = this.busy;
    try {
      this._items = (await this._calls.listLibraries({ limit: LIBRARIES_LIMIT })).items;
      this._error = null;
    } catch (error) {
      this._error = error;
    }
    if (this.busy) {
      this._watch();
    } else {
      this.stop();
    }
    this._changed.emit();
    if (before && !this.busy) {
      this._onReady();
    }
  }

  async add(library: LibraryIn): Promise<void> {
    await this._calls.addLibrary(library);
    await this._settle();
  }

  async remove(name: string): Promise<void> {
    await this._calls.removeLibrary(name);
    await this._settle();
  }

  async refresh(name: string): Promise<void> {
    await this._calls.refreshLibrary(name);
    await this._settle();
  }

  async cancel(name: string): Promise<void> {
    await this._calls.cancelLibrary(name);
    await this._settle();
  }

  /** Stop watching. */
  stop(): void {
    this._poll?.dispose();
    this._poll = null;
  }

  private async _settle(): Promise<void> {
    await this.load();
    if (!this.busy) {
      this._onReady();
    }
  }

  private _watch(): void {
    this._poll ??= new Poll({
      name: '@orrery/labextension:snippets-libraries',
      factory: () => this.load(),
      frequency: { interval: WATCH_MS, backoff: true, max: 10 * WATCH_MS },
      standby: 'when-hidden'
    });
  }

  private readonly _calls: ISnippetsCalls;
  private readonly _onReady: () => void;
  private readonly _changed = new Signal<this, void>(this);
  private _items: readonly Library[] | null = null;
  private _error: unknown = null;
  private _poll: Poll | null = null;
}
