/**
 * Which snippets the person has picked in the panel.
 */
import { Signal, type ISignal } from '@lumino/signaling';

import type { Snippet } from './schemas';

/** The snippet that has the focus, and those that are picked along with it. */
export class Selection {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The snippet that an action without an id is about. */
  get active(): Snippet | null {
    return this._active;
  }

  /** The ids of all picked snippets, in the order of picking; the active one is among them. */
  get ids(): readonly string[] {
    return [...this._ids];
  }

  has(id: string): boolean {
    return this._ids.has(id);
  }

  /** Pick one snippet and no other. */
  set(snippet: Snippet | null): void {
    this._active = snippet;
    this._ids = new Set(snippet ? [snippet.id] : []);
    this._changed.emit();
  }

  /** Pick a snippet along with the others, or let it go. */
  toggle(snippet: Snippet): void {
    if (!this._ids.delete(snippet.id)) {
      this._ids.add(snippet.id);
    }
    this._active = snippet;
    this._changed.emit();
  }

  /** Pick a snippet along with the others. */
  extend(snippet: Snippet): void {
    this._ids.add(snippet.id);
    this._active = snippet;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _active: Snippet | null = null;
  private _ids = new Set<string>();
}
