/**
 * Which sections of the panel are folded, kept over a reload.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import { Signal, type ISignal } from '@lumino/signaling';

const KEY = 'orrery-eda:folded';

/** Sections that a person has folded. */
export class Folds {
  constructor(state: IStateDB | null) {
    this._state = state;
    state?.fetch(KEY).then(
      kept => {
        if (Array.isArray(kept)) {
          this._folded = new Set(kept.map(String));
          this._changed.emit();
        }
      },
      // They are a convenience: without them all sections are open.
      () => undefined
    );
  }

  /** Emitted when a section is folded or opened. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  has(section: string): boolean {
    return this._folded.has(section);
  }

  toggle(section: string): void {
    if (!this._folded.delete(section)) {
      this._folded.add(section);
    }
    this._changed.emit();
    void this._state?.save(KEY, [...this._folded]).catch(() => undefined);
  }

  private readonly _state: IStateDB | null;
  private readonly _changed = new Signal<this, void>(this);
  private _folded = new Set<string>();
}
