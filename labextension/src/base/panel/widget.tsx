/**
 * The content of a side panel: its title, its toolbar, and a body drawn by React.
 */
import { setToolbar } from '@jupyterlab/apputils';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ITranslator } from '@jupyterlab/translation';
import { ReactiveToolbar, ReactWidget, SidePanel } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';
import React from 'react';

import { keepFocus } from '../focus';
import { PanelContext, type IPanelContext } from './context';
import { ListGroup } from './listgroup';
import { SectionState } from './sectionstate';
import { removePressed, type PanelToolbar } from './toolbar';

export interface IPanelWidgetOptions {
  /** Name in CSS classes and in the lab's state, such as `orrery-snippets`. */
  name: string;
  /** What is read at the top. */
  title: string;
  translator: ITranslator;
  toolbar: PanelToolbar | null;
  state?: IStateDB | null;
  body: JSX.Element;
  /** Called whenever the panel comes to the front. */
  onShow?: () => void;
  /** Called when the panel is hidden: nobody looks at what it loads. */
  onHide?: () => void;
}

/** A side panel as all capabilities have it. */
export class PanelWidget extends SidePanel {
  constructor(options: IPanelWidgetOptions) {
    const { name, title, translator, toolbar, state = null } = options;
    super({
      translator,
      header: new Panel(),
      toolbar: new ReactiveToolbar(),
      content: new Panel()
    });
    this._onShow = options.onShow;
    this._onHide = options.onHide;
    this.addClass('orrery-panel');
    this.addClass(name);
    const trans = translator.load('orrery');
    const heading = ReactWidget.create(<h2>{title}</h2>);
    this.header.addWidget(heading);
    this.toolbar.node.setAttribute('aria-label', title);
    removePressed(this.toolbar);
    if (toolbar) {
      setToolbar(this, toolbar);
    }
    // The panel around it is the region, under its own name.
    this.content.node.removeAttribute('role');
    this.content.node.removeAttribute('aria-label');
    const context: IPanelContext = {
      trans,
      lists: new ListGroup(),
      sections: new SectionState(state, `${name}:sections`),
      focusFilter: () => this.focusFilter()
    };
    this._body = ReactWidget.create(
      <PanelContext.Provider value={context}>{options.body}</PanelContext.Provider>
    );
    this._body.addClass('orrery-panel-body');
    this.content.addWidget(this._body);
    const focus = keepFocus(this.node);
    this.disposed.connect(() => focus.dispose());
  }

  /** Move the focus to the filter field. */
  focusFilter(): void {
    // The body is drawn after it was attached.
    void this._body.renderPromise?.then(() =>
      this.node.querySelector<HTMLElement>('.jp-FilterBox')?.focus()
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._shown();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._shown();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._onHide?.();
  }

  protected override onActivateRequest(): void {
    this.focusFilter();
  }

  private _shown(): void {
    if (this.isVisible) {
      this._onShow?.();
    }
  }

  private readonly _body: ReactWidget;
  private readonly _onShow: (() => void) | undefined;
  private readonly _onHide: (() => void) | undefined;
}
