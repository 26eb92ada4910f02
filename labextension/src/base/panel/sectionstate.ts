/**
 * Which sections of a panel are collapsed, over a reload.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import { Signal, type ISignal } from '@lumino/signaling';

/** The sections that a person has collapsed. */
export class SectionState {
  /** @param key Where the lab's state keeps them, such as `orrery-eda:sections`. */
  constructor(
    private readonly state: IStateDB | null,
    private readonly key: string
  ) {
    state?.fetch(key).then(
      value => {
        if (Array.isArray(value)) {
          this._collapsed = new Set(value.map(String));
          this._changed.emit();
        }
      },
      // Without the lab's state all sections are open.
      () => undefined
    );
  }

  /** Emitted when a section is collapsed or opened. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  isOpen(section: string): boolean {
    return !this._collapsed.has(section);
  }

  toggle(section: string): void {
    if (!this._collapsed.delete(section)) {
      this._collapsed.add(section);
    }
    this._changed.emit();
    void this.state?.save(this.key, [...this._collapsed]).catch(() => undefined);
  }

  private readonly _changed = new Signal<this, void>(this);
  private _collapsed = new Set<string>();
}
