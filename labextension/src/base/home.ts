/**
 * What a capability shows on Home.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { Token, type ReadonlyJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { loadTexts } from './translation';

/** A command with its arguments; without a label it has the command's own. */
export interface IHomeAction {
  command: string;
  args?: ReadonlyJSONObject;
  label?: string;
}

/** One line of a card: something that runs, failed or is new, and the command that opens it. */
export interface IHomeItem extends IHomeAction {
  label: string;
  state?: 'running' | 'failed' | 'new';
  /** One quiet text behind the label, such as a count or a time. */
  meta?: string;
}

/** What a capability shows on Home. */
export interface IHomeCard {
  capability: string;
  title: string;
  icon: LabIcon;
  /** Cards with a lower rank come first. */
  rank: number;
  /** What the capability is for, shown while there is no item. */
  caption: string;
  /** The title opens this. */
  open: IHomeAction;
  /** The next step, as a button. */
  next?: IHomeAction;
  /** What runs, failed or is new in the current project (its slug); asked each time that Home is shown. */
  load?: (signal: AbortSignal, project: string | null) => Promise<readonly IHomeItem[]>;
}

/** The registry of Home's cards. */
export interface IHome {
  /** Show a card until the result is disposed. */
  addCard(card: IHomeCard): IDisposable;
}

/** The token of Home. */
export const IHome = new Token<IHome>(
  '@orrery/labextension:IHome',
  'A registry of the cards on Orrery Home.'
);

const MOST_ITEMS = 3;

/** The plugin that shows the card of a capability, with its first few items. */
export function createHomePlugin(
  capability: string,
  description: string,
  create: (
    app: JupyterFrontEnd,
    trans: TranslationBundle
  ) => Omit<IHomeCard, 'capability'>
): JupyterFrontEndPlugin<void> {
  return {
    id: `@orrery/labextension:${capability}-home`,
    description,
    autoStart: true,
    requires: [IHome],
    optional: [ITranslator],
    activate: (app: JupyterFrontEnd, cards: IHome, translator: ITranslator | null) => {
      const trans = loadTexts(translator);
      const { load, ...card } = create(app, trans);
      cards.addCard({
        ...card,
        capability,
        load:
          load &&
          (async (signal, project) =>
            (await load(signal, project)).slice(0, MOST_ITEMS))
      });
    }
  };
}
