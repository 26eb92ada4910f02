/**
 * A capability's place in the side bars.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { Spinner } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, type LabIcon } from '@jupyterlab/ui-components';
import { BoxPanel, type Widget } from '@lumino/widgets';
import { createElement } from 'react';

import { loaded } from '../lazy';
import { sentence } from '../notify';
import { loadTexts } from '../translation';
import { EmptyState } from './emptystate';

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
  const trans = loadTexts(translator);
  const widget = new LazyPanel(
    async () => panel.create(await loaded(panel.load())),
    (error, retry) => createFailure(error, retry, trans)
  );
  // What a reload brings back takes no focus; what a person opens does.
  void app.restored.then(() => widget.focusWhenShown());
  widget.id = id;
  widget.title.icon = panel.icon;
  widget.title.caption = title;
  widget.node.setAttribute('role', 'region');
  widget.node.setAttribute('aria-label', title);
  app.shell.add(widget, panel.area, { rank: panel.rank, type: title });
  restorer?.add(widget, id);
  return widget;
}

/** What stands in the place of content that could not be loaded. */
function createFailure(
  error: unknown,
  retry: () => void,
  trans: TranslationBundle
): Widget {
  return ReactWidget.create(
    createElement(EmptyState, {
      alert: true,
      title: trans.__('The panel could not be loaded'),
      text: sentence(error, trans),
      steps: [
        { label: trans.__('Try Again'), run: retry },
        { label: trans.__('Reload Page'), run: () => window.location.reload() }
      ]
    })
  );
}

/** A panel that loads its content when it is first seen. */
export class LazyPanel extends BoxPanel {
  /** @param showFailure Makes what says that the content could not be loaded, with a way to try again. */
  constructor(
    load: () => Promise<Widget>,
    showFailure: (error: unknown, retry: () => void) => Widget
  ) {
    super({ spacing: 0 });
    this._load = load;
    this._showFailure = showFailure;
    this.addClass('orrery-side-panel');
  }

  /** From now on, showing the panel moves the focus into it. */
  focusWhenShown(): void {
    this._takesFocus = true;
  }

  protected override onAfterAttach(): void {
    this._open();
  }

  protected override onAfterShow(): void {
    this._open();
    if (this._takesFocus) {
      void this._content?.then(content => content?.activate());
    }
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
    this._failure?.dispose();
    const spinner = new Spinner();
    this.addWidget(spinner);
    try {
      const content = await this._load();
      this.addWidget(content);
      return content;
    } catch (error) {
      this._content = null;
      this._failure = this._showFailure(error, () => this._open());
      this.addWidget(this._failure);
      return null;
    } finally {
      spinner.dispose();
    }
  }

  private readonly _load: () => Promise<Widget>;
  private readonly _showFailure: (error: unknown, retry: () => void) => Widget;
  private _takesFocus = false;
  private _failure: Widget | null = null;
  private _content: Promise<Widget | null> | null = null;
}
