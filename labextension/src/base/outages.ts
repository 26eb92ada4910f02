/**
 * What the person was told about an outage, and that it is over.
 */
import { Notification } from '@jupyterlab/apputils';
import { Signal, type ISignal } from '@lumino/signaling';

/** As long as it takes to read what failed. */
const READ_MS = 6_000;

/** The notifications about outages; they go by themselves, as they came. */
export class Outages {
  /** Emitted when the person was told of one. */
  get noted(): ISignal<this, void> {
    return this._noted;
  }

  /** Whether a notification stands that nobody knows the end of yet. */
  get isOpen(): boolean {
    return this._shown.size > 0;
  }

  /** A notification with this id says that something is out of reach. */
  note(id: string): void {
    this._shown.set(id, Date.now());
    this._noted.emit();
  }

  /** Everything is in reach again. */
  end(): void {
    for (const [id, since] of this._shown) {
      const left = Math.max(0, since + READ_MS - Date.now());
      setTimeout(() => Notification.dismiss(id), left);
    }
    this._shown.clear();
  }

  private readonly _noted = new Signal<this, void>(this);
  /** When each was shown. */
  private readonly _shown = new Map<string, number>();
}

/** The outages that this page told of. */
export const outages = new Outages();
