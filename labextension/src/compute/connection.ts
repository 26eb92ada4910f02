/**
 * What happens when the lab's server does not answer: in a lab of a hub the person learns why, and where it goes on.
 */
import {
  ConnectionLost,
  type IConnectionLost,
  type ILabStatus,
  type JupyterFrontEnd
} from '@jupyterlab/application';
import { Dialog } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Departure, type IQuestion, type Presence } from './departure';
import { hubPages } from './hubpages';
import type { ICompute } from './tokens';

/** Takes the place of JupyterLab's own dialog, which cannot say why a server ended. */
export class Connection {
  /** Answers JupyterLab, which calls it every few seconds while the server is away. */
  readonly lost: IConnectionLost = async (manager, error, translator) => {
    // With a response it is the hub that answers, in the place of the server; else nothing does.
    const isAtHub = error instanceof ServerConnection.ResponseError;
    if (this._departure && isAtHub) {
      await this._departure.stopped();
    } else {
      await ConnectionLost(manager, error, translator);
    }
  };

  /** Watch for the end of the server of a lab; a lab without a hub has none to go to. */
  watch(
    app: JupyterFrontEnd,
    compute: ICompute,
    trans: TranslationBundle,
    status: ILabStatus | null
  ): void {
    const pages = hubPages();
    if (!pages) {
      return;
    }
    this._departure = new Departure({
      compute,
      trans,
      pages,
      serverName: PageConfig.getOption('hubServerName'),
      look: () => look(app.serviceManager.serverSettings),
      isDirty: () => status?.isDirty ?? false,
      ask: question => ask(question, trans),
      load: (address, place) => {
        if (place === 'here') {
          window.location.assign(address);
        } else {
          window.open(address, '_blank', 'noopener');
        }
      }
    });
  }

  private _departure: Departure | null = null;
}

/** How the server answers what only a page that is logged in may ask. */
async function look(settings: ServerConnection.ISettings): Promise<Presence> {
  const address = URLExt.join(settings.baseUrl, 'api/status');
  try {
    const { ok, status } = await ServerConnection.makeRequest(address, {}, settings);
    // What else there is comes from the hub or its proxy, in the place of the server.
    return ok ? 'there' : status === 401 || status === 403 ? 'refused' : 'gone';
  } catch {
    return 'unreachable';
  }
}

async function ask(
  { accept, body, title }: IQuestion,
  trans: TranslationBundle
): Promise<boolean> {
  const dialog = new Dialog({
    title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Stay on This Page') }),
      Dialog.okButton({ label: accept })
    ]
  });
  dialog.addClass('orrery-dialog');
  const { button } = await dialog.launch();
  return button.accept;
}
