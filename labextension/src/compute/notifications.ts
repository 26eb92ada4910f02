/**
 * What the hub tells the person, as notifications: one for each cause, which goes when the cause goes.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { INoticeCommand } from './noticecommand';
import type { Notice } from './schemas';
import { asSentence, deadlineText } from './texts';
import type { ICompute } from './tokens';

// JupyterLab cuts what is longer.
const TOAST_LENGTH = 140;

export interface INoticeNotificationOptions {
  compute: ICompute;
  trans: TranslationBundle;
  /** Whether the person wants notifications. */
  isEnabled: () => boolean;
  /** What a notice offers; null for nothing that can be done here. */
  commandOf: (notice: Notice) => INoticeCommand | null;
  run: (command: INoticeCommand) => void;
  /** Show all that is known of the server. */
  open: () => void;
}

/** Shows the notices of the hub, and dismisses there what the person dismisses here. */
export class NoticeNotifications implements IDisposable {
  constructor(private readonly _options: INoticeNotificationOptions) {
    _options.compute.changed.connect(this.update, this);
    Notification.manager.changed.connect(this._onChanged, this);
    this.update();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._options.compute.changed.disconnect(this.update, this);
    Notification.manager.changed.disconnect(this._onChanged, this);
  }

  /** Show what is told now, and take away what is not told any more. */
  update(): void {
    const { compute, isEnabled } = this._options;
    if (compute.state === 'failed') {
      // Nothing is known of the causes while the hub does not answer.
      return;
    }
    const notices = isEnabled() ? compute.notices : [];
    const causes = new Map(notices.map(notice => [causeOf(notice), notice]));
    for (const [cause, { id }] of this._shown) {
      if (!causes.has(cause)) {
        this._shown.delete(cause);
        Notification.dismiss(id);
      }
    }
    for (const [cause, notice] of causes) {
      this._show(cause, notice);
    }
  }

  private _show(cause: string, notice: Notice): void {
    const shown = this._shown.get(cause);
    const text = JSON.stringify(notice);
    if (shown?.text === text) {
      return;
    }
    if (shown) {
      // The new one takes its place; the hub replaced the old one itself.
      this._shown.delete(cause);
      Notification.dismiss(shown.id);
    }
    const id = Notification.emit(
      toastOf(notice, this._options.trans),
      notice.level === 'info' ? 'info' : notice.level,
      { autoClose: false, actions: this._actionsOf(notice), data: { cause } }
    );
    this._shown.set(cause, { id, notice: notice.id, text });
  }

  private _actionsOf(notice: Notice): Notification.IAction[] {
    const { commandOf, open, run, trans } = this._options;
    const command = commandOf(notice);
    const actions: Notification.IAction[] = [];
    if (command) {
      actions.push({
        label: command.label,
        displayType: 'accent',
        callback: event => {
          // It goes with its cause, which a cancelled question leaves.
          event.preventDefault();
          run(command);
        }
      });
    }
    actions.push({
      label: trans.__('My Server'),
      callback: event => {
        event.preventDefault();
        open();
      }
    });
    return actions;
  }

  /** Dismiss a notice at the hub that the person dismissed here. */
  private _onChanged(_: unknown, change: Notification.IChange): void {
    if (change.type !== 'removed') {
      return;
    }
    for (const [cause, { id, notice }] of this._shown) {
      if (id === change.notification.id) {
        this._shown.delete(cause);
        this._options.compute.dismiss(notice).catch(() => {
          // It is shown again with the next answer of the hub.
        });
      }
    }
  }

  private _isDisposed = false;
  /** The notification of each cause, and the notice that it shows. */
  private readonly _shown = new Map<
    string,
    { id: string; notice: number; text: string }
  >();
}

/** What a notice is about: a newer one of the same takes its place. */
function causeOf({ kind, subject, server, id }: Notice): string {
  // An offer and what becomes of it are about one request.
  const about = kind === 'claim' ? 'queue' : kind;
  return subject ? `notice:${about}:${subject}:${server ?? '*'}` : `notice:${id}`;
}

/** What happened, by when, and what to do, as far as a toast has room. */
function toastOf(notice: Notice, trans: TranslationBundle): string {
  const { deadline, message, remedy } = notice;
  const end = deadline ? deadlineText(notice, deadline, trans) : '';
  let text = asSentence(message);
  for (const part of [end, remedy].filter(part => part !== '')) {
    const longer = `${text} ${asSentence(part)}`;
    text = longer.length <= TOAST_LENGTH ? longer : text;
  }
  return text;
}
