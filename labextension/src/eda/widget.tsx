/**
 * The panel of profiles.
 */
import { ReactWidget, type LabIcon } from '@jupyterlab/ui-components';
import type { IStateDB } from '@jupyterlab/statedb';
import type { Message as Signal } from '@lumino/messaging';
import React, { createRef, forwardRef } from 'react';

import { IconButton } from '../base/controls';
import { useChanges } from '../base/hooks';
import { Message } from '../base/nothing';
import { sentence } from '../base/notify';
import { SearchField } from '../base/search';
import { CommandIDs } from './commands';
import { Folds } from './folds';
import { ScreenContext, useScreen, type IScreen } from './hooks';
import { edaIcon } from './icons';
import { pickFrame, pickRun, pickSource } from './picks';
import { Frames, Reports, Sources } from './sections';
import type { IWorkbench } from './workbench';

/** The content of the panel: toolbar, sections, and a line for the state. */
export class EdaPanel extends ReactWidget {
  constructor(bench: IWorkbench, state: IStateDB | null) {
    super();
    this._panel = { bench, folds: new Folds(state) };
    this.addClass('orrery-panel');
    this.addClass('orrery-eda');
    bench.model.changed.connect(this._renew, this);
    bench.frames.changed.connect(this._renew, this);
  }

  override dispose(): void {
    const { frames, model } = this._panel.bench;
    model.changed.disconnect(this._renew, this);
    frames.changed.disconnect(this._renew, this);
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <ScreenContext.Provider value={this._panel}>
        <Toolbar ref={this._search} onDown={this._focusRows} />
        <Body />
        <Footer />
      </ScreenContext.Provider>
    );
  }

  protected override onAfterAttach(message: Signal): void {
    super.onAfterAttach(message);
    this._look();
  }

  protected override onAfterShow(message: Signal): void {
    super.onAfterShow(message);
    this._look();
  }

  protected override onActivateRequest(): void {
    this._search.current?.focus();
    this._search.current?.select();
  }

  /** Ask anew each time that it comes to the front: files come and go without a word. */
  private _look(): void {
    if (this.isVisible) {
      const { frames, model } = this._panel.bench;
      void model.refresh();
      void frames.refresh();
    }
  }

  private _renew(): void {
    const { frames, model, picks } = this._panel.bench;
    picks.renew([
      ...frames.items.map(pickFrame),
      ...model.sources.map(pickSource),
      ...model.runs.map(pickRun)
    ]);
  }

  private readonly _focusRows = (): void => {
    this.node.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus();
  };

  private readonly _panel: IScreen;
  private readonly _search = createRef<HTMLInputElement>();
}

const Toolbar = forwardRef<HTMLInputElement, { onDown: () => void }>(function Toolbar(
  { onDown },
  search
): JSX.Element {
  const { model, trans } = useScreen().bench;
  useChanges(model.changed);
  return (
    <div className="orrery-toolbar" role="toolbar" aria-label={trans.__('Profiles')}>
      <SearchField
        ref={search}
        label={trans.__('Search in dataframes, sources and reports')}
        value={model.words}
        onChange={words => model.search(words)}
        onDown={onDown}
        trans={trans}
      />
      <CommandButton id={CommandIDs.new} />
      <CommandButton id={CommandIDs.compare} />
      <CommandButton id={CommandIDs.refresh} />
    </div>
  );
});

function CommandButton({ id }: { id: string }): JSX.Element {
  const { commands, picks } = useScreen().bench;
  useChanges(picks.changed);
  const enabled = commands.isEnabled(id);
  return (
    <IconButton
      icon={commands.icon(id, {}) as LabIcon}
      label={enabled ? commands.label(id) : commands.caption(id)}
      disabled={!enabled}
      onClick={() => void commands.execute(id)}
    />
  );
}

function Body(): JSX.Element {
  const { model, trans } = useScreen().bench;
  useChanges(model.changed);
  if (model.state === 'failed' && model.runs.length + model.sources.length === 0) {
    return (
      <div className="orrery-eda-body">
        <Frames />
        <Message
          icon={edaIcon}
          title={trans.__('Sources and reports could not be loaded')}
          text={sentence(model.error, trans)}
          action={trans.__('Try again')}
          onAction={() => void model.refresh()}
          alert
        />
      </div>
    );
  }
  return (
    <div className="orrery-eda-body" aria-busy={model.state === 'loading'}>
      <Frames />
      <Sources />
      <Reports />
    </div>
  );
}

function Footer(): JSX.Element {
  const { commands, model, picks, trans } = useScreen().bench;
  useChanges(model.changed);
  useChanges(picks.changed);
  const { runsTotal, active } = model;
  const facts = [
    model.state === 'idle' ? '' : trans._n('%1 report', '%1 reports', runsTotal),
    active.length ? trans.__('%1 under way', active.length) : '',
    picks.all.length > 1 ? trans.__('%1 selected', picks.all.length) : ''
  ];
  return (
    <div className="orrery-eda-footer">
      <span role="status">{facts.filter(Boolean).join(' · ')}</span>
      {commands.isEnabled(CommandIDs.compare) && (
        <button
          type="button"
          className="orrery-link"
          title={commands.caption(CommandIDs.compare)}
          onClick={() => void commands.execute(CommandIDs.compare)}
        >
          {commands.label(CommandIDs.compare)}
        </button>
      )}
      <span className="orrery-grow" />
      {model.state === 'loading' && <span>{trans.__('Loading…')}</span>}
      {model.state === 'failed' && model.runs.length + model.sources.length > 0 && (
        <>
          <span className="orrery-offline" title={sentence(model.error, trans)}>
            {trans.__('Not up to date')}
          </span>
          <button
            type="button"
            className="orrery-link"
            onClick={() => void model.refresh()}
          >
            {trans.__('Try again')}
          </button>
        </>
      )}
    </div>
  );
}
