/**
 * A capability's place in the side bars.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import {
  createToolbarFactory,
  Spinner,
  type IToolbarWidgetRegistry
} from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator, type ITranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { BoxPanel, type Widget } from '@lumino/widgets';

import { loaded } from '../lazy';
import { notifyError } from '../notify';

/** Fills the toolbar of a panel with what the settings say. */
export type PanelToolbar = ReturnType<typeof createToolbarFactory>;

/**
 * The toolbar of a panel as its settings schema and the person say.
 *
 * Call it in the plugin that owns the settings, before anything loads them.
 */
export function createPanelToolbar(
  services: {
    settings: ISettingRegistry | null;
    toolbars: IToolbarWidgetRegistry | null;
    translator: ITranslator | null;
  },
  /** Key below `jupyter.lab.toolbars`, and the plugin whose settings hold it. */
  names: { toolbar: string; plugin: string }
): PanelToolbar | null {
  const { settings, toolbars, translator } = services;
  return settings && toolbars
    ? createToolbarFactory(
        toolbars,
        settings,
        names.toolbar,
        names.plugin,
        translator ?? nullTranslator
      )
    : null;
}

export interface IPanelRegistration<M> {
  /** Id of the widget, such as `orrery-snippets`. */
  id: string;
  title: string;
  icon: LabIcon;
  area: 'left' | 'right';
  rank: number;
  /** Loads the code of the content when the panel is first seen, such as `() => import('./widget')`. */
  load: () => Promise<M>;
  create: (code: M) => Widget;
}

/** Put a panel into a side bar; its content is loaded when it is first seen. */
export function registerPanel<M>(
  app: JupyterFrontEnd,
  restorer: ILayoutRestorer | null,
  translator: ITranslator | null,
  panel: IPanelRegistration<M>
): LazyPanel {
  const { id, title } = panel;
  const trans = (translator ?? nullTranslator).load('orrery');
  const widget = new LazyPanel(
    async () => panel.create(await loaded(panel.load())),
    error => notifyError(error, trans)
  );
  widget.id = id;
  widget.title.icon = panel.icon;
  widget.title.caption = title;
  widget.node.setAttribute('role', 'region');
  widget.node.setAttribute('aria-label', title);
  app.shell.add(widget, panel.area, { rank: panel.rank, type: title });
  restorer?.add(widget, id);
  return widget;
}

/** A panel that loads its content when it is first seen. */
export class LazyPanel extends BoxPanel {
  /** @param onError Called when the content could not be loaded; it is tried again when next seen. */
  constructor(load: () => Promise<Widget>, onError: (error: unknown) => void) {
    super({ spacing: 0 });
    this._load = load;
    this._onError = onError;
    this.addClass('orrery-side-panel');
  }

  protected override onAfterAttach(): void {
    this._open();
  }

  protected override onAfterShow(): void {
    this._open();
  }

  protected override onActivateRequest(): void {
    this._open();
    void this._content?.then(content => content?.activate());
  }

  private _open(): void {
    if (this.isVisible) {
      this._content ??= this._fill();
    }
  }

  private async _fill(): Promise<Widget | null> {
    const spinner = new Spinner();
    this.addWidget(spinner);
    try {
      const content = await this._load();
      this.addWidget(content);
      return content;
    } catch (error) {
      this._content = null;
      this._onError(error);
      return null;
    } finally {
      spinner.dispose();
    }
  }

  private readonly _load: () => Promise<Widget>;
  private readonly _onError: (error: unknown) => void;
  private _content: Promise<Widget | null> | null = null;
}
