/**
 * The end of this server as its page sees it: what happened, and the way to the hub and back.
 *
 * A page is logged in to the server that it was loaded from. The one that is started in its place refuses it until
 * it is loaded again, so the page goes to the hub, which waits for the server and leads back to the same place.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { Forbidden, Unauthenticated } from '../base/errors';
import type { IHubPages } from './hubpages';
import type { Notice } from './schemas';
import { asSentence } from './texts';
import type { ICompute } from './tokens';

/** How often this server is asked whether it is still there, once it is to be started anew. */
const LOOK_MS = 500;
/** A stop that was announced is on time within so much. */
const ANNOUNCED_MS = 120_000;

/** A server that stops refuses its pages before it is gone. */
const STOP_MS = 3_000;

/**
 * How a page finds its server: as it was, refusing it, gone, or not to be reached.
 *
 * A server that refuses is the one that was started in the place of the former, or one that is just being stopped.
 */
export type Presence = 'there' | 'refused' | 'gone' | 'unreachable';

/** A question with one way to go on. */
export interface IQuestion {
  title: string;
  body: string;
  accept: string;
}

export interface IDepartureOptions {
  compute: ICompute;
  trans: TranslationBundle;
  pages: IHubPages;
  /** The name of this server at the hub. */
  serverName: string;
  look: () => Promise<Presence>;
  /** Whether the page holds what is not saved. */
  isDirty: () => boolean;
  ask: (question: IQuestion) => Promise<boolean>;
  /** Load an address, in the place of this page or beside it. */
  load: (address: string, place: 'here' | 'beside') => void;
}

/** Watches for the end of this server, and leads the page to where it goes on. */
export class Departure implements IDisposable {
  constructor(private readonly _options: IDepartureOptions) {
    _options.compute.changed.connect(this._look, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._options.compute.changed.disconnect(this._look, this);
  }

  /** The hub says that this server does not run: wait for the next one, or say why it ended. */
  async stopped(): Promise<void> {
    const { compute, pages, serverName, trans } = this._options;
    if (this._willRestart(true)) {
      await this._leave();
      return;
    }
    const notice = announcement(compute.notices, serverName);
    const why = notice
      ? asSentence(notice.reason || notice.message)
      : trans.__('The hub stopped it, or it ended by itself.');
    await this._ask(
      {
        title: trans.__('This Server Has Stopped'),
        body: [why, trans.__('Files stay; kernels have ended.'), this._hint()].join(
          ' '
        ),
        accept: trans.__('Start Again')
      },
      pages.start
    );
  }

  private _look(): void {
    const { compute } = this._options;
    if (compute.state === 'ready') {
      // The server is there; its next end is told again.
      this._isDismissed = false;
    }
    if (this._willRestart(false)) {
      void this._follow();
    } else if (compute.state === 'failed' && isLoggedOut(compute.error)) {
      void this._refused();
    }
  }

  private async _refused(): Promise<void> {
    if (this._isChecking) {
      return;
    }
    this._isChecking = true;
    await pause(STOP_MS);
    const presence = await this._options.look();
    this._isChecking = false;
    if (presence === 'gone') {
      await this.stopped();
    } else if (presence === 'refused') {
      const { trans } = this._options;
      await this._ask(
        {
          title: trans.__('This Page Is Not Logged In Any More'),
          body: [
            trans.__('The server was started anew, or your log-in has ended.'),
            this._hint()
          ].join(' '),
          accept: trans.__('Load Again')
        },
        () => window.location.href
      );
    }
  }

  /** Stay until this server is gone: the hub would lead back to it before. */
  private async _follow(): Promise<void> {
    if (this._isBusy) {
      return;
    }
    this._isBusy = true;
    const { look, trans } = this._options;
    const id = Notification.info(
      trans.__('This server is being started anew. The page waits for it.'),
      { autoClose: false }
    );
    while (['there', 'unreachable'].includes(await look())) {
      await pause(LOOK_MS);
      if (this._isDisposed || !this._willRestart(false)) {
        // It did not come to that: the notice of the request says why.
        this._isBusy = false;
        Notification.dismiss(id);
        return;
      }
    }
    this._isBusy = false;
    Notification.dismiss(id);
    await this._leave();
  }

  private async _leave(): Promise<void> {
    const { isDirty, load, pages, trans } = this._options;
    if (isDirty()) {
      await this._ask(
        {
          title: trans.__('This Server Is Being Started Anew'),
          body: this._hint(),
          accept: trans.__('Go to the Hub')
        },
        pages.restarting
      );
    } else if (!this._isBusy) {
      this._isBusy = true;
      load(pages.restarting(), 'here');
    }
  }

  /** Ask once; JupyterLab says every few seconds that the server is away. */
  private async _ask(question: IQuestion, address: () => string): Promise<void> {
    if (this._isBusy || this._isDismissed || this._isDisposed) {
      return;
    }
    this._isBusy = true;
    const { ask, isDirty, load } = this._options;
    if (await ask(question)) {
      load(address(), isDirty() ? 'beside' : 'here');
    }
    // Who stays on the page wants to see what is on it, and knows.
    this._isDismissed = true;
    this._isBusy = false;
  }

  private _hint(): string {
    const { isDirty, trans } = this._options;
    return isDirty()
      ? trans.__(
          'This page holds changes that are not saved. The server opens in another tab; once it runs, save here.'
        )
      : '';
  }

  /** Whether this server makes room for one with another profile; `soon`: or may have done so unseen. */
  private _willRestart(soon: boolean): boolean {
    const { compute, serverName } = this._options;
    return compute.tickets.some(
      ({ auto_claim: isAutomatic, is_move: isMove, server_name: name, state }) =>
        isMove && name === serverName && (state === 'claimed' || (soon && isAutomatic))
    );
  }

  /** Whether it follows the server, asks, or has left. */
  private _isBusy = false;
  private _isChecking = false;
  private _isDismissed = false;
  private _isDisposed = false;
}

/** The notice that said that this server would be stopped now; null if none did. */
function announcement(notices: readonly Notice[], serverName: string): Notice | null {
  const isNow = ({ deadline }: Notice): boolean =>
    deadline !== null && Date.parse(deadline) <= Date.now() + ANNOUNCED_MS;
  return (
    notices.find(
      notice =>
        ['budget_stop', 'cull', 'maintenance'].includes(notice.kind) &&
        (notice.server ?? serverName) === serverName &&
        isNow(notice)
    ) ?? null
  );
}

/** Whether the server does not know the page: a refusal that is none of Orrery's. */
function isLoggedOut(error: unknown): boolean {
  return (
    error instanceof Unauthenticated ||
    (error instanceof Forbidden && error.requestId === '')
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
