/**
 * Short messages about what was done and what failed.
 */
import type { OrreryError } from '../src/base/errors';

import { Store } from './store';

export interface IToast {
  readonly id: number;
  readonly level: 'info' | 'error';
  readonly text: string;
  readonly detail: string;
}

const SECONDS = 8;

/** The messages on the screen; what failed stays until it is closed. */
export class Toasts {
  readonly list = new Store<readonly IToast[]>([]);

  info(text: string): void {
    const id = this._add('info', text, '');
    setTimeout(() => this.close(id), SECONDS * 1000);
  }

  error(error: OrreryError): void {
    this._add('error', error.message, [error.reason, error.remedy].join(' ').trim());
  }

  close(id: number): void {
    this.list.set(this.list.value.filter(toast => toast.id !== id));
  }

  private _add(level: IToast['level'], text: string, detail: string): number {
    const id = ++this._last;
    const others = this.list.value.filter(
      toast => toast.text !== text || toast.detail !== detail
    );
    this.list.set([...others, { id, level, text, detail }]);
    return id;
  }

  private _last = 0;
}
