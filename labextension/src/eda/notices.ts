/**
 * What runs tell while the person looks elsewhere: how far they are, and how they ended.
 */
import { Notification } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';

import type { IWorkbench } from './workbench';
import type { Run } from './schemas';
import { isActive, titleOf } from './wanted';

/** How to do what a notice offers. */
export interface INoticeActions {
  open(id: string): void;
  cancel(id: string): void;
  again(id: string): void;
  /** Whether the person sees the run by itself. */
  isShown(id: string): boolean;
}

const SHORT_MS = 3_000;
const READY_MS = 5_000;

/** Tells of the runs of a model; of short ones only the end. */
export class Notices implements IDisposable {
  constructor(bench: IWorkbench, actions: INoticeActions) {
    this._bench = bench;
    this._actions = actions;
    bench.model.changed.connect(this._progress, this);
    bench.model.ended.connect(this._end, this);
    bench.model.removed.connect(this._forget, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    const { model } = this._bench;
    this._isDisposed = true;
    model.changed.disconnect(this._progress, this);
    model.ended.disconnect(this._end, this);
    model.removed.disconnect(this._forget, this);
  }

  private _progress(): void {
    const { model, preferences } = this._bench;
    for (const id of this._told.keys()) {
      const run = model.find(id);
      if (!run || run.state === 'cancelled' || this._actions.isShown(id)) {
        this._forget(undefined, id);
      }
    }
    if (!preferences.notify) {
      return;
    }
    for (const run of model.active) {
      const told = this._told.get(run.id);
      if (told) {
        Notification.update({ id: told, progress: run.progress });
      } else if (this._isLong(run) && !this._actions.isShown(run.id)) {
        this._told.set(run.id, this._begin(run));
      }
    }
  }

  private _begin(run: Run): string {
    const { trans } = this._bench;
    return Notification.emit(this._doing(run), 'in-progress', {
      autoClose: false,
      progress: run.progress,
      actions: [
        { label: trans.__('Open'), callback: () => this._actions.open(run.id) },
        { label: trans.__('Cancel'), callback: () => this._actions.cancel(run.id) }
      ]
    });
  }

  private _end(_: unknown, run: Run): void {
    const { preferences, trans } = this._bench;
    this._forget(undefined, run.id);
    if (!preferences.notify || this._actions.isShown(run.id) || isActive(run)) {
      return;
    }
    const open = {
      label: trans.__('Open'),
      callback: () => this._actions.open(run.id)
    };
    if (run.state === 'done') {
      Notification.success(trans.__('%1 is ready', titleOf(run)), {
        autoClose: READY_MS,
        actions: [open]
      });
    } else if (run.state === 'failed') {
      const why = run.error?.message ?? '';
      const again = {
        label: trans.__('Run again'),
        callback: () => this._actions.again(run.id)
      };
      Notification.error(trans.__('%1 failed. %2', titleOf(run), why), {
        autoClose: false,
        actions: [open, again]
      });
    }
  }

  private _doing(run: Run): string {
    const { trans } = this._bench;
    const name = titleOf(run);
    switch (run.task) {
      case 'comparison':
        return trans.__('Comparing %1', name);
      case 'checks':
        return trans.__('Checking %1', name);
      case 'report':
        return trans.__('Making the full report on %1', name);
      default:
        return trans.__('Profiling %1', name);
    }
  }

  private _isLong(run: Run): boolean {
    return Date.now() - Date.parse(run.created) > SHORT_MS;
  }

  private _forget(_: unknown, id: string): void {
    const told = this._told.get(id);
    if (told) {
      this._told.delete(id);
      Notification.dismiss(told);
    }
  }

  private readonly _bench: IWorkbench;
  private readonly _actions: INoticeActions;
  private readonly _told = new Map<string, string>();
  private _isDisposed = false;
}
