/**
 * The tab of the server and the dialogs; each is loaded when it is first opened.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, WidgetTracker, type MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, type Widget } from '@lumino/widgets';

import { loaded } from '../base/lazy';
import { createTab } from '../base/tab';
import { CommandIDs, type IOpener } from './commands';
import { hubPages } from './hubpages';
import { computeIcon } from './icons';
import type { Budget, Ticket, TicketIn } from './schemas';
import { serverName, ticketTitle } from './texts';
import type { ICompute } from './tokens';

const ID = 'orrery-compute';
const SAVE_ALL = 'docmanager:save-all';

export interface IOpenerOptions {
  app: JupyterFrontEnd;
  compute: ICompute;
  trans: TranslationBundle;
}

type Tab = MainAreaWidget<Panel>;

/** Opens what compute has to show. */
export class ComputeOpener implements IOpener {
  constructor(private readonly _options: IOpenerOptions) {}

  /** Open the tab again if it was open when the lab was left. */
  restore(restorer: ILayoutRestorer): void {
    void restorer.restore(this._tabs, { command: CommandIDs.open, name: () => ID });
  }

  open(): Widget {
    const { shell } = this._options.app;
    const tab = this._tabs.find(({ id }) => id === ID) ?? this._create();
    if (!tab.isAttached) {
      shell.add(tab, 'main');
    }
    if (!this._tabs.has(tab)) {
      void this._tabs.add(tab);
    }
    shell.activateById(ID);
    return tab;
  }

  async chooseProfile(): Promise<TicketIn | null> {
    const { compute, trans } = this._options;
    // What is free changes all the time.
    await compute.refresh();
    const { chooseProfile } = await loaded(import('./dialogs'));
    return chooseProfile(compute, trans);
  }

  async askForMore(budget: Budget): Promise<boolean> {
    const { compute, trans } = this._options;
    const { askForMore } = await loaded(import('./dialogs'));
    return askForMore(compute, budget, trans);
  }

  confirmMove(ticket: Ticket): Promise<boolean> {
    const { trans } = this._options;
    return this._confirm(
      trans.__('Start This Server with %1?', ticketTitle(ticket, trans)),
      trans.__(
        'It is stopped and started anew. Open documents are saved, and files and open tabs stay; running kernels end.'
      ),
      Dialog.okButton({ label: trans.__('Start Anew') })
    );
  }

  confirmStop(name?: string): Promise<boolean> {
    const { trans } = this._options;
    return this._confirm(
      name === undefined
        ? trans.__('Stop This Server?')
        : trans.__('Stop the Server "%1"?', serverName(name, trans)),
      name === undefined
        ? trans.__(
            'Open documents are saved. Running kernels end, this lab goes away, and its devices go to others.'
          )
        : trans.__('Running kernels end, and its devices go to others.'),
      Dialog.warnButton({ label: trans.__('Stop Server') })
    );
  }

  async saveAll(): Promise<void> {
    const { commands } = this._options.app;
    // It is disabled while no document is open.
    if (commands.hasCommand(SAVE_ALL) && commands.isEnabled(SAVE_ALL)) {
      await commands.execute(SAVE_ALL);
    }
  }

  leave(): void {
    const pages = hubPages();
    if (pages) {
      window.location.assign(pages.pending());
    }
  }

  private _create(): Tab {
    const { app, compute, trans } = this._options;
    const content = new Panel();
    const fill = async (): Promise<void> => {
      const { ServerPage } = await loaded(import('./page/view'));
      content.addWidget(new ServerPage({ commands: app.commands, compute, trans }));
    };
    content.addClass('orrery-page-scroll');
    return createTab({
      id: ID,
      title: trans.__('My Server'),
      icon: computeIcon,
      content,
      reveal: fill()
    });
  }

  private async _confirm(
    title: string,
    body: string,
    accept: Dialog.IButton
  ): Promise<boolean> {
    const { trans } = this._options;
    const dialog = new Dialog({
      title,
      body,
      buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), accept],
      defaultButton: 0
    });
    dialog.addClass('orrery-dialog');
    const { button } = await dialog.launch();
    return button.accept;
  }

  private readonly _tabs = new WidgetTracker<Tab>({ namespace: ID });
}
