/**
 * Which items a person has selected in a panel.
 */
import { Signal, type ISignal } from '@lumino/signaling';

/** The selected items, in the order in which they were selected. */
export class Selection<T> {
  constructor(private readonly keyOf: (item: T) => string) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get items(): readonly T[] {
    return [...this._items.values()];
  }

  get keys(): readonly string[] {
    return [...this._items.keys()];
  }

  /** The item that was selected last: what a command without arguments is about. */
  get active(): T | null {
    return this.items.at(-1) ?? null;
  }

  has(key: string): boolean {
    return this._items.has(key);
  }

  /** Select one item alone, or none. */
  set(item: T | null): void {
    this._items = new Map(item === null ? [] : [[this.keyOf(item), item]]);
    this._changed.emit();
  }

  /** Select an item along with the others, or no longer. */
  toggle(item: T): void {
    const key = this.keyOf(item);
    if (!this._items.delete(key)) {
      this._items.set(key, item);
    }
    this._changed.emit();
  }

  /** Select items along with the others; the last one becomes the active one. */
  extend(items: readonly T[]): void {
    for (const item of items) {
      this._items.delete(this.keyOf(item));
      this._items.set(this.keyOf(item), item);
    }
    this._changed.emit();
  }

  /** Take what is known of the selected items by now; undefined unselects one. */
  renew(find: (key: string) => T | undefined): void {
    const before = this._items;
    this._items = new Map();
    for (const key of before.keys()) {
      const item = find(key);
      if (item !== undefined) {
        this._items.set(key, item);
      }
    }
    if (this._items.size !== before.size) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _items = new Map<string, T>();
}
