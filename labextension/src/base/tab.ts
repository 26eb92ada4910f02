/**
 * A tab of the main area.
 */
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';

import { removePressed } from './panel/toolbar';

export interface ITabOptions<T extends Widget> {
  id: string;
  title: string;
  icon: LabIcon;
  content: T;
  /** What the tab waits for before it shows the content. */
  reveal?: Promise<unknown>;
  translator?: ITranslator;
}

/** Characters of a tab's label: the lab's status bar repeats it whole, beside what has to stay in sight. */
const LABEL_LENGTH = 32;

/** A name as the label of a tab; the caption has room for all of it. */
export function tabLabel(name: string): string {
  return name.length <= LABEL_LENGTH
    ? name
    : `${name.slice(0, LABEL_LENGTH - 1).trimEnd()}…`;
}

/** A tab without a toolbar, which the person can close. */
export function createTab<T extends Widget>(
  options: ITabOptions<T>
): MainAreaWidget<T> {
  const { content, reveal, translator, title } = options;
  const tab = new MainAreaWidget({ content, reveal, translator });
  tab.id = options.id;
  tab.title.label = tabLabel(title);
  tab.title.caption = title;
  tab.title.icon = options.icon;
  tab.title.closable = true;
  tab.toolbar.hide();
  removePressed(tab.toolbar);
  return tab;
}
