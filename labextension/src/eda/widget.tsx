/**
 * The panel of profiles.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import type { ITranslator } from '@jupyterlab/translation';
import React from 'react';

import { executeOwn } from '../base/registry';
import { useSignal } from '../base/hooks';
import { usePanel } from '../base/panel/context';
import { EmptyState } from '../base/panel/emptystate';
import { FilterField } from '../base/panel/filterfield';
import type { PanelToolbar } from '../base/panel/toolbar';
import { StatusLine } from '../base/panel/statusline';
import { PanelWidget } from '../base/panel/widget';
import { CommandIDs } from './commands';
import { PartsContext, useParts, type IPanelParts } from './context';
import { edaIcon } from './icons';
import { Frames, Reports, Sources } from './panel/sections';
import { PANEL_ID } from './tokens';

const SHOW_FILES = 'filebrowser:activate';

export interface IEdaPanelOptions {
  translator: ITranslator;
  toolbar: PanelToolbar | null;
  state: IStateDB | null;
}

/** The content of the panel; each time it comes to the front, it asks anew for files and dataframes. */
export function createPanel(
  parts: IPanelParts,
  options: IEdaPanelOptions
): PanelWidget {
  const { frames, model } = parts;
  return new PanelWidget({
    ...options,
    name: PANEL_ID,
    title: options.translator.load('orrery').__('Auto-EDA'),
    body: (
      <PartsContext.Provider value={parts}>
        <Body />
      </PartsContext.Provider>
    ),
    onShow: () => {
      void model.refresh();
      void frames.refresh();
    }
  });
}

function Body(): JSX.Element {
  const { model } = useParts();
  const { trans } = usePanel();
  useSignal(model.runs.changed);
  return (
    <>
      <FilterField
        placeholder={trans.__('Search data')}
        title={trans.__('Search dataframes, sources and reports')}
        value={model.query}
        onChange={query => model.search(query)}
      />
      <Content />
      <Foot />
    </>
  );
}

/** The sections, or what the panel is for while there is nothing to show. */
function Content(): JSX.Element {
  const { commands, frames, model } = useParts();
  const { trans } = usePanel();
  const { runs, sources } = model;
  useSignal(sources.changed);
  useSignal(frames.changed);
  const isEmpty = runs.total + sources.total === 0;
  const isReady = runs.state === 'ready' && sources.state === 'ready';
  if (isEmpty && isReady && !model.query && frames.items.length === 0) {
    return (
      <EmptyState
        icon={edaIcon}
        title={trans.__('Know your data in a minute')}
        text={trans.__(
          'A profile tells what is in a table: every column, what is wrong with it, and what belongs together. Profile a file, a database table, or a dataframe of the open notebook.'
        )}
        steps={[
          {
            label: commands.label(CommandIDs.new),
            run: () => void executeOwn(commands, CommandIDs.new)
          },
          {
            label: trans.__('Browse Files'),
            run: () => void commands.execute(SHOW_FILES)
          }
        ]}
      />
    );
  }
  return (
    <div className="orrery-sections" aria-busy={runs.state === 'loading'}>
      <Frames />
      <Sources />
      <Reports />
    </div>
  );
}

function Foot(): JSX.Element {
  const { commands, model, selection } = useParts();
  const { trans } = usePanel();
  useSignal(model.active.changed);
  useSignal(selection.changed);
  const { runs } = model;
  const { length } = model.active.items;
  return (
    <StatusLine
      model={runs}
      selection={selection}
      facts={[
        runs.state === 'idle' ? '' : trans._n('%1 report', '%1 reports', runs.total),
        length ? trans.__('%1 under way', length) : ''
      ]}
    >
      {commands.isEnabled(CommandIDs.compare) && (
        <button
          type="button"
          className="orrery-link"
          title={commands.caption(CommandIDs.compare)}
          onClick={() => void executeOwn(commands, CommandIDs.compare)}
        >
          {commands.label(CommandIDs.compare)}
        </button>
      )}
    </StatusLine>
  );
}
