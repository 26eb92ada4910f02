/**
 * A tab of the main area.
 */
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';

export interface ITabOptions<T extends Widget> {
  id: string;
  title: string;
  icon: LabIcon;
  content: T;
  /** What the tab waits for before it shows the content. */
  reveal?: Promise<unknown>;
  translator?: ITranslator;
}

/** A tab without a toolbar, which the person can close. */
export function createTab<T extends Widget>(
  options: ITabOptions<T>
): MainAreaWidget<T> {
  const { content, reveal, translator, title } = options;
  const tab = new MainAreaWidget({ content, reveal, translator });
  tab.id = options.id;
  tab.title.label = title;
  tab.title.caption = title;
  tab.title.icon = options.icon;
  tab.title.closable = true;
  tab.toolbar.hide();
  return tab;
}
