/**
 * The snippets panel.
 */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import React, { createRef } from 'react';

import { useChanges } from '../base/hooks';
import { notifyError } from '../base/notify';
import { DraftDrop } from './drag';
import { filesOf } from './dropped';
import { CommandIDs } from './commands';
import { Filters } from './filters';
import { Footer } from './footer';
import { ScreenContext, useScreen, type IScreen } from './hooks';
import { SnippetList } from './list';
import { hasNothing, Nothing } from './nothing';
import { PanelToolbar } from './toolbar';

/** The content of the panel: toolbar, filters, rows, and a line for the state. */
export class SnippetsPanel extends ReactWidget {
  constructor(screen: IScreen) {
    super();
    this._screen = screen;
    this.addClass('orrery-panel');
    this.addClass('orrery-snippets');
    this._drop = new DraftDrop({
      node: this.node,
      onDraft: draft => void screen.commands.execute(CommandIDs.new, asArgs({ draft }))
    });
  }

  override dispose(): void {
    this._drop.dispose();
    super.dispose();
  }

  /** Go to the search field. */
  focusSearch(): void {
    this._search.current?.focus();
    this._search.current?.select();
  }

  handleEvent(event: Event): void {
    const { dataTransfer } = event as DragEvent;
    if (!dataTransfer?.types.includes('Files')) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.toggleClass('orrery-snippets-mod-drop', event.type === 'dragover');
    if (event.type === 'drop') {
      const { commands, bench } = this._screen;
      filesOf(dataTransfer)
        .then(files => commands.execute(CommandIDs.import, asArgs({ files })))
        .catch(error => notifyError(error, bench.trans));
    }
  }

  protected override render(): JSX.Element {
    return (
      <ScreenContext.Provider value={this._screen}>
        <PanelToolbar ref={this._search} onDown={this._focusList} />
        <Filters />
        <Body onSearch={() => this.focusSearch()} />
        <Footer />
      </ScreenContext.Provider>
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    ['dragover', 'dragleave', 'drop'].forEach(name =>
      this.node.addEventListener(name, this)
    );
    void this._screen.bench.model.open();
  }

  protected override onBeforeDetach(message: Message): void {
    ['dragover', 'dragleave', 'drop'].forEach(name =>
      this.node.removeEventListener(name, this)
    );
    super.onBeforeDetach(message);
  }

  protected override onActivateRequest(): void {
    this.focusSearch();
  }

  private readonly _focusList = (): void => {
    this.node.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus();
  };

  private readonly _screen: IScreen;
  private readonly _search = createRef<HTMLInputElement>();
  private readonly _drop: DraftDrop;
}

function asArgs(value: object): ReadonlyPartialJSONObject {
  return value as ReadonlyPartialJSONObject;
}

function Body({ onSearch }: { onSearch: () => void }): JSX.Element {
  const { model } = useScreen().bench;
  useChanges(model.changed);
  return hasNothing(model) ? <Nothing /> : <SnippetList onSearch={onSearch} />;
}
