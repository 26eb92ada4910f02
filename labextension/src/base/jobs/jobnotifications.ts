/**
 * Notifications of long jobs while the person looks elsewhere: how far they are, and how they ended.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { dismissCause } from '../notify';
import type { ActiveJobs } from './activejobs';

/** A job as its notification shows it. */
export interface IJobText {
  /** What is going on, such as "Profiling wine.csv". */
  progress: string;
  name: string;
  /** Why it failed. */
  error: string;
}

interface IJob {
  readonly id: string;
  readonly state: string;
  /** 0 to 1. */
  readonly progress: number;
  /** When it was started, as ISO 8601. */
  readonly created: string;
}

export interface IJobNotificationOptions<T extends IJob> {
  jobs: ActiveJobs<T>;
  trans: TranslationBundle;
  textOf: (job: T) => IJobText;
  /** Whether the person wants notifications. */
  isEnabled: () => boolean;
  /** Whether the person sees a job anyway. */
  isShown: (id: string) => boolean;
  open: (id: string) => void;
  cancel: (id: string) => void;
  rerun: (id: string) => void;
}

const SHORT_MS = 3_000;
const READY_MS = 5_000;

/** Shows the progress of jobs that take longer than three seconds, and the end of all. */
export class JobNotifications<T extends IJob> implements IDisposable {
  constructor(private readonly options: IJobNotificationOptions<T>) {
    const { jobs } = options;
    jobs.changed.connect(this._update, this);
    jobs.ended.connect(this._end, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    const { jobs } = this.options;
    this._isDisposed = true;
    jobs.changed.disconnect(this._update, this);
    jobs.ended.disconnect(this._end, this);
  }

  private _update(): void {
    const { jobs, isEnabled, isShown } = this.options;
    for (const id of this._ids.keys()) {
      if (!jobs.find(id) || isShown(id)) {
        this._dismiss(id);
      }
    }
    if (!isEnabled()) {
      return;
    }
    for (const job of jobs.items) {
      const id = this._ids.get(job.id);
      const isLong = Date.now() - Date.parse(job.created) > SHORT_MS;
      if (id) {
        Notification.update({ id, progress: job.progress });
      } else if (isLong && !isShown(job.id)) {
        this._ids.set(job.id, this._showProgress(job));
      }
    }
  }

  private _showProgress(job: T): string {
    const { trans, textOf, open, cancel } = this.options;
    return Notification.emit(textOf(job).progress, 'in-progress', {
      autoClose: false,
      progress: job.progress,
      actions: [
        { label: trans.__('Open'), callback: () => open(job.id) },
        { label: trans.__('Cancel'), callback: () => cancel(job.id) }
      ]
    });
  }

  private _end(_jobs: unknown, job: T): void {
    const { trans, textOf, isEnabled, isShown, open, rerun } = this.options;
    const { name, error } = textOf(job);
    this._dismiss(job.id);
    if (job.state === 'done') {
      // What failed before works again.
      dismissCause(this._failures.get(name) ?? '');
      this._failures.delete(name);
    }
    if (!isEnabled() || isShown(job.id)) {
      return;
    }
    const openAction = { label: trans.__('Open'), callback: () => open(job.id) };
    if (job.state === 'done') {
      Notification.success(trans.__('%1 is ready', name), {
        autoClose: READY_MS,
        actions: [openAction]
      });
    } else if (job.state === 'failed') {
      const cause = error || name;
      // Jobs that fail for one reason are one notification, that of the last of them.
      dismissCause(cause);
      this._failures.set(name, cause);
      Notification.error(trans.__('%1 failed. %2', name, error), {
        autoClose: false,
        data: { cause },
        actions: [
          openAction,
          { label: trans.__('Run again'), callback: () => rerun(job.id) }
        ]
      });
    }
  }

  private _dismiss(job: string): void {
    const notification = this._ids.get(job);
    if (notification) {
      this._ids.delete(job);
      Notification.dismiss(notification);
    }
  }

  /** Ids of notifications by the id of their job. */
  private readonly _ids = new Map<string, string>();
  /** Why a job of a name failed last. */
  private readonly _failures = new Map<string, string>();
  private _isDisposed = false;
}
