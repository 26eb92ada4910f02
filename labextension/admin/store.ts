/**
 * A value that views draw: they subscribe, and are drawn again when it is replaced.
 */
import { useSyncExternalStore } from 'react';

export class Store<T> {
  constructor(value: T) {
    this._value = value;
  }

  get value(): T {
    return this._value;
  }

  /** Replace the value and call every listener. */
  set(value: T): void {
    this._value = value;
    for (const listener of [...this._listeners]) {
      listener();
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this._listeners.add(listener);
    return () => {
      this._listeners.delete(listener);
    };
  };

  private _value: T;
  private readonly _listeners = new Set<() => void>();
}

/** The value of a store, which draws the component again when it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, () => store.value);
}
